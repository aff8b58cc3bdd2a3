#pragma once

// What every implementation does before it looks at a logit: checks the job, finds the cells of
// every box and the logarithms of its classes.

#include <cstdint>
#include <span>
#include <vector>

#include "select/boxmask.h"

namespace labelloom::select {

/// The shape of logits, whatever holds them.
struct LogitShape {
  int count = 0;
  int classes = 0;
  int height = 0;
  int width = 0;
};

/// The unit of everything here is a step of the grid that sums run over: a cell of the logits or,
/// for Grid::kPixels, a pixel.
struct PreparedBox {
  int image = 0;
  BoxState state = BoxState::kMasked;  ///< or why nothing is summed
  Cells domain;                        ///< in the image's grid; not empty unless nothing is summed
  Cells own;                           ///< of the domain: the box itself; not empty either
  Cells window;                        ///< where the crop stands in the image's grid
  Cells crop_cells;                    ///< of the crop's logits: what is not padding
  int seg_class = -1;
  int crop_batch = 0;
  int crop = 0;
  std::vector<Cells> near_keypoints;  ///< of each: the cells around it, cut by `domain`
};

struct PreparedJob {
  int classes = 0;
  int scale = 1;  ///< steps a cell of the logits
  int rows = 0;   ///< of an image's grid
  int columns = 0;
  std::vector<Cells> valid;                ///< [images]
  std::vector<Cells> valid_cells;          ///< [images] in cells of the logits
  std::vector<PreparedBox> boxes;          ///< in the job's order
  std::vector<std::vector<int>> boxes_of;  ///< [images] indices of boxes
  /// [boxes, classes] each
  std::vector<float> q;
  std::vector<float> log_q;
  std::vector<float> q_log_q;

  /// Whether that step of an image's grid is left out of Eq. 3.
  [[nodiscard]] bool ignored(const ImageJob& image, int row, int column) const {
    if (image.ignored.empty()) return false;
    const int cells = columns / scale;
    return image.ignored[static_cast<std::size_t>(row / scale) * static_cast<std::size_t>(cells) +
                         static_cast<std::size_t>(column / scale)] != 0;
  }
};

/// @throws Error(kInvalidData) saying which image or box does not fit the logits: class counts, an
/// index, a window that leaves its crop's logits or does not hold its box, a target that is no
/// distribution.
[[nodiscard]] PreparedJob prepare(const ScoringJob& job,
                                  const ScoringOptions& options,
                                  const LogitShape& images,
                                  std::span<const LogitShape> crops);

/// The components of every image before anything is summed.
[[nodiscard]] std::vector<ImageComponents> empty_components(const PreparedJob& job,
                                                            const ScoringOptions& options);

/// What an image with a logit that is not a number gets.
void mark_not_finite(ImageComponents& image);

[[nodiscard]] LogitShape shape_of(const LogitBatch& logits);

}  // namespace labelloom::select
