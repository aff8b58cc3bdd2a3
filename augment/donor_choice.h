#pragma once

#include <optional>

#include "augment/transform.h"

namespace labelloom::augment {

/// Another image of the set than the picture itself, all equally likely; nothing when there is
/// none.
[[nodiscard]] std::optional<std::size_t> draw_donor(const Scene& scene, Random& random);

/// The map that scales an image evenly and centres it on a rectangle: to cover it, or to be
/// contained in it.
enum class Fit : std::uint8_t { kCover, kContain };
[[nodiscard]] Homography fitted(Size image, const PixelRect& rect, Fit fit);

}  // namespace labelloom::augment
