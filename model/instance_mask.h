#pragma once

#include <span>
#include <vector>

#include "formats/png_values.h"
#include "formats/rle.h"
#include "model/detection.h"
#include "model/model_config.h"
#include "model/sample.h"

namespace labelloom::model {

/// A box of input coordinates in those of the original picture, clipped to it.
[[nodiscard]] Box to_original(const Box& box, const Placement& placement);

/// A key point of input coordinates in those of the original picture. Beyond its edge the network
/// sees filling: there it is absent, at the place where it would be.
[[nodiscard]] Keypoint to_original(const Keypoint& keypoint, const Placement& placement);

/// One mask a detection, in the original picture: the segmentation cut with the box. `labels` is
/// the original's label map (see label_map), so a pixel belongs to its likeliest class and masks
/// never disagree with the map; there is no threshold to choose. Pixels count whose centre is in
/// the box and whose label is `seg_of_class` of the detection's class.
/// Where boxes of one label overlap, a pixel belongs to the box it is nearest to the middle of:
/// the smallest (dx / half width)^2 + (dy / half height)^2; the earlier (better) detection when
/// equal. A class without a label (-1), or no such pixel: an empty mask.
/// O(pixels in boxes), times overlapping boxes where they overlap.
[[nodiscard]] std::vector<Rle> instance_masks(const LabelMap& labels,
                                              std::span<const Detection> detections,
                                              const ModelConfig& config,
                                              const Placement& placement);

}  // namespace labelloom::model
