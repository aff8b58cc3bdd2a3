#pragma once

#include <cstdint>
#include <vector>

#include "formats/geometry.h"
#include "model/model_config.h"
#include "model/sample.h"

namespace labelloom::model {

/// A cell that has to know an object: one of the 3x3 cells round the centre cell of its box.
struct BoxCell {
  std::int32_t cell = 0;  ///< row * w + column
  std::int32_t class_index = 0;
  float left = 0;  ///< distances from the cell's centre to the box's sides, cells
  float top = 0;
  float right = 0;
  float bottom = 0;
};

/// Where a key point lies, as a cell of its object or beside it has to know it.
struct OffsetCell {
  std::int32_t cell = 0;  ///< row * w + column
  std::int32_t slot = 0;  ///< in ModelConfig::keypoints
  float x = 0;            ///< from the cell's centre, cells
  float y = 0;
};

/// What the dense outputs of one picture are compared with; h = H/4, w = W/4, all row-major.
struct Targets {
  Size input;  ///< W, H
  Size cells;  ///< w, h

  bool has_boxes = false;
  /// [h,w] 1 in the centre cells of objects, falling off round them.
  std::vector<float> center;
  /// [h,w] 0 where nothing may be learnt of `center`, else 1.
  std::vector<std::uint8_t> center_known;
  std::vector<BoxCell> boxes;  ///< at most one a cell

  bool has_keypoints = false;
  std::vector<float> keypoints;  ///< [P,h,w] 1 in the cells of key points, falling off round them
  std::vector<std::uint8_t> keypoints_known;  ///< [P,h,w]
  std::vector<OffsetCell> offsets;            ///< at most one a cell and slot

  bool has_segmentation = false;
  std::vector<std::uint8_t> labels;  ///< [H,W] class or kIgnoredLabel
};

/// Targets after Zhou et al., "Objects as points" (2019): heat maps are Gaussians, of deviation
/// max(0.6, min(box width, height) / 6) cells for centres and 1 cell for key points, the larger
/// value where they overlap. A centre's lies about the middle of its cell, a key point's about the
/// point itself, so that the neighbours tell where in its cell it lies (Zhang et al.,
/// "Distribution-aware coordinate representation for human pose estimation", 2020). The 3x3 cells
/// round an object's centre whose own centre lies inside its box know its class, box and key
/// points; where objects share a cell, the smallest has it. The 3x3 cells round a key point know
/// the way to it, too, unless they are own cells of an object with that slot (short-range offsets,
/// Papandreou et al., "PersonLab", 2018): it is short, and learnt soon and precisely. Nothing is
/// learnt of centres and key points inside the boxes of ignored objects (other objects' own cells
/// excepted), nor of key points in the box of an object that has none labelled. Boxes are cut off
/// at the frame; what lies outside it is left out. Outputs that `config` has no head for, or that
/// the sample has no labels for, are empty and have `has_...` false.
/// @throws Error(kInvalidData) naming the picture: a class or a label that `config` does not have,
/// another number of key points than slots, a size that is no multiple of ModelConfig::kStride,
/// labels of another size than the picture.
[[nodiscard]] Targets make_targets(const Sample& sample, const ModelConfig& config);

}  // namespace labelloom::model
