#pragma once

#include <span>

#include "formats/geometry.h"

namespace labelloom::model {

/// A heat map of one key point slot, [height, width], and the pixels of a cell's sides.
struct HeatMap {
  std::span<const float> values;
  int height = 0;
  int width = 0;
  double cell_width = 0;
  double cell_height = 0;
  bool is_probability = false;
};

struct FoundKeypoint {
  Point2d point;  ///< pixels of the input
  double score = 0;
};

/// A key point that the object's centre expects at `expected` (pixels), made precise by the heat
/// map. Peaks count whose cell's centre lies in the box (grown by a cell) and within a radius of
/// `expected`: kSnapCells cells or kSnapShare of the box's longer side, whichever is more. The best
/// has the largest p * exp(-2 d^2 / r^2), so that a neighbour's peak of equal height does not win.
/// The key point is the point of that peak's cell that is nearest to `expected`: as the cell holds
/// the key point, this only ever comes nearer to it, and keeps the offset's sub-cell precision
/// where both agree. The score is the peak's; without a peak it is the heat at `expected`.
[[nodiscard]] FoundKeypoint find_keypoint(const HeatMap& heat, Point2d expected, const Box& box);

inline constexpr double kSnapCells = 1.5;
inline constexpr double kSnapShare = 0.1;

}  // namespace labelloom::model
