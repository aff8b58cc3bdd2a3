#pragma once

#include "augment/transform.h"

// One line a transform: the function that returns its entry, in augment/transforms/<name>.cc.
#define LABELLOOM_TRANSFORMS(X)  \
  X(affine)                      \
  X(bbox_safe_random_crop)       \
  X(center_crop)                 \
  X(crop)                        \
  X(crop_and_pad)                \
  X(d4)                          \
  X(elastic_transform)           \
  X(flip)                        \
  X(grid_distortion)             \
  X(horizontal_flip)             \
  X(hue_saturation_value)        \
  X(longest_max_size)            \
  X(optical_distortion)          \
  X(pad_if_needed)               \
  X(perspective)                 \
  X(random_brightness_contrast)  \
  X(random_crop)                 \
  X(random_resized_crop)         \
  X(random_rotate90)             \
  X(random_scale)                \
  X(random_sized_bbox_safe_crop) \
  X(random_sized_crop)           \
  X(resize)                      \
  X(rotate)                      \
  X(safe_rotate)                 \
  X(shift_scale_rotate)          \
  X(smallest_max_size)           \
  X(transpose)                   \
  X(vertical_flip)

namespace labelloom::augment {

#define LABELLOOM_DECLARE(function) TransformEntry function();
LABELLOOM_TRANSFORMS(LABELLOOM_DECLARE)
#undef LABELLOOM_DECLARE

}  // namespace labelloom::augment
