// Any bytes: a data set comes out, or an Error; what comes out can be written and read again.

#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "formats/coco.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labelloom;  // NOLINT(google-build-using-namespace): a fuzz target
  if (size == 0) return 0;
  const fuzz::File input({reinterpret_cast<const char*>(data) + 1, size - 1});
  Report report;
  try {
    const Dataset dataset = read_coco(input.path(), {.skip_bad = (data[0] & 1U) != 0}, report);
    const std::filesystem::path output = fuzz::scratch_file();
    write_coco(dataset, output);
    Report again;
    const Dataset back = read_coco(output, {}, again);
    if (back.instances.size() != dataset.instances.size()) std::abort();
    if (back.images != dataset.images || back.categories != dataset.categories) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
