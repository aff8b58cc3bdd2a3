// Any bytes: a labelling interface comes out, or an Error.

#include <cstdint>

#include "formats/error.h"
#include "formats/label_studio_config.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const labelloom::fuzz::File input({reinterpret_cast<const char*>(data), size});
  try {
    static_cast<void>(labelloom::read_label_config(input.path()));
  } catch (const labelloom::Error&) {
  }
  return 0;
}
