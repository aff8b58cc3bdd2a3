#include "select/cdal_points.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "formats/error.h"
#include "select/score_row.h"

namespace labelloom::select {
namespace {

constexpr float kLeast = 1e-6F;  // a probability never is less
/// Of images that have no class in common: as far apart as two distributions can be.
const float kGreatest = -std::log(kLeast);

std::size_t root(std::size_t square) {
  const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(square))));
  if (side * side != square)
    throw Error(Errc::kInvalidData, {}, "cdal.seg has no square number of values");
  return side;
}

}  // namespace

CdalPoints::Task::Task(const std::vector<float>& rows,
                       std::size_t images,
                       const std::vector<std::uint8_t>& known,
                       std::size_t group_count,
                       std::size_t class_count)
    : groups(group_count), classes(class_count), p(rows), there((images + 1) * group_count, 0) {
  const std::size_t length = groups * classes;
  p.resize((images + 1) * length, 0);
  std::vector<double> sums(length, 0);
  std::vector<std::size_t> present;
  for (std::size_t i = 0; i <= images; ++i) {
    const bool is_known = i == images || known.empty() || known[i] != 0;
    if (is_known && i < images) present.push_back(i);
    for (std::size_t g = 0; g < groups; ++g) {
      float* const row = p.data() + i * length + g * classes;
      if (i == images) {  // the mean of all that have the class
        for (std::size_t k = 0; k < classes; ++k)
          row[k] = static_cast<float>(sums[g * classes + k]);
      }
      float sum = 0;
      for (std::size_t k = 0; k < classes; ++k) sum += row[k] = std::max(row[k], 0.0F);
      if (!(sum > 0)) continue;
      there[i * groups + g] = 1;
      for (std::size_t k = 0; k < classes; ++k) {
        row[k] = std::max(row[k] / sum, kLeast);
        if (is_known) sums[g * classes + k] += static_cast<double>(row[k]);
      }
    }
  }
  for (const float value : p) log_p.push_back(value > 0 ? std::log(value) : 0);
  std::vector<float> sample;
  constexpr std::size_t kPairs = 4096;
  for (std::size_t pair = 0; pair < kPairs && present.size() > 1; ++pair) {
    const std::size_t a = present[hash64(std::to_string(pair), 1) % present.size()];
    const std::size_t b = present[hash64(std::to_string(pair), 2) % present.size()];
    if (a != b) sample.push_back(divergence(a, b));
  }
  if (sample.empty()) return;
  const auto middle = sample.begin() + static_cast<std::ptrdiff_t>(sample.size() / 2);
  std::ranges::nth_element(sample, middle);
  if (*middle > 0) scale = 1 / *middle;
}

float CdalPoints::Task::divergence(std::size_t a, std::size_t b) const {
  float sum = 0;
  int shared = 0;
  bool any = false;
  for (std::size_t g = 0; g < groups; ++g) {
    const bool in_a = there[a * groups + g] != 0;
    const bool in_b = there[b * groups + g] != 0;
    any |= in_a || in_b;
    if (!in_a || !in_b) continue;
    ++shared;
    const std::size_t first_a = (a * groups + g) * classes;
    const std::size_t first_b = (b * groups + g) * classes;
    for (std::size_t k = 0; k < classes; ++k) {
      sum += (p[first_a + k] - p[first_b + k]) * (log_p[first_a + k] - log_p[first_b + k]) / 2;
    }
  }
  if (shared == 0) return any ? kGreatest : 0;
  return sum / static_cast<float>(shared);
}

CdalPoints::CdalPoints(const std::vector<float>& segmentation,
                       std::size_t segmentation_length,
                       const std::vector<float>& boxes,
                       std::size_t box_length,
                       const std::vector<std::uint8_t>& there)
    : count_(segmentation_length == 0 ? 0 : segmentation.size() / segmentation_length),
      segmentation_(
          segmentation, count_, there, root(segmentation_length), root(segmentation_length)),
      boxes_(boxes, count_, there, 1, box_length) {}

float CdalPoints::distance(std::size_t a, std::size_t b) const {
  return segmentation_.scale * segmentation_.divergence(a, b) +
         boxes_.scale * boxes_.divergence(a, b);
}

float CdalPoints::distance_to_mean(std::size_t a) const { return distance(a, count_); }

}  // namespace labelloom::select
