#pragma once

#include "augment/transform.h"

// One line a transform: the function that returns its entry, in augment/transforms/<name>.cc.
#define LABELLOOM_TRANSFORMS(X) \
  X(affine)                     \
  X(blur)                       \
  X(defocus)                    \
  X(downscale)                  \
  X(emboss)                     \
  X(gauss_noise)                \
  X(gaussian_blur)              \
  X(horizontal_flip)            \
  X(hue_saturation_value)       \
  X(image_compression)          \
  X(iso_noise)                  \
  X(median_blur)                \
  X(motion_blur)                \
  X(multiplicative_noise)       \
  X(random_brightness_contrast) \
  X(random_fog)                 \
  X(random_rain)                \
  X(random_shadow)              \
  X(random_snow)                \
  X(random_sun_flare)           \
  X(sharpen)                    \
  X(unsharp_mask)               \
  X(vertical_flip)

namespace labelloom::augment {

#define LABELLOOM_DECLARE(function) TransformEntry function();
LABELLOOM_TRANSFORMS(LABELLOOM_DECLARE)
#undef LABELLOOM_DECLARE

}  // namespace labelloom::augment
