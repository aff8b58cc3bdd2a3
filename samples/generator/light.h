#pragma once

#include <opencv2/core.hpp>

#include "samples/generator/scene.h"

namespace labelloom::samples {

/// What the camera sees, point by point, before light falls on it. All of one size; colours are
/// linear RGB; heights are pixels of these images.
struct Surfaces {
  cv::Mat1f height;
  cv::Mat3f colour;
  cv::Mat1f roughness;
  cv::Mat1f metal;
  cv::Mat1i owner;  ///< index of the part, -1 for the ground
};

/// Linear RGB of the lit scene: a large soft box, a strip light and the room around them, with soft
/// shadows and contact shadows taken from the height image.
[[nodiscard]] cv::Mat3f light(const Surfaces& surfaces, const Scene& scene);

}  // namespace labelloom::samples
