#pragma once

#include <opencv2/core.hpp>

#include "formats/geometry.h"
#include "formats/rle.h"

namespace labelloom::augment {

/// A mask on its way through a plan. Most objects are small: only the part of the frame in which
/// they lie is kept.
struct MaskWindow {
  Size frame;
  cv::Rect rect;   ///< in the frame; empty when nothing is left
  cv::Mat pixels;  ///< [rect], 8 bits: 0 is background, which is all that lies outside
};

[[nodiscard]] MaskWindow mask_window(const Rle& mask);  ///< foreground is 255
[[nodiscard]] MaskWindow mask_window(const cv::Mat& whole);
/// All of the frame.
[[nodiscard]] cv::Mat whole_mask(const MaskWindow& mask);
[[nodiscard]] Rle mask_runs(const MaskWindow& mask);

/// The window made as small as what it shows.
[[nodiscard]] MaskWindow tightened(const MaskWindow& mask);

}  // namespace labelloom::augment
