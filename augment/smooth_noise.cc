#include "augment/smooth_noise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace labelloom::augment {
namespace {

/// Standard deviation, on average, of cubic B-splines over independent standard normal numbers in
/// the plane: the integral of the spline squared.
constexpr double kSplineSpread = 151.0 / 315.0;
/// Largest standard deviation of the displacement's slope: it folds at 1, at four of these.
constexpr double kLargestSlope = 0.25;
constexpr int kLargestLattice = 2048;  // lines

}  // namespace

SmoothNoise::SmoothNoise(Size size, double spread, double sigma, bool same_xy, Random& random)
    // The variance of a cubic B-spline is a third of its mesh squared.
    : mesh_(std::max({sigma * std::sqrt(3.0),
                      static_cast<double>(size.width) / kLargestLattice,
                      static_cast<double>(size.height) / kLargestLattice})),
      columns_(static_cast<int>(size.width / mesh_) + 4),
      rows_(static_cast<int>(size.height / mesh_) + 4) {
  const double largest = kLargestSlope * std::numbers::sqrt2 * sigma;
  const double factor = std::min(spread, largest) / kSplineSpread;
  nodes_.resize(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_));
  for (Point2d& node : nodes_) {
    node.x = factor * random.normal();
    node.y = same_xy ? node.x : factor * random.normal();
  }
}

SmoothNoise::Weights SmoothNoise::weights(double coordinate, int lines) const {
  const double at = coordinate / mesh_;
  const double cell = std::floor(at);
  const double t = at - cell;
  const double s = 1 - t;
  Weights found{{},
                {s * s * s / 6,
                 (3 * t * t * t - 6 * t * t + 4) / 6,
                 (3 * s * s * s - 6 * s * s + 4) / 6,
                 t * t * t / 6}};
  for (std::size_t i = 0; i < 4; ++i) {
    const double line = std::clamp(cell + static_cast<double>(i), 0.0, lines - 1.0);
    found.line[i] = static_cast<std::size_t>(line);
  }
  return found;
}

Point2d SmoothNoise::in_from_out(Point2d out) const {
  const Weights across = weights(out.x, columns_);
  const Weights down = weights(out.y, rows_);
  Point2d in = out;
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t k = 0; k < 4; ++k) {
      const double weight = down.weight[i] * across.weight[k];
      const Point2d& shift = node(down.line[i], across.line[k]);
      in.x += weight * shift.x;
      in.y += weight * shift.y;
    }
  }
  return in;
}

void SmoothNoise::row(int row, std::span<float> x, std::span<float> y) const {
  const Weights down = weights(row + 0.5, rows_);
  std::vector<Point2d> line(static_cast<std::size_t>(columns_));
  for (std::size_t column = 0; column < line.size(); ++column) {
    for (std::size_t i = 0; i < 4; ++i) {
      const Point2d& shift = node(down.line[i], column);
      line[column].x += down.weight[i] * shift.x;
      line[column].y += down.weight[i] * shift.y;
    }
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double out = static_cast<double>(i) + 0.5;
    const Weights across = weights(out, columns_);
    Point2d in{out, row + 0.5};
    for (std::size_t k = 0; k < 4; ++k) {
      in.x += across.weight[k] * line[across.line[k]].x;
      in.y += across.weight[k] * line[across.line[k]].y;
    }
    x[i] = static_cast<float>(in.x);
    y[i] = static_cast<float>(in.y);
  }
}

}  // namespace labelloom::augment
