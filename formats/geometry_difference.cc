#include "formats/geometry_difference.h"

#include <cmath>
#include <span>
#include <utility>
#include <vector>

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

/// Halves first: parts one after the other would take the square of their number.
MultiPolygon united(std::span<Polygon> parts) {
  MultiPolygon whole;
  if (parts.size() == 1) whole.push_back(std::move(parts.front()));
  if (parts.size() < 2) return whole;
  const std::size_t half = parts.size() / 2;
  bg::union_(united(parts.first(half)), united(parts.subspan(half)), whole);
  return whole;
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
  for (Polygon& part : parts) {
    bg::correct(part);
    if (!bg::is_valid(part)) return std::nullopt;  // a hole that is not inside
  }
  return united(parts);
}

bool are_apart(const Box& a, const Box& b) {
  return a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y;
}

/// Parts, holes with them, that come near a box, and the others.
struct Sorted {
  Rings near;
  Rings far;
};

Sorted sorted(const Rings& rings, const Box& box) {
  Sorted result;
  bool is_far = false;
  for (std::size_t r = 0; r < rings.size(); ++r) {
    if (!rings.is_hole(r)) is_far = are_apart(extent(rings[r]), box);
    (is_far ? result.far : result.near).add(rings[r], rings.is_hole(r));
  }
  return result;
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
  Sorted parts = sorted(from, extent(what.points()));
  if (parts.near.empty()) return from;
  const Rings taken = sorted(what, extent(parts.near.points())).near;
  if (taken.empty()) return from;
  const auto left = region(parts.near);
  const auto right = region(taken);
  if (!left || !right) return std::nullopt;
  MultiPolygon difference;
  bg::difference(*left, *right, difference);
  Rings rings = std::move(parts.far);
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
