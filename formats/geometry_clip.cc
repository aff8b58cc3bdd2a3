// Cutting polygons against the image frame. The frame's four sides are cut one after the other;
// each cut is exact but for the rounding of the crossing points, which lie on the frame to the last
// bit. (Boost 1.74's overlay snaps coordinates to an integer grid: its corners are off by up to
// 1e-5 pixels and need not lie on the frame.)

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "formats/error.h"
#include "formats/geometry.h"
#include "formats/region_area.h"

namespace labelloom {
namespace {

using Ring = std::vector<Point2d>;

// Areas, and with them the orientation of rings, overflow for coordinates far beyond any image.
constexpr double kLargestForSplitting = 1e9;

/// Loops of less, in square pixels, are made by rounding.
constexpr double kSliver = 1e-6;

/// A line of the frame: keeps the points with sign * coordinate >= sign * at.
struct HalfPlane {
  double Point2d::*coordinate;
  double Point2d::*other;
  double at;
  double sign;

  [[nodiscard]] double depth(const Point2d& p) const { return sign * (p.*coordinate) - sign * at; }
};

std::array<HalfPlane, 4> sides(Size frame) {
  return {{{&Point2d::x, &Point2d::y, 0.0, 1.0},
           {&Point2d::x, &Point2d::y, static_cast<double>(frame.width), -1.0},
           {&Point2d::y, &Point2d::x, 0.0, 1.0},
           {&Point2d::y, &Point2d::x, static_cast<double>(frame.height), -1.0}}};
}

Point2d crossing(const HalfPlane& side, const Point2d& a, const Point2d& b) {
  // Halves, so that the difference of two huge coordinates does not overflow.
  const double from = 0.5 * (a.*side.coordinate);
  const double t = (0.5 * side.at - from) / (0.5 * (b.*side.coordinate) - from);
  Point2d point;
  point.*side.coordinate = side.at;
  point.*side.other = std::lerp(a.*side.other, b.*side.other, t);
  return point;
}

/// An outer ring with its holes.
struct Part {
  Ring outer;
  std::vector<Ring> holes;
};

/// Sutherland-Hodgman: right in area for any ring, but separate pieces stay joined along the line.
Ring cut_joined(const HalfPlane& side, const Ring& ring) {
  Ring result;
  result.reserve(ring.size() + 2);
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Point2d& a = ring[i];
    const Point2d& b = ring[i + 1 < ring.size() ? i + 1 : 0];
    const double depth_a = side.depth(a);
    const double depth_b = side.depth(b);
    if (depth_a >= 0) result.push_back(a);
    if ((depth_a > 0 && depth_b < 0) || (depth_a < 0 && depth_b > 0)) {
      result.push_back(crossing(side, a, b));
    }
  }
  return result;
}

/// One end of a chain on the line.
struct End {
  double along = 0;  // coordinate along the line
  double slope = 0;  // change of that coordinate towards the inside: orders ends in one point
  std::size_t chain = 0;
  bool entry = false;
};

/// Pieces of rings strictly inside, from the line to the line, in the rings' direction.
struct Chains {
  std::vector<Ring> points;
  std::vector<End> ends;
};

End end_at(
    const HalfPlane& side, const Point2d& on, const Point2d& in, std::size_t chain, bool entry) {
  const double slope = (in.*side.other - on.*side.other) / side.depth(in);
  return {.along = on.*side.other,
          .slope = std::isfinite(slope) ? slope : 0,
          .chain = chain,
          .entry = entry};
}

/// Adds the chains of a ring that has points on either side. Points on the line count as outside,
/// so that a ring is parted where it touches the line.
void add_chains(const HalfPlane& side, const Ring& ring, Chains& chains) {
  std::size_t start = 0;
  while (side.depth(ring[start]) > 0) ++start;
  for (std::size_t step = 0; step < ring.size(); ++step) {
    const Point2d& a = ring[(start + step) % ring.size()];
    const Point2d& b = ring[(start + step + 1) % ring.size()];
    const double depth_a = side.depth(a);
    const double depth_b = side.depth(b);
    if (depth_a <= 0 && depth_b > 0) {
      const Point2d on = depth_a == 0 ? a : crossing(side, a, b);
      chains.ends.push_back(end_at(side, on, b, chains.points.size(), true));
      chains.points.push_back({on});
    }
    if (depth_b > 0) chains.points.back().push_back(b);
    if (depth_a > 0 && depth_b <= 0) {
      const Point2d on = depth_b == 0 ? b : crossing(side, a, b);
      chains.ends.push_back(end_at(side, on, a, chains.points.size() - 1, false));
      chains.points.back().push_back(on);
    }
  }
}

/// Joins the chains along the line, where every second stretch between ends belongs to the region.
/// @returns nothing when the ends do not alternate as they do for polygons that are simple.
std::optional<std::vector<Ring>> join(Chains& chains) {
  std::ranges::sort(chains.ends, [](const End& a, const End& b) {
    if (a.along != b.along) return a.along < b.along;
    if (a.slope != b.slope) return a.slope < b.slope;
    return a.chain < b.chain || (a.chain == b.chain && a.entry < b.entry);
  });
  std::vector<std::size_t> next(chains.points.size());  // chain that starts where a chain ends
  for (std::size_t i = 0; i + 1 < chains.ends.size(); i += 2) {
    const End& a = chains.ends[i];
    const End& b = chains.ends[i + 1];
    if (a.entry == b.entry) return {};
    (a.entry ? next[b.chain] : next[a.chain]) = a.entry ? a.chain : b.chain;
  }
  std::vector<Ring> rings;
  std::vector<bool> done(chains.points.size(), false);
  for (std::size_t first = 0; first < done.size(); ++first) {
    if (done[first]) continue;
    Ring ring;
    for (std::size_t chain = first; !done[chain]; chain = next[chain]) {
      done[chain] = true;
      for (const Point2d& p : chains.points[chain]) {
        if (ring.empty() || !(ring.back() == p)) ring.push_back(p);
      }
    }
    if (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back();
    if (ring.size() >= 3) rings.push_back(std::move(ring));
  }
  return rings;
}

/// Gives each hole to the part that it lies in.
void distribute(std::vector<Ring> holes, std::span<Part> parts) {
  for (Ring& hole : holes) {
    std::size_t best = 0;
    std::ptrdiff_t best_count = -1;
    for (std::size_t i = 0; i < parts.size() && parts.size() > 1; ++i) {
      const Rings outer(parts[i].outer);
      const auto count = std::ranges::count_if(
          hole, [&](const Point2d& p) { return signed_distance(outer, p) <= 0; });
      if (count > best_count) {
        best = i;
        best_count = count;
      }
    }
    if (!parts.empty()) parts[best].holes.push_back(std::move(hole));
  }
}

enum class Place { kInside, kOutside, kAcross };

Place place(const HalfPlane& side, const Ring& ring) {
  bool inside = false;
  bool outside = false;
  for (const Point2d& p : ring) {
    inside |= side.depth(p) > 0;
    outside |= side.depth(p) < 0;
  }
  if (!outside) return Place::kInside;
  return inside ? Place::kAcross : Place::kOutside;
}

/// Cuts one part; appends what is left of it.
void cut(const HalfPlane& side, Part part, bool may_split, std::vector<Part>& result) {
  const Place outer_place = place(side, part.outer);
  if (outer_place == Place::kOutside) return;
  Chains chains;
  std::vector<Ring> holes;  // not touched by the line
  const double orientation = signed_area(part.outer);
  if (outer_place == Place::kAcross && may_split) add_chains(side, part.outer, chains);
  for (Ring& hole : part.holes) {
    const Place hole_place = place(side, hole);
    if (hole_place == Place::kInside) {
      holes.push_back(std::move(hole));
      continue;
    }
    if (hole_place != Place::kAcross) continue;
    // Holes run against their outer ring, so that the region is on the same hand of every chain.
    if ((signed_area(hole) > 0) == (orientation > 0)) std::ranges::reverse(hole);
    if (may_split) add_chains(side, hole, chains);
  }
  std::erase_if(part.holes, [](const Ring& hole) { return hole.empty(); });
  auto loops = may_split ? join(chains) : std::nullopt;
  // A loop of the outer ring that runs the other way: the ring crosses itself.
  const auto runs_back = [&](const Ring& loop) {
    const double area = signed_area(loop);
    return orientation > 0 ? area < -kSliver : area > kSliver;
  };
  if (loops && part.holes.empty() && std::ranges::any_of(*loops, runs_back)) loops.reset();
  const std::size_t first = result.size();
  if (outer_place == Place::kInside) {
    result.push_back({.outer = std::move(part.outer), .holes = {}});
  } else if (!loops) {
    result.push_back({.outer = cut_joined(side, part.outer), .holes = {}});
  }
  if (!loops) {
    for (const Ring& hole : part.holes) {
      if (place(side, hole) == Place::kAcross) holes.push_back(cut_joined(side, hole));
    }
    loops.emplace();
  }
  for (Ring& loop : *loops) {
    if ((signed_area(loop) > 0) == (orientation > 0)) {
      result.push_back({.outer = std::move(loop), .holes = {}});
    } else {
      holes.push_back(std::move(loop));
    }
  }
  distribute(std::move(holes), std::span(result).subspan(first));
}

bool is_inside(std::span<const Point2d> ring, Size frame) {
  return std::ranges::all_of(ring, [&](const Point2d& p) {
    return p.x >= 0 && p.y >= 0 && p.x <= frame.width && p.y <= frame.height;
  });
}

/// A ring that crosses itself can have an area of 0 and a large inside.
bool is_small(const Part& part, double min_area) {
  Rings rings(part.outer);
  for (const Ring& hole : part.holes) rings.add(hole, true);
  return part.outer.size() < 3 || (ring_area(rings) < min_area && region_area(rings) < min_area);
}

bool is_large_enough(const Ring& ring, double min_area) {
  return ring.size() >= 3 && std::abs(signed_area(ring)) >= min_area;
}

void clip_part(Part part, Size frame, double min_area, Rings& result) {
  const auto too_far = [](const Point2d& p) {
    return std::max(std::abs(p.x), std::abs(p.y)) > kLargestForSplitting;
  };
  bool may_split = std::ranges::none_of(part.outer, too_far);
  for (const Ring& hole : part.holes) may_split &= std::ranges::none_of(hole, too_far);
  std::vector<Part> parts = {std::move(part)};
  for (const HalfPlane& side : sides(frame)) {
    std::vector<Part> next;
    for (Part& each : parts) cut(side, std::move(each), may_split, next);
    parts = std::move(next);
  }
  for (const Part& each : parts) {
    if (is_small(each, min_area)) continue;
    result.add(each.outer);
    for (const Ring& hole : each.holes) {
      if (is_large_enough(hole, min_area)) result.add(hole, true);
    }
  }
}

}  // namespace

Rings clip_to_frame(const Rings& rings, Size frame, double min_area) {
  if (!is_finite(rings.points())) {
    throw Error(Errc::kInvalidData, {}, "a polygon has a coordinate that is not a finite number");
  }
  if (is_inside(rings.points(), frame)) return rings;
  Rings result;
  result.reserve(rings.points().size() + 8);
  for (std::size_t first = 0, last = 0; first < rings.size(); first = last) {
    bool inside = is_inside(rings[first], frame);
    for (last = first + 1; last < rings.size() && rings.is_hole(last); ++last) {
      inside &= is_inside(rings[last], frame);
    }
    if (inside) {
      for (std::size_t i = first; i < last; ++i) result.add(rings[i], i > first);
      continue;
    }
    Part part = {.outer = Ring(rings[first].begin(), rings[first].end()), .holes = {}};
    for (std::size_t i = first + 1; i < last; ++i) {
      part.holes.emplace_back(rings[i].begin(), rings[i].end());
    }
    clip_part(std::move(part), frame, min_area, result);
  }
  return result;
}

Box clip_to_frame(const Box& box, Size frame) {
  const double w = frame.width;
  const double h = frame.height;
  // Not through right - left, which may round.
  if (box.x >= 0 && box.y >= 0 && box.right() <= w && box.bottom() <= h) return box;
  const double left = std::clamp(box.x, 0.0, w);
  const double top = std::clamp(box.y, 0.0, h);
  const double right = std::clamp(box.right(), left, w);
  const double bottom = std::clamp(box.bottom(), top, h);
  return {.x = left, .y = top, .width = right - left, .height = bottom - top};
}

}  // namespace labelloom
