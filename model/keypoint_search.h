#pragma once

#include <span>
#include <vector>

#include "formats/geometry.h"

namespace labelloom::model {

/// A heat map of one key point slot, [height, width], and the pixels of a cell's sides.
struct HeatMap {
  std::span<const float> values;
  std::span<const float>
      offset_x;  ///< [height, width] from a cell's middle to the key point, cells
  std::span<const float> offset_y;
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

/// A key point slot of an object, and where the object's centre expects it (pixels).
struct ExpectedKeypoint {
  HeatMap heat;
  Point2d point;
};

/// An object's key points, one a slot, made precise by the heat maps. Peaks of at least kLowestPeak
/// count whose cell's centre lies in the box, grown by a cell. A peak weighs p^2 / (1 + (d /
/// near)^2), d its distance from where it is expected and near = kNearCells cells or kNearShare of
/// the box's diagonal, whichever is more: a neighbour's peak of equal height does not win, nor does
/// a faint one close by. The tail is long because heat maps, which show what is there, are learnt
/// long before offsets, which must know how an object lies. The slot with the heaviest peak chooses
/// first; the peaks of other slots in that cell and the eight around it then weigh kTakenShare: two
/// ends that look alike are not both taken for the same one.
/// A key point is where its peak's own cell says, kReach cells away along an axis at most. The
/// score is the peak's; without a peak it is the heat at the expected point.
[[nodiscard]] std::vector<FoundKeypoint> find_keypoints(std::span<const ExpectedKeypoint> slots,
                                                        const Box& box);

inline constexpr double kLowestPeak = 0.1;
inline constexpr double kNearCells = 1;
inline constexpr double kNearShare = 0.1;
inline constexpr double kTakenShare = 0.25;
inline constexpr double kReach = 1;

}  // namespace labelloom::model
