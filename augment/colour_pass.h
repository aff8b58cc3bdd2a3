#pragma once

#include <opencv2/core.hpp>

#include "augment/pixel_plan.h"

namespace labelloom::augment {

/// Changes 8-bit BGR pixels in place, stage after stage. Results are the same on every machine.
void apply(const ColourPass& pass, cv::Mat& bgr);

}  // namespace labelloom::augment
