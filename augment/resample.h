#pragma once

#include <opencv2/core.hpp>

#include "augment/mask_window.h"
#include "augment/pixel_plan.h"

namespace labelloom::augment {

/// One resampling of 8-bit BGR pixels. Exact moves copy; everything else is interpolated.
[[nodiscard]] cv::Mat resample(const cv::Mat& bgr, const Resample& step);

/// The same for a mask (8-bit, one channel): nearest pixel, and nothing outside.
[[nodiscard]] MaskWindow resample_mask(const MaskWindow& mask, const Resample& step);
[[nodiscard]] cv::Mat resample_mask(const cv::Mat& mask, const Resample& step);

}  // namespace labelloom::augment
