#include "apps/compute_lanes.h"

#include <algorithm>
#include <cstdint>

#include <ATen/Parallel.h>

namespace labelloom::apps {
namespace {

constexpr std::int64_t kPixelsOnCpu = 1 << 15;

}  // namespace

unsigned lane_count(const model::Predictor& predictor) {
  if (!predictor.device().is_cpu() || !predictor.runs_in_threads()) return 1;
  return static_cast<unsigned>(std::max(1, at::get_num_threads()));
}

void enter_lane(unsigned lanes) {
  thread_local bool entered = false;
  if (entered) return;
  entered = true;
  static_cast<void>(
      at::get_num_threads());  // a thread asks for LibTorch's number when it first needs it
  if (lanes > 1) at::set_num_threads(1);  // of this thread's loops
}

std::size_t pictures_at_once(const model::Predictor& predictor, Size input, std::size_t at_most) {
  if (!predictor.device().is_cpu()) return std::max<std::size_t>(1, at_most);
  const std::int64_t pixels = std::int64_t{input.width} * input.height;
  return static_cast<std::size_t>(
      std::max<std::int64_t>(1, kPixelsOnCpu / std::max<std::int64_t>(1, pixels)));
}

}  // namespace labelloom::apps
