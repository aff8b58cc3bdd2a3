#include "formats/geometry_difference.h"

#define BOOST_ALLOW_DEPRECATED_HEADERS  // Boost 1.74 includes one itself and remarks on it
#include <boost/geometry.hpp>
#include <boost/geometry/geometries/multi_polygon.hpp>
#include <boost/geometry/geometries/point_xy.hpp>
#include <boost/geometry/geometries/polygon.hpp>

namespace labelloom {
namespace {

namespace bg = boost::geometry;
using BoostPoint = bg::model::d2::point_xy<double>;
using Polygon = bg::model::polygon<BoostPoint, /*ClockWise=*/true, /*Closed=*/false>;
using MultiPolygon = bg::model::multi_polygon<Polygon>;

void fill(Polygon::ring_type& ring, std::span<const Point2d> points) {
  ring.reserve(points.size());
  for (const Point2d& p : points) ring.emplace_back(p.x, p.y);
}

/// The region of the rings, as Boost wants it: parts that do not overlap. Nothing when it has none.
std::optional<MultiPolygon> region(const Rings& rings) {
  std::vector<Polygon> parts;
  for (std::size_t r = 0; r < rings.size(); ++r) {
    if (ring_defect(rings[r]) != nullptr) return std::nullopt;
    if (rings.is_hole(r)) {
      parts.back().inners().emplace_back();
      fill(parts.back().inners().back(), rings[r]);
    } else {
      parts.emplace_back();
      fill(parts.back().outer(), rings[r]);
    }
  }
  MultiPolygon whole;
  for (Polygon& part : parts) {
    bg::correct(part);
    if (!bg::is_valid(part)) return std::nullopt;  // a hole that is not inside
    MultiPolygon united;
    bg::union_(whole, part, united);
    whole = std::move(united);
  }
  return whole;
}

std::vector<Point2d> points(const Polygon::ring_type& ring) {
  std::vector<Point2d> result;
  result.reserve(ring.size());
  for (const BoostPoint& p : ring) result.push_back({p.x(), p.y()});
  return result;
}

}  // namespace

std::optional<Rings> subtract(const Rings& from, const Rings& what, double min_area) {
  if (from.empty() || what.empty()) return from;
  const Box a = extent(from.points());
  const Box b = extent(what.points());
  if (a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y) return from;
  const auto left = region(from);
  const auto right = region(what);
  if (!left || !right) return std::nullopt;
  MultiPolygon difference;
  bg::difference(*left, *right, difference);
  Rings rings;
  for (const Polygon& part : difference) {
    if (std::abs(bg::area(part)) < min_area) continue;
    rings.add(points(part.outer()));
    for (const auto& hole : part.inners()) {
      if (std::abs(bg::area(hole)) >= min_area) rings.add(points(hole), true);
    }
  }
  return rings;
}

}  // namespace labelloom
