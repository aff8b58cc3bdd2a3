#pragma once

// Convolutions whose results are the same on every machine. Borders are mirrored (reflect_101).

#include <array>
#include <span>

#include "augment/options.h"
#include "augment/random.h"

namespace cv {
class Mat;
}

namespace labelloom::augment {

/// Side of a blur's square window. Albumentations reads a single number as (3, number).
inline const FieldSpec kBlurLimitSpec{
    .doc = "side of the window in pixels, an odd number from 3 on",
    .low = 0,
    .high = 255,
    .scalar = Scalar::kFrom,
    .from = 3,
    .aliases = {"blur_range"}};

/// An odd number of the range, all equally likely; even ends are raised by one, the least is 3.
[[nodiscard]] int draw_odd(const IntRange& range, Random& random);

/// Whole pixels: what a point's light is spread to.
struct PixelOffset {
  int x = 0;
  int y = 0;
  friend auto operator<=>(const PixelOffset&, const PixelOffset&) = default;
};

/// Spreads every pixel evenly over the offsets, of which there are 1 to 257.
void spread(cv::Mat& bgr, std::span<const PixelOffset> offsets);

/// out(x, y) = sum of kernel[3 (j + 1) + i + 1] in(x + i, y + j) for i, j in -1, 0, 1. Weights are
/// rounded to 1 / 4096 so that sums are exact; the sum of all weights is kept.
void correlate(cv::Mat& bgr, const std::array<double, 9>& kernel);

/// The mean over a disc of that radius, in 1 / 256 of a level (16 bits).
[[nodiscard]] cv::Mat disc_mean(const cv::Mat& bgr, int radius);

}  // namespace labelloom::augment
