#pragma once

// Where along a row of output pixels a projective map stays inside a rectangle of the input: one
// span, for all is convex.

#include "augment/pixel_plan.h"

namespace labelloom::augment {

/// Pixels [first, last) of a row; empty when first >= last.
struct RowSpan {
  int first = 0;
  int last = 0;
  [[nodiscard]] bool empty() const { return first >= last; }
};

[[nodiscard]] RowSpan intersection(RowSpan a, RowSpan b);

/// Of a row's `width` pixels, those whose image under `map`, a map from (column, row), lies in
/// [left, right) x [top, bottom) and on this side of the horizon.
[[nodiscard]] RowSpan inside(const Homography& map,
                             int row,
                             int width,
                             double left,
                             double top,
                             double right,
                             double bottom);

/// Pixels of the row whose centres are seen through the window.
[[nodiscard]] RowSpan inside(const Window& window, int row, int width);

}  // namespace labelloom::augment
