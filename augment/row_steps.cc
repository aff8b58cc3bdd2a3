#include "augment/row_steps.h"

#include "augment/row_sampler.h"

namespace labelloom::augment {

RowSteps leading_row_steps(std::span<const PixelStep> steps) {
  RowSteps found;
  if (steps.empty()) return found;
  const auto* resample = std::get_if<Resample>(&steps[0]);
  if (resample != nullptr && RowSampler::can_do(*resample)) {
    found.resample = resample;
    found.count = 1;
  }
  if (found.count < steps.size()) {
    found.colours = std::get_if<ColourPass>(&steps[found.count]);
    if (found.colours != nullptr) ++found.count;
  }
  return found;
}

RowSteps trailing_row_steps(std::span<const PixelStep> steps) {
  for (std::size_t count = std::min<std::size_t>(2, steps.size()); count > 0; --count) {
    const RowSteps found = leading_row_steps(steps.last(count));
    if (found.count == count) return found;
  }
  return {};
}

}  // namespace labelloom::augment
