#pragma once

#include <cstdint>

#include "samples/generator/parts.h"
#include "samples/generator/surface.h"

namespace labelloom::samples {

/// The surface of a part as seen from above, at a point inside its outline, in part coordinates.
/// `distance` is outline_distance there (not positive). The light may make it look older or newer:
/// `seed` is the individual part's wear.
[[nodiscard]] Texel part_texel(PartShape shape, Point at, double distance, std::uint32_t seed);

}  // namespace labelloom::samples
