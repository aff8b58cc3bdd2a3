#include "convert/moments.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>

namespace labelloom {
namespace {

/// Sums over a region of 1, x, y, x^2, xy, y^2 about an origin near it: far away from the origin
/// the moments would be small differences of large numbers.
struct Sums {
  double area = 0;
  double x = 0;
  double y = 0;
  double xx = 0;
  double xy = 0;
  double yy = 0;

  void add(const Sums& other, double sign) {
    area += sign * other.area;
    x += sign * other.x;
    y += sign * other.y;
    xx += sign * other.xx;
    xy += sign * other.xy;
    yy += sign * other.yy;
  }
};

std::optional<Moments> central(const Sums& sums, Point2d origin) {
  // Coordinates may be so large that their squares are no numbers.
  if (!(sums.area > 0) || !std::isfinite(sums.xx + sums.yy)) return std::nullopt;
  const double x = sums.x / sums.area;
  const double y = sums.y / sums.area;
  return Moments{.area = sums.area,
                 .centroid = {origin.x + x, origin.y + y},
                 .xx = std::max(0.0, sums.xx / sums.area - x * x),
                 .xy = sums.xy / sums.area - x * y,
                 .yy = std::max(0.0, sums.yy / sums.area - y * y)};
}

/// Adds pixels [first, last) of one column; all coordinates relative to the origin.
void add_column(Sums& sums, double left, double first, double last) {
  const double height = last - first;
  const double x = left + 0.5;
  const double y = (first + last) / 2;
  sums.area += height;
  sums.x += height * x;
  sums.y += height * y;
  // A rectangle's own moments about its middle are width^2 / 12 and height^2 / 12.
  sums.xx += height * (x * x + 1.0 / 12);
  sums.xy += height * x * y;
  sums.yy += height * (y * y + height * height / 12);
}

/// Of one ring, positive whichever way round it runs.
Sums ring_sums(std::span<const Point2d> ring, Point2d origin) {
  Sums sums;
  Point2d a{ring.back().x - origin.x, ring.back().y - origin.y};
  for (const Point2d& corner : ring) {
    const Point2d b{corner.x - origin.x, corner.y - origin.y};
    const double cross = a.x * b.y - b.x * a.y;
    sums.area += cross / 2;
    sums.x += cross * (a.x + b.x) / 6;
    sums.y += cross * (a.y + b.y) / 6;
    sums.xx += cross * (a.x * a.x + a.x * b.x + b.x * b.x) / 12;
    sums.xy += cross * (2 * a.x * a.y + a.x * b.y + b.x * a.y + 2 * b.x * b.y) / 24;
    sums.yy += cross * (a.y * a.y + a.y * b.y + b.y * b.y) / 12;
    a = b;
  }
  if (sums.area >= 0) return sums;
  Sums turned;
  turned.add(sums, -1);
  return turned;
}

}  // namespace

std::optional<Moments> moments(const Rle& mask) {
  const auto height = static_cast<std::uint64_t>(mask.size.height);
  if (height == 0) return std::nullopt;
  Sums sums;
  std::optional<Point2d> origin;
  std::uint64_t at = 0;
  bool inside = false;
  for (const std::uint32_t count : mask.counts) {
    const std::uint64_t end = at + count;
    if (inside && count > 0 && !origin) {
      const std::uint64_t column = at / height;
      const std::uint64_t row = at % height;
      origin = {static_cast<double>(column), static_cast<double>(row)};
    }
    // A run goes on at the top of the next column.
    while (inside && at < end) {
      const std::uint64_t column = at / height;
      const std::uint64_t last = std::min(end, (column + 1) * height);
      const double top = static_cast<double>(at - column * height) - origin->y;
      add_column(
          sums, static_cast<double>(column) - origin->x, top, top + static_cast<double>(last - at));
      at = last;
    }
    at = end;
    inside = !inside;
  }
  return central(sums, origin.value_or(Point2d{}));
}

std::optional<Moments> moments(const Rings& rings) {
  if (rings.empty()) return std::nullopt;
  const Point2d origin = rings.points().front();
  Sums sums;
  for (std::size_t i = 0; i < rings.size(); ++i) {
    sums.add(ring_sums(rings[i], origin), rings.is_hole(i) ? -1 : 1);
  }
  return central(sums, origin);
}

PrincipalAxes principal_axes(const Moments& m) {
  const double middle = (m.xx + m.yy) / 2;
  const double apart = std::hypot((m.xx - m.yy) / 2, m.xy);
  // Of the ellipse with half axes a and b, the second moments are a^2 / 4 and b^2 / 4.
  const double length = 4 * std::sqrt(middle + apart);
  const double width = 4 * std::sqrt(std::max(0.0, middle - apart));
  const double angle = 0.5 * std::atan2(2 * m.xy, m.xx - m.yy);
  return {.angle_rad = angle <= -std::numbers::pi / 2 ? angle + std::numbers::pi : angle,
          .length = length,
          .width = width,
          .elongation = width > 0 ? length / width : std::numeric_limits<double>::infinity()};
}

}  // namespace labelloom
