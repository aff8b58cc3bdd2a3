#pragma once

// What a segmentation says about its own certainty: sums over the cells of one picture, in double
// precision and row by row, so that nothing but the logits changes them.

#include <cstddef>
#include <vector>

#include "select/boxmask.h"

namespace labelloom::select {

/// The logits of one picture and the cells that are picture and not padding.
struct PictureLogits {
  const LogitBatch* batch = nullptr;
  int index = 0;  ///< in the batch
  Cells valid = {};

  /// Of class k in that cell.
  [[nodiscard]] float operator()(int k, int row, int column) const {
    return batch->data[index * batch->image_stride + k * batch->class_stride +
                       row * batch->row_stride + column * batch->column_stride];
  }
};

/// Means over the cells; p_1 and p_2 are a cell's two greatest probabilities.
struct CellStatistics {
  bool finite = true;           ///< if not, the means are NaN and the profile is empty
  double entropy = 0;           ///< of p, nats
  double margin = 0;            ///< 1 - (p_1 - p_2)
  double least_confidence = 0;  ///< 1 - p_1
  /// [C * C] row c: mean of p over the cells labelled c, weighted with their entropies; zeros where
  /// no cell is (CDAL: Agarwal et al., Contextual Diversity for Active Learning, 2020). Empty if it
  /// was not asked for.
  std::vector<float> profile;
};

[[nodiscard]] CellStatistics cell_statistics(const PictureLogits& logits, bool with_profile);

/// The likeliest class of every valid cell, row by row; the lower one of equals.
[[nodiscard]] std::vector<int> cell_labels(const PictureLogits& logits);

}  // namespace labelloom::select
