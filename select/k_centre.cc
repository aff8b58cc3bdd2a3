#include "select/k_centre.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace labelloom::select {
namespace {

/// In eight sums side by side: vectorised by the compiler, and the same on every machine.
float squared_distance(const float* a, const float* b, std::size_t length) {
  constexpr std::size_t kLanes = 8;
  std::array<float, kLanes> sums = {};
  std::size_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float difference = a[i + lane] - b[i + lane];
      sums[lane] += difference * difference;
    }
  }
  for (std::size_t lane = 0; i < length; ++i, ++lane) {
    const float difference = a[i] - b[i];
    sums[lane] += difference * difference;
  }
  float sum = 0;
  for (const float part : sums) sum += part;
  return sum;
}

}  // namespace

EuclideanPoints::EuclideanPoints(std::vector<float> rows,
                                 std::size_t length,
                                 const std::vector<std::uint8_t>& there)
    : rows_(std::move(rows)), length_(length), count_(length == 0 ? 0 : rows_.size() / length) {
  std::vector<double> sums(length_, 0);
  std::size_t present = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (!there.empty() && there[i] == 0) continue;
    ++present;
    for (std::size_t k = 0; k < length_; ++k)
      sums[k] += static_cast<double>(rows_[i * length_ + k]);
  }
  for (const double sum : sums)
    mean_.push_back(
        static_cast<float>(sum / static_cast<double>(std::max<std::size_t>(present, 1))));
}

float EuclideanPoints::distance(std::size_t a, std::size_t b) const {
  return std::sqrt(
      squared_distance(rows_.data() + a * length_, rows_.data() + b * length_, length_));
}

float EuclideanPoints::distance_to_mean(std::size_t a) const {
  return std::sqrt(squared_distance(rows_.data() + a * length_, mean_.data(), length_));
}

KCentre::KCentre(const Points& points,
                 const std::vector<std::size_t>& seeds,
                 const std::vector<std::size_t>& absent)
    : points_(points),
      reach_(points.size(), std::numeric_limits<float>::infinity()),
      nearest_(points.size(), 0),
      open_(points.size(), true),
      is_centre_(points.size(), false) {
  for (const std::size_t point : absent) {
    open_[point] = false;
    reach_[point] = 0;  // nothing is nearer
  }
  for (const std::size_t seed : seeds) take(seed);
}

std::optional<std::size_t> KCentre::candidate() const {
  std::optional<std::size_t> best;
  float least = 0;
  for (std::size_t i = 0; i < open_.size(); ++i) {
    if (!open_[i]) continue;
    // Compared as "less is better": the distance to the mean, or to the nearest centre, negative.
    const float value = centres_.empty() ? points_.distance_to_mean(i) : -reach_[i];
    if (!best || value < least) {
      best = i;
      least = value;
    }
  }
  return best;
}

void KCentre::take(std::size_t point) {
  open_[point] = false;
  if (is_centre_[point]) return;
  is_centre_[point] = true;
  // A point whose centre is at least twice as far from the new one as it is from the point is not
  // nearer to the new one. The little more is for rounding: what is skipped would change nothing.
  constexpr float kTwice = 2.0001F;
  std::vector<float> between;
  if (points_.is_metric()) {
    for (const std::size_t centre : centres_) between.push_back(points_.distance(point, centre));
    distances_ += centres_.size();
  }
  for (std::size_t i = 0; i < reach_.size(); ++i) {
    if (!between.empty() && between[nearest_[i]] > kTwice * reach_[i]) continue;
    const float distance = points_.distance(point, i);
    ++distances_;
    if (distance < reach_[i]) {
      reach_[i] = distance;
      nearest_[i] = centres_.size();
    }
  }
  centres_.push_back(point);
}

std::optional<float> KCentre::radius() const {
  if (centres_.empty()) return std::nullopt;
  return *std::ranges::max_element(reach_);
}

}  // namespace labelloom::select
