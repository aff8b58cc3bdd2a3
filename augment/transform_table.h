#pragma once

#include "augment/transform.h"

// One line a transform: the function that returns its entry, in augment/transforms/<name>.cc.
#define LABELLOOM_TRANSFORMS(X) \
  X(affine)                     \
  X(channel_dropout)            \
  X(channel_shuffle)            \
  X(clahe)                      \
  X(coarse_dropout)             \
  X(color_jitter)               \
  X(copy_paste)                 \
  X(cutout)                     \
  X(equalize)                   \
  X(grid_dropout)               \
  X(horizontal_flip)            \
  X(hue_saturation_value)       \
  X(invert_img)                 \
  X(mix_up)                     \
  X(mosaic)                     \
  X(pixel_dropout)              \
  X(posterize)                  \
  X(random_brightness)          \
  X(random_brightness_contrast) \
  X(random_contrast)            \
  X(random_gamma)               \
  X(rgb_shift)                  \
  X(solarize)                   \
  X(to_gray)                    \
  X(to_sepia)                   \
  X(vertical_flip)

namespace labelloom::augment {

#define LABELLOOM_DECLARE(function) TransformEntry function();
LABELLOOM_TRANSFORMS(LABELLOOM_DECLARE)
#undef LABELLOOM_DECLARE

}  // namespace labelloom::augment
