#pragma once

// Points and polygons of the sample scenes. Deliberately not formats/geometry.h: the samples are
// the truth that the library is tested against, so they must not share its code.
// Coordinates are continuous pixels, origin at the outer top-left corner of the image, y down.

#include <cmath>
#include <functional>
#include <vector>

namespace labelloom::samples {

struct Point {
  double x = 0;
  double y = 0;
};
using Polygon = std::vector<Point>;

inline Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
inline Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
inline Point operator*(double s, Point a) { return {s * a.x, s * a.y}; }
inline double dot(Point a, Point b) { return a.x * b.x + a.y * b.y; }
inline double length(Point a) { return std::hypot(a.x, a.y); }

struct Frame {
  int width = 0;
  int height = 0;
};
struct Bounds {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

/// Where a part lies: image = centre + scale * R(angle) * part, with part.y mirrored first.
struct Pose {
  Point centre;
  double angle_rad = 0;
  double scale = 1;
  bool mirrored = false;

  [[nodiscard]] Point image_from_part(Point part) const;
  [[nodiscard]] Point part_from_image(Point image) const;
};

[[nodiscard]] Polygon image_from_part(const Pose& pose, const Polygon& part);
[[nodiscard]] double area(const Polygon& polygon);
[[nodiscard]] Bounds bounds(const Polygon& polygon);
[[nodiscard]] bool contains(const Polygon& polygon, Point point);
[[nodiscard]] bool contains(Frame frame, Point point);
/// How often the border crosses the border of the frame: 0 inside or outside, 2 for a clean cut.
[[nodiscard]] int frame_crossings(const Polygon& polygon, Frame frame);
/// Sutherland-Hodgman; right for polygons that cross the frame at most twice.
[[nodiscard]] Polygon clip(const Polygon& polygon, Frame frame);

/// Walks once around the zero contour of `distance` (negative inside), from the contour point
/// right of `start`, in steps of `step`.
[[nodiscard]] Polygon trace_contour(const std::function<double(Point)>& distance,
                                    Point start,
                                    double step);
/// Douglas-Peucker on a closed polygon: leaves out what is nearer than `tolerance` to its chord.
[[nodiscard]] Polygon simplify(const Polygon& polygon, double tolerance);

}  // namespace labelloom::samples
