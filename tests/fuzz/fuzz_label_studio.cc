// Any bytes: a data set whose every region is accounted for comes out, or an Error.

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "formats/label_studio.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labelloom;  // NOLINT(google-build-using-namespace): a fuzz target
  if (size == 0) return 0;
  const fuzz::File input({reinterpret_cast<const char*>(data) + 1, size - 1});
  Report report;
  try {
    const LabelStudioExport got = read_label_studio(
        input.path(),
        {.annotator = (data[0] & 2U) != 0 ? "all" : "latest", .skip_bad = (data[0] & 1U) != 0},
        report);
    std::uint64_t in = 0;
    for (const auto& [kind, count] : got.summary.regions) in += count;
    std::uint64_t out = got.summary.instances + got.summary.keypoints;
    for (const auto& [reason, count] : got.summary.left_out) out += count;
    if (in != out) std::abort();
    for (const Instance& instance : got.dataset.instances) {
      if (!std::isfinite(instance.area) || instance.bbox.width < 0) std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
