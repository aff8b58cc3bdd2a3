// Any bytes: what kind of model file they are, or an Error. Nothing in them is run.

#include <cstdint>
#include <string_view>

#include "formats/error.h"
#include "model/model_file.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const labelloom::fuzz::File input({reinterpret_cast<const char*>(data), size});
  try {
    static_cast<void>(labelloom::model::identify_model_file(input.path()));
  } catch (const labelloom::Error&) {  // anything else is a finding
  }
  return 0;
}
