#include "convert/ring_crossing.h"

#include <algorithm>
#include <cmath>

namespace labelloom {
namespace {

struct Segment {
  Point2d a;
  Point2d b;
};

/// Twice the signed area of (a, b, p), and 0 when it is too small to have a sign in doubles.
double side_of(const Segment& s, const Point2d& p) {
  const double left = (s.b.x - s.a.x) * (p.y - s.a.y);
  const double right = (s.b.y - s.a.y) * (p.x - s.a.x);
  const double area = left - right;
  return std::abs(area) <= 1e-12 * (std::abs(left) + std::abs(right)) ? 0 : area;
}

bool overlap(double a, double b, double c, double d) {
  return std::min(a, b) <= std::max(c, d) && std::min(c, d) <= std::max(a, b);
}

bool cross(const Segment& s, const Segment& t) {
  if (!overlap(s.a.x, s.b.x, t.a.x, t.b.x) || !overlap(s.a.y, s.b.y, t.a.y, t.b.y)) return false;
  return side_of(s, t.a) * side_of(s, t.b) < 0 && side_of(t, s.a) * side_of(t, s.b) < 0;
}

}  // namespace

RingCrossing::Found RingCrossing::find(std::span<const Point2d> ring) {
  const std::size_t count = ring.size();
  if (count < 4) return {};  // edges of a triangle share their ends
  const auto segment = [&](std::size_t i) {
    return Segment{ring[i], ring[i + 1 < count ? i + 1 : 0]};
  };
  const Box box = extent(ring);
  const auto axis = box.width >= box.height ? &Point2d::x : &Point2d::y;
  edges_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const Segment s = segment(i);
    edges_.push_back({.low = std::min(s.a.*axis, s.b.*axis),
                      .high = std::max(s.a.*axis, s.b.*axis),
                      .index = static_cast<std::uint32_t>(i)});
  }
  std::ranges::sort(edges_, {}, [](const Edge& e) { return std::pair(e.low, e.index); });
  active_.clear();
  std::size_t comparison_count = 0;
  for (const Edge& edge : edges_) {
    std::erase_if(active_, [&](const Edge& other) { return other.high < edge.low; });
    comparison_count += active_.size();
    if (comparison_count > kMaxComparisons) return {.result = Result::kNotChecked};
    const Segment s = segment(edge.index);
    for (const Edge& other : active_) {
      if (cross(s, segment(other.index))) {
        const auto [first, second] = std::minmax(edge.index, other.index);
        return {.result = Result::kFound, .first_edge = first, .second_edge = second};
      }
    }
    active_.push_back(edge);
  }
  return {};
}

}  // namespace labelloom
