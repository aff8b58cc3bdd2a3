#pragma once

// Which cells BoxMask takes and which ones its terms blame, for reports and annotators. The sums
// are select/boxmask.h's; these cells are found by the same arithmetic, one picture at a time.

#include <cstddef>
#include <span>
#include <vector>

#include "select/boxmask.h"
#include "select/boxmask_job.h"
#include "select/score_row.h"

namespace labelloom::select {

/// Of one box, on the grid of its picture's valid cells.
struct BlamedBox {
  CellRuns mask;         ///< the BoxMask
  CellRuns mislabelled;  ///< see PredictedBox
  /// Of the summed cells, as few as make half of S_cls's sum, the greatest first.
  CellRuns divergent;
};

struct BlamedPicture {
  CellRuns detectable_outside;   ///< see PredictedSegmentation
  std::vector<BlamedBox> boxes;  ///< of the picture, in the job's order
};

/// Finds them for the pictures of a job. Threads may share one. All that is given is borrowed.
class BlamedCells {
 public:
  /// Cells are those of the logits, also for Grid::kPixels.
  /// @throws Error(kInvalidData) when the job does not fit the logits.
  BlamedCells(const ScoringJob& job,
              const LogitBatch& images,
              std::span<const LogitBatch> crops,
              const ScoringOptions& options);

  /// @param labels of the picture's valid cells, see cell_labels. The logits have to be finite.
  [[nodiscard]] BlamedPicture of_picture(std::size_t picture, const std::vector<int>& labels) const;

 private:
  const ScoringJob& job_;
  const LogitBatch& images_;
  std::span<const LogitBatch> crops_;
  float tau_;
  PreparedJob prepared_;
};

}  // namespace labelloom::select
