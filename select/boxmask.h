#pragma once

// BoxMask (Eq. 1-3, Algorithm 1 of the paper): how far an image's detections and its segmentation
// disagree. Each implementation takes a ScoringJob and logits and gives the same ImageComponents,
// to the last bit: sums are integers, so that threads, batches, shards and devices do not matter.
//
// What becomes of them (select/boxmask_combine.h): `terms_of(image)` makes doubles of one image's
// components, `combine` the scores of a whole pool. A row of a score table is best made of
// ImageComponents and its boxes; the union mask is for reports only.
//
// Coordinates are pixels of the network's input and cells of its logits: cell (column c, row r)
// covers [c s, (c + 1) s) x [r s, (r + 1) s), s the stride. C: classes of the segmentation.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/geometry.h"
#include "select/boxmask_options.h"

namespace labelloom::select {

/// A rectangle of cells.
struct Cells {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  [[nodiscard]] int right() const { return x + width; }
  [[nodiscard]] int bottom() const { return y + height; }
  [[nodiscard]] bool empty() const { return width <= 0 || height <= 0; }
  friend bool operator==(const Cells&, const Cells&) = default;
};

/// Logits of `count` pictures or crops, [count, classes, height, width] with any strides (in
/// floats); borrowed.
struct LogitBatch {
  const float* data = nullptr;
  int count = 0;
  int classes = 0;
  int height = 0;
  int width = 0;
  std::ptrdiff_t image_stride = 0;
  std::ptrdiff_t class_stride = 0;
  std::ptrdiff_t row_stride = 0;
  std::ptrdiff_t column_stride = 1;
};

/// A detection to be scored.
struct BoxJob {
  int image = 0;              ///< which of the batch
  Box box;                    ///< in input pixels; may leave the image
  int seg_class = -1;         ///< the detection's class among the C of the segmentation; -1: none
  std::vector<float> target;  ///< [C] q of Eq. 2, see select/class_target.h; sum 1, all above 0
  int crop_batch = 0;         ///< the crop's logits are picture `crop` of this batch,
  int crop = 0;               ///< its top left corner; what else is there is padding
  Cells window;               ///< the crop's place in the grid of its image's logits
  std::vector<Point2d> keypoints;  ///< confident ones, in input pixels
};

/// What of a picture counts.
struct ImageJob {
  Cells valid;  ///< cells that are picture and not padding
  /// [rows, columns of the logits] other than 0: not in Eq. 3. Empty: every valid cell is.
  std::vector<std::uint8_t> ignored;
};

/// All there is to score a batch but its logits.
struct ScoringJob {
  int stride = 4;                        ///< input pixels a cell
  int seg_classes = 0;                   ///< C
  std::vector<std::uint8_t> detectable;  ///< [C] other than 0: boxes can have this class
  std::vector<ImageJob> images;
  std::vector<BoxJob> boxes;  ///< in any order of images
};

/// Sums are whole numbers of 1 / kFixedOne: what is added is rounded first (to 6e-8).
inline constexpr std::int64_t kFixedOne = std::int64_t{1} << 24;
/// A logit counts as if it were no further than this below the greatest of its cell; so a cell adds
/// at most (kLogitRange - ln epsilon) / 2 to S_cls, even if logits are minus infinity.
inline constexpr float kLogitRange = 200;

enum class BoxState : std::uint8_t {
  kMasked,     ///< sums run over the BoxMask
  kEmptyMask,  ///< the BoxMask is empty; sums run over the whole box
  kUnmapped,   ///< the segmentation has no such class: nothing is summed
  kOutside,    ///< the box does not meet the image: nothing is summed
};

/// What is known of a box; the doubles are made by terms_of.
struct BoxComponents {
  BoxState state = BoxState::kMasked;
  std::uint32_t domain_cells = 0;       ///< that the BoxMask could have: the box's or the window's
  std::uint32_t box_cells = 0;          ///< of these: the box's
  std::uint32_t mask_cells = 0;         ///< |BM|
  std::uint32_t mislabelled_cells = 0;  ///< of the summed ones: their label is not the box's class
  std::int64_t symmetric = 0;           ///< sum of [KL(p||q) + KL(q||p)] / 2, nats / kFixedOne
  std::int64_t pixels_from_box = 0;     ///< sum of KL(p||q), nats / kFixedOne
  std::int64_t jensen_shannon = 0;      ///< sum of JS(p, q) / ln 2, 1 / kFixedOne; if wanted
  std::uint32_t keypoints = 0;
  std::uint32_t keypoints_outside = 0;  ///< of the BoxMask and the cells around it

  /// How many cells the sums run over.
  [[nodiscard]] std::uint32_t summed_cells() const {
    if (state == BoxState::kMasked) return mask_cells;
    return state == BoxState::kEmptyMask ? box_cells : 0;
  }
  friend bool operator==(const BoxComponents&, const BoxComponents&) = default;
};

/// What is known of an image.
struct ImageComponents {
  /// Whether all logits that count are numbers. If not, everything below but the number of boxes is
  /// zero, and the image's score is minus infinity.
  bool finite = true;
  bool has_jensen_shannon = true;
  std::uint32_t outside_cells = 0;     ///< |BM'|: valid, not ignored, in no BoxMask
  std::uint32_t detectable_cells = 0;  ///< of these: their label is a class boxes can have
  std::int64_t detectable_mass = 0;    ///< sum over these: probability of such classes / kFixedOne
  std::vector<BoxComponents> boxes;    ///< in the job's order
  /// Union of the BoxMasks, if wanted: a bit a cell, rows one after the other, the first cell in
  /// the lowest bit of the first word.
  std::vector<std::uint32_t> union_mask;
  friend bool operator==(const ImageComponents&, const ImageComponents&) = default;
};

}  // namespace labelloom::select
