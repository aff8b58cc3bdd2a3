#include "convert/keypoint_layout.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace labelloom {
namespace {

// The prior: points of one instance lie about three quarters of its size apart, any way. It counts
// as one sample of the mean and as a Student density of two degrees, whose tails are heavy.
constexpr double kPriorVariance = 0.75 * 0.75;
constexpr double kPriorMeanWeight = 1;
constexpr double kPriorDegrees = 2;
// Share of points that follow no rule: an odd pose costs at most log(kOutliers) a pair.
constexpr double kOutliers = 0.02;

constexpr double kFixedPoint = 1 << 20;
// Beyond this many sizes an offset is wrong anyway, and its square would fill the sums.
constexpr double kLargestOffset = 32;

std::int64_t fixed(double value) { return std::llround(value * kFixedPoint); }
double real(std::int64_t value) { return static_cast<double>(value) / kFixedPoint; }

std::size_t pair_index(std::size_t a, std::size_t b) {
  return a > b ? a * (a - 1) / 2 + b : b * (b - 1) / 2 + a;
}

/// log of Gamma(d/2 + 1) / (Gamma(d/2) d pi) = 1 / (2 pi): the bivariate Student factor is the
/// same for all degrees.
const double kLogStudentFactor = -std::log(2 * std::numbers::pi);

}  // namespace

OffsetDensity::OffsetDensity(double count, Point2d mean, double var_x, double var_xy, double var_y)
    : count_(count) {
  // Normal-inverse-Wishart update, Murphy (2007), "Conjugate Bayesian analysis of the Gaussian
  // distribution", eq. 250-260, with prior mean 0.
  const double weight = kPriorMeanWeight + count;
  const double pull = kPriorMeanWeight * count / weight;
  centre_ = {count * mean.x / weight, count * mean.y / weight};
  degrees_ = kPriorDegrees + count;
  const double factor = (weight + 1) / (weight * degrees_);
  // Scaled so that the predictive density of no sample has variance parameter kPriorVariance.
  const double prior = kPriorVariance * kPriorDegrees * kPriorMeanWeight / (kPriorMeanWeight + 1);
  const double xx = factor * (prior + count * var_x + pull * mean.x * mean.x);
  const double yy = factor * (prior + count * var_y + pull * mean.y * mean.y);
  const double xy = factor * (count * var_xy + pull * mean.x * mean.y);
  const double determinant = xx * yy - xy * xy;
  inverse_xx_ = yy / determinant;
  inverse_yy_ = xx / determinant;
  inverse_xy_ = -xy / determinant;
  log_factor_ = kLogStudentFactor - 0.5 * std::log(determinant);
}

double OffsetDensity::log_ratio(Point2d offset) const {
  if (count_ == 0) return 0;
  const double dx = offset.x - centre_.x;
  const double dy = offset.y - centre_.y;
  const double square = inverse_xx_ * dx * dx + 2 * inverse_xy_ * dx * dy + inverse_yy_ * dy * dy;
  const double log_density =
      log_factor_ - (degrees_ / 2 + 1) * std::log1p(std::max(square, 0.0) / degrees_);
  // The prior's density, whose exponent is 2: its reciprocal needs no logarithm.
  const double prior_square = (offset.x * offset.x + offset.y * offset.y) / kPriorVariance;
  const double root = 1 + prior_square / kPriorDegrees;
  const double prior_reciprocal = 2 * std::numbers::pi * kPriorVariance * root * root;
  return std::log((1 - kOutliers) * std::exp(log_density) * prior_reciprocal + kOutliers);
}

LayoutSums::LayoutSums(const std::vector<std::size_t>& slot_counts) {
  for (const std::size_t count : slot_counts) {
    pairs_.emplace_back(count < 2 || count > kMostSlots ? 0 : count * (count - 1) / 2);
  }
}

void LayoutSums::add(std::size_t category, std::size_t a, std::size_t b, Point2d offset) {
  if (pairs_[category].empty()) return;
  if (a < b) offset = {-offset.x, -offset.y};
  const double x = std::clamp(offset.x, -kLargestOffset, kLargestOffset);
  const double y = std::clamp(offset.y, -kLargestOffset, kLargestOffset);
  Sums& sums = pairs_[category][pair_index(a, b)];
  ++sums.count;
  sums.x += fixed(x);
  sums.y += fixed(y);
  sums.xx += fixed(x * x);
  sums.xy += fixed(x * y);
  sums.yy += fixed(y * y);
}

void LayoutSums::merge(const LayoutSums& other) {
  for (std::size_t category = 0; category < pairs_.size(); ++category) {
    for (std::size_t i = 0; i < pairs_[category].size(); ++i) {
      Sums& to = pairs_[category][i];
      const Sums& from = other.pairs_[category][i];
      to.count += from.count;
      to.x += from.x;
      to.y += from.y;
      to.xx += from.xx;
      to.xy += from.xy;
      to.yy += from.yy;
    }
  }
}

KeypointLayout::KeypointLayout(const LayoutSums& sums) {
  for (const auto& category : sums.pairs_) {
    auto& densities = pairs_.emplace_back();
    densities.reserve(category.size());
    for (const auto& s : category) {
      if (s.count == 0) {
        densities.emplace_back();
        continue;
      }
      const auto count = static_cast<double>(s.count);
      const Point2d mean = {real(s.x) / count, real(s.y) / count};
      densities.emplace_back(count,
                             mean,
                             std::max(real(s.xx) / count - mean.x * mean.x, 0.0),
                             real(s.xy) / count - mean.x * mean.y,
                             std::max(real(s.yy) / count - mean.y * mean.y, 0.0));
    }
  }
}

double KeypointLayout::log_ratio(std::size_t category,
                                 std::size_t a,
                                 std::size_t b,
                                 Point2d offset) const {
  const auto& densities = pairs_[category];
  if (densities.empty()) return 0;
  if (a < b) offset = {-offset.x, -offset.y};
  return densities[pair_index(a, b)].log_ratio(offset);
}

}  // namespace labelloom
