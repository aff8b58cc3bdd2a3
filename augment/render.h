#pragma once

#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/donors.h"
#include "augment/mask_window.h"
#include "augment/pixel_plan.h"

namespace labelloom::augment {

/// A picture on its way through a plan, and the masks that go with it.
struct Canvas {
  cv::Mat pixels;  ///< 8-bit BGR
  /// Their frames have the size of `pixels`; moved, never recoloured: one for every instance of
  /// Labels::instances that came with a mask, in that order.
  std::vector<MaskWindow> masks;
};

/// Does to the canvas what the plan says. The source is not changed (its memory may be shared).
/// `donors` may be null when no step mixes images.
/// @throws Error(kArgument) if the picture has not the plan's size; Error of the donors.
[[nodiscard]] Canvas render(const PixelPlan& plan, const Canvas& source, const Donors* donors);

/// The same for some of a plan's steps.
[[nodiscard]] Canvas render(std::span<const PixelStep> steps,
                            const Canvas& source,
                            const Donors* donors);

/// @throws Error(kArgument) if the picture has not the plan's size.
void check_size(const PixelPlan& plan, const Canvas& source);

}  // namespace labelloom::augment
