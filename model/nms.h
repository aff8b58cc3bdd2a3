#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "formats/geometry.h"

namespace labelloom::model {

/// A box that may become a detection.
struct Candidate {
  Box box;
  int class_index = 0;
  double score = 0;
  std::size_t cell = 0;  ///< where it comes from; the lower one goes first among equal scores
};

/// Intersection over union; 0 when a box has no area.
[[nodiscard]] double box_iou(const Box& a, const Box& b);

/// Greedy non-maximum suppression: the best candidate is kept and those of its class that overlap
/// it by more than `max_iou` are dropped; so on until `max_count` are kept. The result is in the
/// total order (score descending, cell ascending), whatever the order given.
/// O(n log n + n kept).
[[nodiscard]] std::vector<Candidate> suppress(std::vector<Candidate> candidates,
                                              double max_iou,
                                              std::size_t max_count);

}  // namespace labelloom::model
