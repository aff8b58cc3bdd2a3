#pragma once

#include "formats/geometry.h"

namespace labelloom {

/// Area of the region of rings, as painting it would count: rings that cross themselves by the
/// even-odd rule, what parts share once, holes subtracted. Of rings that do neither it is
/// `ring_area` to the last bit. O(n k), where k edges lie at the same height.
[[nodiscard]] double region_area(const Rings& rings);

}  // namespace labelloom
