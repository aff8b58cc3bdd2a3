#pragma once

#include <array>

#include "formats/geometry.h"

namespace labelloom::augment {

/// A projective map of the plane, in continuous image coordinates:
/// (x, y) -> ((m0 x + m1 y + m2) / w, (m3 x + m4 y + m5) / w), w = m6 x + m7 y + m8.
struct Homography {
  std::array<double, 9> m{1, 0, 0, 0, 1, 0, 0, 0, 1};

  [[nodiscard]] Point2d operator()(Point2d p) const {
    const double w = m[6] * p.x + m[7] * p.y + m[8];
    return {(m[0] * p.x + m[1] * p.y + m[2]) / w, (m[3] * p.x + m[4] * p.y + m[5]) / w};
  }
  /// Whether parallels stay parallel.
  [[nodiscard]] bool is_affine() const { return m[6] == 0 && m[7] == 0 && m[8] == 1; }
  /// Determinant of the 3x3 matrix: negative when the map mirrors (for points with w > 0).
  [[nodiscard]] double determinant() const;
  friend bool operator==(const Homography&, const Homography&) = default;
};

/// c_from_a = c_from_b * b_from_a.
[[nodiscard]] Homography operator*(const Homography& left, const Homography& right);

/// @throws Error(kArgument) when the map cannot be inverted.
[[nodiscard]] Homography inverse(const Homography& map);

[[nodiscard]] Homography translation(double x, double y);
[[nodiscard]] Homography scaling(double x, double y);
/// Counter-clockwise on the screen (y grows down) about the origin, as Albumentations counts.
[[nodiscard]] Homography rotation(double angle_deg);
/// The same map with `centre` in place of the origin.
[[nodiscard]] Homography about(Point2d centre, const Homography& map);
/// The map that takes four points to four points.
/// @throws Error(kArgument) when three of them lie on a line.
[[nodiscard]] Homography from_corners(const std::array<Point2d, 4>& from,
                                      const std::array<Point2d, 4>& to);

/// The map for libraries that give pixel centres whole coordinates (OpenCV): T(-1/2) M T(1/2).
[[nodiscard]] Homography to_pixel_centres(const Homography& map);

}  // namespace labelloom::augment
