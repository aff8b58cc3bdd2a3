#include "augment/curve.h"

#include <algorithm>
#include <cmath>

namespace labelloom::augment {

Curve line(double alpha, double beta) {
  return [alpha, beta](double value) { return alpha * value + beta; };
}

Tone tone(const Curve& curve) { return {{curve, curve, curve}}; }

void apply_curve(const Curve& curve, cv::Mat& pixels) {
  cv::Mat table(1, 256, CV_8U);
  for (int level = 0; level < 256; ++level) {
    const double value = std::clamp(std::floor(curve(level) + 0.5), 0.0, 255.0);
    table.at<std::uint8_t>(level) = static_cast<std::uint8_t>(value);
  }
  cv::LUT(pixels, table, pixels);
}

}  // namespace labelloom::augment
