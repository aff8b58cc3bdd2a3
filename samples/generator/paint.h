#pragma once

#include <cstdint>

#include <opencv2/core.hpp>

#include "samples/generator/scene.h"

namespace labelloom::samples {

/// The photograph of a scene: 8-bit BGR of the scene's size. The same seed gives the same pixels.
[[nodiscard]] cv::Mat paint(const Scene& scene, std::uint64_t seed);

}  // namespace labelloom::samples
