#pragma once

// Internal: memory for the points of rings.

#include <cstddef>

namespace labelloom {

struct Point2d;

/// Room for `count` points, which are not initialised. From any thread; given back by any thread.
/// A data set has hundreds of thousands of rings, made one after the other and gone at one go: they
/// are laid side by side in large blocks, and a block is given back when its last ring is gone.
[[nodiscard]] Point2d* allocate_points(std::size_t count);
/// `count` is what it was allocated with.
void free_points(Point2d* points, std::size_t count) noexcept;

}  // namespace labelloom
