#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "apps/model_setup.h"
#include "formats/dataset.h"

namespace labelloom::apps {

/// Paints instances into a map of classes: large ones first, so that what lies on top is seen, and
/// crowds last. An instance of a class that is segmented but without shape makes its box unknown,
/// as does a crowd its region.
/// @param labels 8-bit, [height, width]; what it holds already stays where nothing is painted
void paint_shapes(std::span<const Instance* const> instances,
                  const ClassTable& classes,
                  std::span<const int> seg_of_class,
                  cv::Mat& labels);

}  // namespace labelloom::apps
