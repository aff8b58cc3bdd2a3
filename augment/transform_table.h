#pragma once

#include "augment/transform.h"

// One line a transform: the function that returns its entry, in augment/transforms/<name>.cc.
#define LABELLOOM_TRANSFORMS(X) \
  X(affine)                     \
  X(copy_paste)                 \
  X(horizontal_flip)            \
  X(hue_saturation_value)       \
  X(mix_up)                     \
  X(mosaic)                     \
  X(random_brightness_contrast) \
  X(vertical_flip)

namespace labelloom::augment {

#define LABELLOOM_DECLARE(function) TransformEntry function();
LABELLOOM_TRANSFORMS(LABELLOOM_DECLARE)
#undef LABELLOOM_DECLARE

}  // namespace labelloom::augment
