#pragma once

// Which cells BoxMask takes and which ones its terms blame, for reports and annotators. The sums
// are select/boxmask.h's; these cells are found by the same arithmetic, one picture at a time.

#include <cstddef>
#include <span>
#include <vector>

#include "select/boxmask.h"
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

/// Cells of the logits, also for Grid::kPixels.
/// @param labels of the picture's valid cells, see cell_labels. The logits have to be finite.
[[nodiscard]] BlamedPicture blamed_cells(const ScoringJob& job,
                                         std::size_t picture,
                                         const std::vector<int>& labels,
                                         const LogitBatch& images,
                                         std::span<const LogitBatch> crops,
                                         const ScoringOptions& options);

}  // namespace labelloom::select
