#pragma once

// Internal: how far detections and truth of a cell overlap.

#include <cstdint>
#include <span>
#include <vector>

#include "evaluate/cells.h"
#include "evaluate/coco_evaluation.h"

namespace labelloom::evaluate {

/// A truth that a detection overlaps far enough for the lowest threshold.
struct Candidate {
  std::uint32_t truth = 0;  ///< place in Cell::truths
  double overlap = 0;
};

/// The candidates of every detection of a cell, in the truths' order.
struct Overlaps {
  std::vector<std::uint32_t> starts;  ///< [detections + 1]
  std::vector<Candidate> candidates;

  [[nodiscard]] std::span<const Candidate> operator[](std::size_t detection) const {
    return std::span(candidates)
        .subspan(starts[detection], starts[detection + 1] - starts[detection]);
  }
};

class OverlapMeasure {
 public:
  /// Everything is borrowed. @throws Error(kArgument) for sigmas that make no sense.
  OverlapMeasure(const Dataset& truth,
                 std::span<const Detection> detections,
                 const CocoOptions& options,
                 const std::vector<std::uint32_t>& categories);

  [[nodiscard]] Overlaps measure(const Cell& cell) const;

 private:
  template <typename Overlap>
  [[nodiscard]] Overlaps collect(const Cell& cell, const Overlap& overlap) const;
  [[nodiscard]] Overlaps boxes(const Cell& cell) const;
  [[nodiscard]] Overlaps masks(const Cell& cell) const;
  [[nodiscard]] Overlaps keypoints(const Cell& cell) const;
  [[nodiscard]] double similarity(const Cell& cell,
                                  const Instance& instance,
                                  std::uint32_t detection) const;

  const Dataset* truth_;
  std::span<const Detection> detections_;
  const CocoOptions* options_;
  double lowest_;                               // threshold
  double shift_;                                // of key points, against those in the file
  std::vector<std::vector<double>> variances_;  // (2 sigma)^2, by category
};

/// The largest overlap a threshold asks for: one that is 1 up to rounding must do for it.
[[nodiscard]] double needed_overlap(double threshold);

}  // namespace labelloom::evaluate
