#pragma once

#include <optional>

#include "formats/geometry.h"
#include "formats/rle.h"

namespace labelloom {

/// Area, centroid and central second moments of a region, each divided by the area: the mean of
/// (x - x0)^2, (x - x0)(y - y0) and (y - y0)^2 over its points, in square pixels.
struct Moments {
  double area = 0;
  Point2d centroid;
  double xx = 0;
  double xy = 0;
  double yy = 0;
};

/// Of a mask, whose pixels are unit squares. Nothing if it is empty. O(runs).
[[nodiscard]] std::optional<Moments> moments(const Rle& mask);
/// Of the outer rings less their holes, exact by Green's theorem (Steger, "On the calculation of
/// arbitrary moments of polygons", 1996). As in `ring_area`, parts that overlap count twice.
/// Nothing if there is no area.
[[nodiscard]] std::optional<Moments> moments(const Rings& rings);

/// Axes of the ellipse that has a region's second moments (Hu 1962, Teague 1980).
struct PrincipalAxes {
  double angle_rad = 0;   ///< of the long one, clockwise on the screen from x, in (-pi/2, pi/2]
  double length = 0;      ///< of the long one, pixels from end to end
  double width = 0;       ///< of the short one
  double elongation = 1;  ///< length / width
};
[[nodiscard]] PrincipalAxes principal_axes(const Moments& moments);

}  // namespace labelloom
