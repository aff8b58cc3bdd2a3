#pragma once

#include <opencv2/core.hpp>

#include "formats/rle.h"

namespace labelloom::augment {

/// A mask as pixels, 0 or 255, and back (anything but 0 is foreground).
[[nodiscard]] cv::Mat mask_pixels(const Rle& mask);
[[nodiscard]] Rle mask_runs(const cv::Mat& pixels);

}  // namespace labelloom::augment
