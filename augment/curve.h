#pragma once

#include <opencv2/core.hpp>

#include "augment/effect.h"

namespace labelloom::augment {

/// out = alpha in + beta.
[[nodiscard]] Curve line(double alpha, double beta);

/// The same curve for every channel, as an effect that fuses.
[[nodiscard]] Tone tone(const Curve& curve);

/// The same for a filter that knew its curve only when it saw the picture. Changes 8-bit pixels of
/// any number of channels in place;
/// values are rounded to the nearest and clamped.
void apply_curve(const Curve& curve, cv::Mat& pixels);

}  // namespace labelloom::augment
