#pragma once

#include <cstdint>

#include "samples/generator/plane.h"
#include "samples/generator/scene.h"
#include "samples/generator/surface.h"

namespace labelloom::samples {

/// The bench at a point given in pixels of a 720 lines high photograph.
[[nodiscard]] Texel ground_texel(GroundKind kind, Point at, std::uint32_t seed);

}  // namespace labelloom::samples
