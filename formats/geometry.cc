#include "formats/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <numbers>
#include <utility>

#define BOOST_ALLOW_DEPRECATED_HEADERS  // Boost 1.74 includes one itself and remarks on it
#include <boost/geometry.hpp>
#include <boost/geometry/geometries/point_xy.hpp>
#include <boost/geometry/geometries/ring.hpp>

#include "formats/point_pool.h"

namespace labelloom {
namespace {

namespace bg = boost::geometry;
using BoostPoint = bg::model::d2::point_xy<double>;
using BoostRing = bg::model::ring<BoostPoint, /*ClockWise=*/true, /*Closed=*/false>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct RingPosition {
  double squared_distance = kInfinity;  // to the ring's edges
  bool inside = false;                  // even-odd
};

// Two numbers that are worked on at once: all processors can, and the results are those of one.
using Pair = double __attribute__((vector_size(2 * sizeof(double))));
using PairMask = decltype(Pair{} < Pair{});  // all bits of a lane, or none

Pair pair_of(const Point2d& p) { return Pair{p.x, p.y}; }

/// What a ring's edges have in common with the origin, two edges at a time. As the edges depend on
/// each other in nothing, no branch is taken: which edge is near can be foretold by nobody.
class EdgeScan {
 public:
  /// The edges a0 -> b0 and a1 -> b1, each corner as x and y.
  void add(Pair a0, Pair b0, Pair a1, Pair b1) {
    constexpr Pair kZero = {0, 0};
    constexpr Pair kOne = {1, 1};
    const Pair ax = {a0[0], a1[0]};
    const Pair ay = {a0[1], a1[1]};
    const Pair by = {b0[1], b1[1]};
    const Pair dx = Pair{b0[0], b1[0]} - ax;
    const Pair dy = by - ay;
    // Where on the edge its nearest point lies; an edge without length gives no number, thus 0.
    Pair t = -(ax * dx + ay * dy) / (dx * dx + dy * dy);
    t = t > kZero ? t : kZero;
    t = t < kOne ? t : kOne;
    const Pair ex = ax + t * dx;
    const Pair ey = ay + t * dy;
    const Pair squared = ex * ex + ey * ey;
    nearest_ = squared < nearest_ ? squared : nearest_;
    const Pair cross = ax * dy - ay * dx;  // its sign says on which hand of a -> b the origin lies
    crossed_ ^= ((ay > kZero) ^ (by > kZero)) & ~((cross > kZero) ^ (dy > kZero));
  }
  /// The last edge, if it is left alone.
  void add(Pair a, Pair b) {
    const auto crossed = crossed_[1];
    add(a, b, a, b);
    crossed_[1] = crossed;  // once is enough
  }
  [[nodiscard]] RingPosition position() const {
    return {.squared_distance = std::min(nearest_[0], nearest_[1]),
            .inside = (crossed_[0] ^ crossed_[1]) != 0};
  }

 private:
  Pair nearest_ = {kInfinity, kInfinity};
  PairMask crossed_ = {0, 0};  // whether the ray to the right crosses an odd number of edges
};

RingPosition position(std::span<const Point2d> ring, const Point2d& p) {
  if (ring.empty()) return {};
  // Relative to p, which makes both questions shorter.
  const Pair origin = pair_of(p);
  Pair a = pair_of(ring.back()) - origin;
  EdgeScan scan;
  std::size_t i = 0;
  for (; i + 2 <= ring.size(); i += 2) {
    const Pair b = pair_of(ring[i]) - origin;
    const Pair c = pair_of(ring[i + 1]) - origin;
    scan.add(a, b, b, c);
    a = c;
  }
  if (i < ring.size()) scan.add(a, pair_of(ring[i]) - origin);
  return scan.position();
}

/// Whether all points lie on one line (or in one point), as far as doubles can tell.
bool is_collinear(std::span<const Point2d> ring) {
  const Point2d& a = ring.front();
  const auto far = std::ranges::max_element(
      ring, {}, [&](const Point2d& p) { return std::hypot(p.x - a.x, p.y - a.y); });
  const double dx = far->x - a.x;
  const double dy = far->y - a.y;
  const double length2 = dx * dx + dy * dy;
  return std::ranges::all_of(ring, [&](const Point2d& p) {
    return std::abs(dx * (p.y - a.y) - dy * (p.x - a.x)) <= 1e-12 * length2;
  });
}

}  // namespace

Rings::Rings(const Rings& other)
    : starts_(other.starts_ ? std::make_unique<std::vector<Start>>(*other.starts_) : nullptr) {
  reserve(other.count_);
  std::ranges::copy(other.points(), points_);
  count_ = other.count_;
}

Rings& Rings::operator=(const Rings& other) {
  if (this != &other) *this = Rings(other);
  return *this;
}

Rings::Rings(Rings&& other) noexcept
    : points_(std::exchange(other.points_, nullptr)),
      count_(std::exchange(other.count_, 0)),
      room_(std::exchange(other.room_, 0)),
      starts_(std::move(other.starts_)) {}

Rings& Rings::operator=(Rings&& other) noexcept {
  std::swap(points_, other.points_);
  std::swap(count_, other.count_);
  std::swap(room_, other.room_);
  std::swap(starts_, other.starts_);
  return *this;
}

Rings::~Rings() { free_points(points_, room_); }

bool operator==(const Rings& a, const Rings& b) {
  return std::ranges::equal(a.points(), b.points()) && std::ranges::equal(a.starts(), b.starts());
}

std::span<const Point2d> Rings::operator[](std::size_t index) const {
  const std::span<const Start> starts = this->starts();
  const std::size_t first = index == 0 ? 0 : starts[index - 1].first;
  const std::size_t last = index < starts.size() ? starts[index].first : count_;
  return points().subspan(first, last - first);
}

std::span<Point2d> Rings::operator[](std::size_t index) {
  const std::span<const Point2d> ring = std::as_const(*this)[index];
  return {points_ + (ring.data() - points_), ring.size()};
}

bool Rings::has_holes() const {
  return std::ranges::any_of(starts(), [](const Start& start) { return start.hole; });
}

void Rings::add(std::span<const Point2d> ring, bool hole) {
  // The ring may be one of our own.
  const bool own = !ring.empty() && ring.data() >= points_ && ring.data() < points_ + count_;
  const std::ptrdiff_t at = own ? ring.data() - points_ : 0;
  const std::span<Point2d> room = append(ring.size(), hole);
  const Point2d* const from = own ? points_ + at : ring.data();
  std::copy_n(from, ring.size(), room.data());
}

std::span<Point2d> Rings::append(std::size_t count, bool hole) {
  if (count == 0) return {};
  if (count > room_ - count_) {
    reserve(empty() ? count : std::max(count_ + count, 2 * std::size_t{room_}));
  }
  if (!empty()) {
    if (!starts_) starts_ = std::make_unique<std::vector<Start>>();
    starts_->push_back({.first = count_, .hole = hole});
  }
  const std::span<Point2d> ring(points_ + count_, count);
  count_ += static_cast<std::uint32_t>(count);
  return ring;
}

void Rings::reserve(std::size_t point_count) {
  if (point_count <= room_) return;
  if (point_count > std::numeric_limits<std::uint32_t>::max()) throw std::bad_alloc();
  Point2d* const more = allocate_points(point_count);
  std::ranges::copy(points(), more);
  free_points(points_, room_);
  points_ = more;
  room_ = static_cast<std::uint32_t>(point_count);
}

double signed_area(std::span<const Point2d> ring) {
  if (ring.size() < 3) return 0;
  // Relative to the first point: small rings far from the origin keep their digits.
  const Point2d origin = ring.front();
  double twice = 0;
  Point2d a = {};
  for (const Point2d& p : ring.subspan(1)) {
    const Point2d b = {p.x - origin.x, p.y - origin.y};
    twice += a.x * b.y - b.x * a.y;
    a = b;
  }
  return 0.5 * twice;
}

double ring_area(const Rings& rings) {
  double area = 0;
  for (std::size_t i = 0; i < rings.size(); ++i) {
    const double part = std::abs(signed_area(rings[i]));
    area += rings.is_hole(i) ? -part : part;
  }
  return area;
}

Box extent(std::span<const Point2d> points) {
  if (points.empty()) return {};
  Point2d low = points.front();
  Point2d high = low;
  for (const Point2d& p : points) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  return {.x = low.x, .y = low.y, .width = high.x - low.x, .height = high.y - low.y};
}

std::array<Point2d, 4> rotated_corners(const Box& box, double rotation_deg) {
  const double angle_rad = rotation_deg * std::numbers::pi / 180;
  const double c = std::cos(angle_rad);
  const double s = std::sin(angle_rad);
  const auto corner = [&](double dx, double dy) {
    return Point2d{box.x + c * dx - s * dy, box.y + s * dx + c * dy};
  };
  // Unturned boxes keep their exact corners.
  if (rotation_deg == 0) {
    return {
        {{box.x, box.y}, {box.right(), box.y}, {box.right(), box.bottom()}, {box.x, box.bottom()}}};
  }
  return {corner(0, 0), corner(box.width, 0), corner(box.width, box.height), corner(0, box.height)};
}

namespace {

std::vector<Point2d> unit_circle(int count) {
  std::vector<Point2d> points;
  for (int i = 0; i < count; ++i) {
    const double angle_rad = 2 * std::numbers::pi * i / count;
    points.push_back({std::cos(angle_rad), std::sin(angle_rad)});
  }
  return points;
}

}  // namespace

std::vector<Point2d> ellipse_points(
    Point2d centre, double radius_x, double radius_y, double rotation_deg, int count) {
  constexpr int kUsualCount = 64;
  static const std::vector<Point2d> usual_circle = unit_circle(kUsualCount);
  const double turn_rad = rotation_deg * std::numbers::pi / 180;
  const double c = std::cos(turn_rad);
  const double s = std::sin(turn_rad);
  std::vector<Point2d> points = count == kUsualCount ? usual_circle : unit_circle(count);
  for (Point2d& point : points) {
    const double x = radius_x * point.x;
    const double y = radius_y * point.y;
    point = {centre.x + c * x - s * y, centre.y + s * x + c * y};
  }
  return points;
}

bool is_finite(std::span<const Point2d> points) {
  return std::ranges::all_of(
      points, [](const Point2d& p) { return std::isfinite(p.x) && std::isfinite(p.y); });
}

const char* ring_defect(std::span<const Point2d> ring) {
  if (ring.size() < 3) return "fewer than 3 points";
  if (!is_finite(ring)) return "not finite";
  if (is_collinear(ring)) return "no area";
  BoostRing boost_ring;
  boost_ring.reserve(ring.size());
  for (const Point2d& p : ring) boost_ring.emplace_back(p.x, p.y);
  bg::correct(boost_ring);
  if (bg::is_valid(boost_ring)) return nullptr;
  // Fewer than three distinct points would have been collinear: what is left are edges that cross,
  // touch or run back over themselves.
  return "self-intersection";
}

double signed_distance(const Rings& rings, Point2d point) {
  double result = kInfinity;
  for (std::size_t i = 0; i < rings.size();) {
    RingPosition part = position(rings[i], point);
    for (++i; i < rings.size() && rings.is_hole(i); ++i) {
      const RingPosition hole = position(rings[i], point);
      part.squared_distance = std::min(part.squared_distance, hole.squared_distance);
      part.inside &= !hole.inside;
    }
    const double distance = std::sqrt(part.squared_distance);
    result = std::min(result, part.inside ? -distance : distance);
  }
  return result;
}

double signed_distance(const Box& box, Point2d point) {
  const double dx = std::max(box.x - point.x, point.x - box.right());
  const double dy = std::max(box.y - point.y, point.y - box.bottom());
  if (dx <= 0 && dy <= 0) return std::max(dx, dy);
  return std::hypot(std::max(dx, 0.0), std::max(dy, 0.0));
}

}  // namespace labelloom
