#include "augment/homography.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "formats/error.h"

namespace labelloom::augment {
namespace {

/// Puts the last element at 1, so that affine maps are known as such whatever they came from; or at
/// -1 where the origin is behind the horizon: w > 0 is the side that shows.
Homography normalised(Homography map) {
  const double scale = std::abs(map.m[8]);
  if (scale != 0 && scale != 1) {
    for (double& value : map.m) value /= scale;
  }
  return map;
}

/// Unit square to a quadrilateral (Heckbert, Fundamentals of Texture Mapping, 1989, section 2.2.3).
Homography from_unit_square(const std::array<Point2d, 4>& to) {
  const auto& [a, b, c, d] = to;
  const double sx = a.x - b.x + c.x - d.x;
  const double sy = a.y - b.y + c.y - d.y;
  const double dx1 = b.x - c.x;
  const double dx2 = d.x - c.x;
  const double dy1 = b.y - c.y;
  const double dy2 = d.y - c.y;
  const double det = dx1 * dy2 - dx2 * dy1;
  if (det == 0 || !std::isfinite(det)) {
    throw Error(Errc::kArgument, {}, "corners of a perspective lie on a line");
  }
  const double g = (sx * dy2 - dx2 * sy) / det;
  const double h = (dx1 * sy - sx * dy1) / det;
  return {{b.x - a.x + g * b.x,
           d.x - a.x + h * d.x,
           a.x,
           b.y - a.y + g * b.y,
           d.y - a.y + h * d.y,
           a.y,
           g,
           h,
           1}};
}

}  // namespace

double Homography::determinant() const {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
         m[2] * (m[3] * m[7] - m[4] * m[6]);
}

Homography operator*(const Homography& left, const Homography& right) {
  Homography product;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      double sum = 0;
      for (std::size_t k = 0; k < 3; ++k) sum += left.m[row * 3 + k] * right.m[k * 3 + column];
      product.m[row * 3 + column] = sum;
    }
  }
  return normalised(product);
}

Homography inverse(const Homography& map) {
  const auto& m = map.m;
  const double det = map.determinant();
  if (det == 0 || !std::isfinite(1 / det)) {
    throw Error(Errc::kArgument, {}, "a map of the plane cannot be inverted");
  }
  Homography result{{m[4] * m[8] - m[5] * m[7],
                     m[2] * m[7] - m[1] * m[8],
                     m[1] * m[5] - m[2] * m[4],
                     m[5] * m[6] - m[3] * m[8],
                     m[0] * m[8] - m[2] * m[6],
                     m[2] * m[3] - m[0] * m[5],
                     m[3] * m[7] - m[4] * m[6],
                     m[1] * m[6] - m[0] * m[7],
                     m[0] * m[4] - m[1] * m[3]}};
  for (double& value : result.m) value /= det;
  return normalised(result);
}

Homography translation(double x, double y) { return {{1, 0, x, 0, 1, y, 0, 0, 1}}; }

Homography scaling(double x, double y) { return {{x, 0, 0, 0, y, 0, 0, 0, 1}}; }

Homography rotation(double angle_deg) {
  // Quarter turns are exact, so that they move pixels without resampling.
  const double quarters = angle_deg / 90;
  if (quarters == std::round(quarters)) {
    constexpr std::array<std::pair<int, int>, 4> kCosSin{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};
    const auto [c, s] = kCosSin[static_cast<std::size_t>(std::fmod(quarters, 4) + 4) % 4];
    return {{double(c), double(s), 0, double(-s), double(c), 0, 0, 0, 1}};
  }
  const double angle = angle_deg * std::numbers::pi / 180;
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  return {{c, s, 0, -s, c, 0, 0, 0, 1}};
}

Homography about(Point2d centre, const Homography& map) {
  return translation(centre.x, centre.y) * map * translation(-centre.x, -centre.y);
}

Homography from_corners(const std::array<Point2d, 4>& from, const std::array<Point2d, 4>& to) {
  return from_unit_square(to) * inverse(from_unit_square(from));
}

Homography to_pixel_centres(const Homography& map) {
  return translation(-0.5, -0.5) * map * translation(0.5, 0.5);
}

}  // namespace labelloom::augment
