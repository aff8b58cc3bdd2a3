#pragma once

#include <cstddef>
#include <span>

#include "augment/pixel_plan.h"

namespace labelloom::augment {

/// Steps that are done together, a row at a time (see PictureRows).
struct RowSteps {
  const Resample* resample = nullptr;
  const ColourPass* colours = nullptr;
  std::size_t count = 0;
};

/// Those that `steps` begins with; none when the first has to see the whole picture.
[[nodiscard]] RowSteps leading_row_steps(std::span<const PixelStep> steps);

/// Those that `steps` ends with.
[[nodiscard]] RowSteps trailing_row_steps(std::span<const PixelStep> steps);

}  // namespace labelloom::augment
