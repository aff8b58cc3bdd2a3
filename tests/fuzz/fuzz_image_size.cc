// Any bytes: an image's size comes out, within limits, or an Error.

#include <cstdint>
#include <cstdlib>

#include "formats/error.h"
#include "formats/image_folder.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const labelloom::fuzz::File input({reinterpret_cast<const char*>(data), size});
  try {
    const labelloom::Size image = labelloom::read_image_size(input.path());
    if (image.width < 1 || image.height < 1) std::abort();
  } catch (const labelloom::Error&) {
  }
  return 0;
}
