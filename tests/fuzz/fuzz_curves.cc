// Any text: curves whose rows are as long as the head come out, or an Error.

#include <cstdint>
#include <cstdlib>

#include "formats/error.h"
#include "model/curves.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const labelloom::model::Curves curves =
        labelloom::model::parse_curves({reinterpret_cast<const char*>(data), size}, "curves.csv");
    for (const auto& row : curves.rows) {
      if (row.size() != curves.columns.size()) std::abort();
    }
  } catch (const labelloom::Error&) {  // anything else is a finding
  }
  return 0;
}
