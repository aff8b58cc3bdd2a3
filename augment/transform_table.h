#pragma once

#include "augment/transform.h"

// One line a transform: the function that returns its entry, in augment/transforms/<name>.cc.
#define LABELLOOM_TRANSFORMS(X) \
  X(affine)                     \
  X(blur)                       \
  X(channel_dropout)            \
  X(channel_shuffle)            \
  X(clahe)                      \
  X(coarse_dropout)             \
  X(color_jitter)               \
  X(copy_paste)                 \
  X(cutout)                     \
  X(defocus)                    \
  X(downscale)                  \
  X(emboss)                     \
  X(equalize)                   \
  X(gauss_noise)                \
  X(gaussian_blur)              \
  X(grid_dropout)               \
  X(horizontal_flip)            \
  X(hue_saturation_value)       \
  X(image_compression)          \
  X(invert_img)                 \
  X(iso_noise)                  \
  X(median_blur)                \
  X(mix_up)                     \
  X(mosaic)                     \
  X(motion_blur)                \
  X(multiplicative_noise)       \
  X(pixel_dropout)              \
  X(posterize)                  \
  X(random_brightness)          \
  X(random_brightness_contrast) \
  X(random_contrast)            \
  X(random_fog)                 \
  X(random_gamma)               \
  X(random_rain)                \
  X(random_shadow)              \
  X(random_snow)                \
  X(random_sun_flare)           \
  X(rgb_shift)                  \
  X(sharpen)                    \
  X(solarize)                   \
  X(to_gray)                    \
  X(to_sepia)                   \
  X(unsharp_mask)               \
  X(vertical_flip)

namespace labelloom::augment {

#define LABELLOOM_DECLARE(function) TransformEntry function();
LABELLOOM_TRANSFORMS(LABELLOOM_DECLARE)
#undef LABELLOOM_DECLARE

}  // namespace labelloom::augment
