#include "augment/colour_pass.h"

#include <algorithm>
#include <cmath>

namespace labelloom::augment {
namespace {

std::uint8_t eight_bits(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::floor(value + 0.5), 0.0, 255.0));
}

void change(const ToneTable& table, std::uint8_t* bgr) {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    bgr[channel] = table.bgr[channel][bgr[channel]];
  }
}

void change(const ColourMatrix& matrix, std::uint8_t* bgr) {
  const std::array<double, 3> rgb{double(bgr[2]), double(bgr[1]), double(bgr[0])};
  for (std::size_t row = 0; row < 3; ++row) {
    const double* m = &matrix.m[row * 4];
    bgr[2 - row] = eight_bits(m[0] * rgb[0] + m[1] * rgb[1] + m[2] * rgb[2] + m[3]);
  }
}

void change(const HsvShift& shift, std::uint8_t* bgr) {
  const double b = bgr[0];
  const double g = bgr[1];
  const double r = bgr[2];
  const double high = std::max({r, g, b});
  const double low = std::min({r, g, b});
  const double chroma = high - low;
  // Hue in sixths of the circle, saturation in [0, 255], value in [0, 255].
  double hue = 0;
  if (chroma > 0) {
    if (high == r) {
      hue = (g - b) / chroma;
    } else if (high == g) {
      hue = 2 + (b - r) / chroma;
    } else {
      hue = 4 + (r - g) / chroma;
    }
  }
  double saturation = high > 0 ? 255 * chroma / high : 0;
  hue += shift.hue / 30;
  hue -= 6 * std::floor(hue / 6);
  // Grey has no hue: more saturation must not make it red.
  if (chroma > 0) saturation = std::clamp(saturation + shift.saturation, 0.0, 255.0);
  const double value = std::clamp(high + shift.value, 0.0, 255.0);
  // Each channel: V - V S max(0, min(k, 4 - k, 1)), k = (n + H) mod 6, n = 5, 3, 1 for r, g, b.
  const auto channel = [&](double n) {
    double k = n + hue;
    if (k >= 6) k -= 6;
    return eight_bits(value -
                      value * (saturation / 255) * std::clamp(std::min(k, 4 - k), 0.0, 1.0));
  };
  bgr[2] = channel(5);
  bgr[1] = channel(3);
  bgr[0] = channel(1);
}

}  // namespace

void apply(const ColourPass& pass, cv::Mat& bgr) {
  for (int row = 0; row < bgr.rows; ++row) {
    for (const ColourStage& stage : pass.stages) {
      auto* pixel = bgr.ptr<std::uint8_t>(row);
      std::visit(
          [&](const auto& one) {
            for (int column = 0; column < bgr.cols; ++column, pixel += 3) change(one, pixel);
          },
          stage);
    }
  }
}

}  // namespace labelloom::augment
