#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "formats/geometry.h"
#include "formats/rle.h"

namespace labelloom {

/// The borders between foreground and background of a mask, along pixel edges: closed loops of
/// corners, outer borders clockwise on the screen, holes the other way. Pixels that touch at a
/// corner are joined. `row_major` is [height * width], zero or not.
[[nodiscard]] std::vector<std::vector<Point2d>> trace_mask(std::span<const std::uint8_t> row_major,
                                                           Size size);

/// The region of a mask, to the pixel, as rings along pixel edges of which none touches itself:
/// pixels that touch at a corner only are parts of their own. Memory goes with the mask's extent.
[[nodiscard]] Rings mask_rings(const Rle& mask);

}  // namespace labelloom
