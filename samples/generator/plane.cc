#include "samples/generator/plane.h"

#include <algorithm>
#include <cstddef>

namespace labelloom::samples {
namespace {

Point gradient(const std::function<double(Point)>& distance, Point at) {
  constexpr double kStep = 1e-3;
  const Point slope{distance({at.x + kStep, at.y}) - distance({at.x - kStep, at.y}),
                    distance({at.x, at.y + kStep}) - distance({at.x, at.y - kStep})};
  const double size = length(slope);
  return size > 0 ? (1 / size) * slope : Point{1, 0};
}

/// Keeps the side of one frame edge where `outside` is not positive.
template <typename Outside>
Polygon clip_half(const Polygon& polygon, Outside outside) {
  Polygon kept;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point a = polygon[i];
    const Point b = polygon[(i + 1) % polygon.size()];
    const double da = outside(a);
    const double db = outside(b);
    if (da <= 0) kept.push_back(a);
    if ((da < 0 && db > 0) || (da > 0 && db < 0)) kept.push_back(a + (da / (da - db)) * (b - a));
  }
  return kept;
}

double distance_to_chord(Point p, Point a, Point b) {
  const Point along = b - a;
  const double square = dot(along, along);
  const double t = square > 0 ? std::clamp(dot(p - a, along) / square, 0.0, 1.0) : 0.0;
  return length(p - (a + t * along));
}

/// Marks what stays of the open run first..last (indexes modulo the size).
void keep_far(const Polygon& polygon,
              std::size_t first,
              std::size_t last,
              double tolerance,
              std::vector<bool>& kept) {
  const std::size_t n = polygon.size();
  std::size_t farthest = first;
  double most = tolerance;
  for (std::size_t i = first + 1; i < last; ++i) {
    const double d = distance_to_chord(polygon[i % n], polygon[first % n], polygon[last % n]);
    if (d > most) {
      most = d;
      farthest = i;
    }
  }
  if (farthest == first) return;
  kept[farthest % n] = true;
  keep_far(polygon, first, farthest, tolerance, kept);
  keep_far(polygon, farthest, last, tolerance, kept);
}

}  // namespace

Point Pose::image_from_part(Point part) const {
  const double c = scale * std::cos(angle_rad);
  const double s = scale * std::sin(angle_rad);
  const double y = mirrored ? -part.y : part.y;
  return {centre.x + c * part.x - s * y, centre.y + s * part.x + c * y};
}

Point Pose::part_from_image(Point image) const {
  const Point d = (1 / scale) * (image - centre);
  const double c = std::cos(angle_rad);
  const double s = std::sin(angle_rad);
  const double y = c * d.y - s * d.x;
  return {c * d.x + s * d.y, mirrored ? -y : y};
}

Polygon image_from_part(const Pose& pose, const Polygon& part) {
  Polygon image(part.size());
  std::transform(
      part.begin(), part.end(), image.begin(), [&](Point p) { return pose.image_from_part(p); });
  return image;
}

double area(const Polygon& polygon) {
  double twice = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point a = polygon[i];
    const Point b = polygon[(i + 1) % polygon.size()];
    twice += a.x * b.y - b.x * a.y;
  }
  return std::abs(twice) / 2;
}

Bounds bounds(const Polygon& polygon) {
  if (polygon.empty()) return {};
  Point low = polygon.front();
  Point high = low;
  for (const Point p : polygon) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  return {low.x, low.y, high.x - low.x, high.y - low.y};
}

bool contains(const Polygon& polygon, Point point) {
  bool inside = false;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point a = polygon[i];
    const Point b = polygon[(i + 1) % polygon.size()];
    if ((a.y > point.y) == (b.y > point.y)) continue;
    if (point.x < a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x)) inside = !inside;
  }
  return inside;
}

bool contains(Frame frame, Point point) {
  return point.x >= 0 && point.y >= 0 && point.x <= frame.width && point.y <= frame.height;
}

int frame_crossings(const Polygon& polygon, Frame frame) {
  int crossings = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point next = polygon[(i + 1) % polygon.size()];
    if (contains(frame, polygon[i]) != contains(frame, next)) ++crossings;
  }
  return crossings;
}

Polygon clip(const Polygon& polygon, Frame frame) {
  const double width = frame.width;
  const double height = frame.height;
  Polygon kept = clip_half(polygon, [](Point p) { return -p.x; });
  kept = clip_half(kept, [](Point p) { return -p.y; });
  kept = clip_half(kept, [=](Point p) { return p.x - width; });
  kept = clip_half(kept, [=](Point p) { return p.y - height; });
  // The interpolation may miss the frame by a rounding error; annotation tools snap to it.
  for (Point& p : kept) p = {std::clamp(p.x, 0.0, width), std::clamp(p.y, 0.0, height)};
  return kept;
}

Polygon trace_contour(const std::function<double(Point)>& distance, Point start, double step) {
  constexpr std::size_t kMostPoints = 100000;
  constexpr std::size_t kBeforeClosing = 8;
  while (distance(start) < 0) start.x += step;
  const auto onto = [&](Point p) {
    for (int i = 0; i < 3; ++i) p = p - distance(p) * gradient(distance, p);
    return p;
  };
  Polygon contour{onto(start)};
  while (contour.size() < kMostPoints) {
    const Point normal = gradient(distance, contour.back());
    const Point next = onto(contour.back() + step * Point{-normal.y, normal.x});
    if (contour.size() > kBeforeClosing && length(next - contour.front()) < 0.75 * step) break;
    contour.push_back(next);
  }
  return contour;
}

Polygon simplify(const Polygon& polygon, double tolerance) {
  if (polygon.size() < 4) return polygon;
  std::size_t far = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    if (length(polygon[i] - polygon[0]) > length(polygon[far] - polygon[0])) far = i;
  }
  std::vector<bool> kept(polygon.size(), false);
  kept[0] = kept[far] = true;
  keep_far(polygon, 0, far, tolerance, kept);
  keep_far(polygon, far, polygon.size(), tolerance, kept);
  Polygon simple;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    if (kept[i]) simple.push_back(polygon[i]);
  }
  return simple;
}

}  // namespace labelloom::samples
