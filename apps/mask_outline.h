#pragma once

#include <vector>

#include "formats/geometry.h"
#include "formats/mask_trace.h"

namespace labelloom::apps {

/// The loop with fewer points, none further than `tolerance` from where it was (Douglas-Peucker);
/// as it is when less than a triangle would be left.
[[nodiscard]] std::vector<Point2d> simplify(const std::vector<Point2d>& loop, double tolerance);

}  // namespace labelloom::apps
