#pragma once

#include <array>
#include <span>
#include <variant>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/colour_kernels.h"
#include "augment/pixel_plan.h"

namespace labelloom::augment {

/// A colour pass, made ready for rows of words (see sample_kernels.h): stage after stage, each
/// rounded to 8 bits. Computed in whole numbers and floats without fused operations: the same on
/// every machine, and within rounding of exact arithmetic (HSV shifts: of what errs by less than a
/// twentieth of a level).
class ColourRows {
 public:
  explicit ColourRows(const ColourPass& pass);
  void apply(std::span<std::uint32_t> words) const;

 private:
  using Matrix = std::array<float, 12>;
  struct Shift {
    double hue = 0;  // in the units of shift_hsv
    double saturation = 0;
    double value = 0;
  };
  std::vector<std::variant<LevelTables, Matrix, Shift>> stages_;
};

/// Changes 8-bit BGR pixels in place.
void apply(const ColourPass& pass, cv::Mat& bgr);

}  // namespace labelloom::augment
