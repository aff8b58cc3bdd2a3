#pragma once

// How the key points of one instance lie to each other, learned from a whole input. For each
// category and pair of key point names the offset from one point to the other, in units of the
// instance's size, is taken to be normally distributed with unknown mean and covariance.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/geometry.h"

namespace labelloom {

/// What is known about one offset: its posterior predictive density against the prior's.
///
/// With a normal-inverse-Wishart prior both are bivariate Student densities. Few samples, or
/// offsets that point everywhere (parts in any rotation), leave the two nearly alike and the ratio
/// near 0: the layout says as much as it knows.
class OffsetDensity {
 public:
  /// Nothing known: the ratio is 0 everywhere.
  OffsetDensity() = default;
  /// `mean` and covariance (divided by `count`) of `count` samples.
  OffsetDensity(double count, Point2d mean, double var_x, double var_xy, double var_y);

  /// log((1 - e) p(offset | samples) / p(offset) + e), e = 2 % for points that follow no rule.
  [[nodiscard]] double log_ratio(Point2d offset) const;

 private:
  double count_ = 0;
  Point2d centre_;
  double inverse_xx_ = 0, inverse_xy_ = 0, inverse_yy_ = 0;  // of the Student scale matrix
  double degrees_ = 0;
  double log_factor_ = 0;
};

/// Sums of offsets in fixed point: the same in any order, so for any number of threads.
class LayoutSums {
 public:
  /// `slot_counts`: number of key point names of each category.
  explicit LayoutSums(const std::vector<std::size_t>& slot_counts);

  /// Adds the offset from slot `a` to slot `b` (different), in instance sizes.
  void add(std::size_t category, std::size_t a, std::size_t b, Point2d offset);
  void merge(const LayoutSums& other);

  /// Categories with more names than this are not learned: pairs grow with the square.
  static constexpr std::size_t kMostSlots = 1024;

 private:
  friend class KeypointLayout;
  struct Sums {
    std::int64_t count = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
  };
  std::vector<std::vector<Sums>> pairs_;  // [category][a * (a - 1) / 2 + b], b < a
};

/// The densities of all pairs.
class KeypointLayout {
 public:
  explicit KeypointLayout(const LayoutSums& sums);

  /// Log ratio (see OffsetDensity) for two points of one instance in slots `a` and `b`;
  /// `offset` leads from a to b, in instance sizes.
  [[nodiscard]] double log_ratio(std::size_t category,
                                 std::size_t a,
                                 std::size_t b,
                                 Point2d offset) const;

 private:
  std::vector<std::vector<OffsetDensity>> pairs_;
};

}  // namespace labelloom
