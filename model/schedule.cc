#include "model/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace labelloom::model {

double Schedule::at(std::size_t step) const {
  if (step < warmup_steps) {
    return peak * static_cast<double>(step + 1) / static_cast<double>(warmup_steps + 1);
  }
  const std::size_t cosine_steps = total_steps > warmup_steps ? total_steps - warmup_steps : 1;
  const double share =
      std::min(1.0, static_cast<double>(step - warmup_steps) / static_cast<double>(cosine_steps));
  const double low = peak * last_share;
  return low + (peak - low) * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

std::size_t default_warmup(std::size_t total_steps) {
  constexpr std::size_t kFewest = 10;
  constexpr std::size_t kMost = 500;
  return std::min(std::clamp(total_steps * 3 / 100, kFewest, kMost), total_steps / 2);
}

}  // namespace labelloom::model
