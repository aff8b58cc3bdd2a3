#pragma once

#include <array>
#include <vector>

#include "augment/effect.h"
#include "augment/random.h"

namespace labelloom::augment {

/// in = out + a random, smooth displacement: cubic B-splines over a lattice of normal numbers whose
/// mesh is such that a spline is as wide as a Gaussian of `sigma` pixels. Unlike noise that is
/// smoothed pixel by pixel it costs nothing to draw and is known between pixels.
class SmoothNoise final : public Field {
 public:
  /// `spread`: standard deviation of the displacement along each axis, pixels. It is held below
  /// what would fold the picture. `same_xy`: one displacement for both axes.
  SmoothNoise(Size size, double spread, double sigma, bool same_xy, Random& random);

  [[nodiscard]] Point2d in_from_out(Point2d out) const override;
  void row(int row, std::span<float> x, std::span<float> y) const override;

 private:
  /// The four lattice lines around a coordinate, clamped to the lattice, and their weights.
  struct Weights {
    std::array<std::size_t, 4> line;
    std::array<double, 4> weight;
  };
  [[nodiscard]] Weights weights(double coordinate, int lines) const;
  [[nodiscard]] const Point2d& node(std::size_t row, std::size_t column) const {
    return nodes_[row * static_cast<std::size_t>(columns_) + column];
  }

  double mesh_;
  int columns_;
  int rows_;
  std::vector<Point2d> nodes_;  // [rows_][columns_]
};

}  // namespace labelloom::augment
