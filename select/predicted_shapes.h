#pragma once

// Predictions on the grid of the logits as shapes of the picture.

#include <optional>
#include <vector>

#include "formats/geometry.h"
#include "formats/rle.h"
#include "select/score_row.h"

namespace labelloom::select {

/// The outline of the largest part of a box's mask, in pixels of the picture, holes left out and
/// steps of cells smoothed by up to three quarters of a cell. Nothing without a mask, or if no
/// simple polygon comes of it.
[[nodiscard]] std::optional<std::vector<Point2d>> mask_polygon(const CellRuns& mask,
                                                               const Grid2d& grid,
                                                               Size size);

/// The pixels of the picture whose centre lies in a cell with that label, row by row.
[[nodiscard]] std::vector<RowRun> label_pixels(const PredictedSegmentation& segmentation,
                                               int label,
                                               Size size);

/// Classes of the segmentation that boxes do not have, and that are not called background.
[[nodiscard]] std::vector<int> stuff_classes(const ScoreHeader& header);

}  // namespace labelloom::select
