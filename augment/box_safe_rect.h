#pragma once

#include "augment/transform.h"

namespace labelloom::augment {

/// A random rectangle that has every box of the scene, each shrunk by `erosion_rate` of its sides
/// at every side before. Without boxes: one of the picture's shape with at least (1 - erosion_rate)
/// of its height.
[[nodiscard]] PixelRect box_safe_rect(const Scene& scene, double erosion_rate, Random& random);

}  // namespace labelloom::augment
