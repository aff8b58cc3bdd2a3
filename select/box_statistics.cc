#include "select/box_statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace labelloom::select {
namespace {

double entropy_of(const std::vector<float>& p) {
  double sum = 0;
  for (const float value : p) {
    if (value > 0) sum -= static_cast<double>(value) * std::log(static_cast<double>(value));
  }
  return std::max(0.0, sum);
}

void add(std::vector<double>& sum, const std::vector<float>& p, double weight) {
  for (std::size_t k = 0; k < std::min(sum.size(), p.size()); ++k)
    sum[k] += weight * static_cast<double>(p[k]);
}

}  // namespace

BoxStatistics box_statistics(std::span<const std::vector<float>> distributions, int classes) {
  const auto count = static_cast<std::size_t>(classes);
  BoxStatistics result;
  std::vector<double> weighted(count, 0);
  std::vector<double> plain(count, 0);
  double weights = 0;
  for (const std::vector<float>& p : distributions) {
    const double entropy = entropy_of(p);
    double first = 0;
    double second = 0;
    for (const float value : p) {
      const auto v = static_cast<double>(value);
      second = std::max(second, std::min(first, v));
      first = std::max(first, v);
    }
    result.entropy = std::max(result.entropy, entropy);
    result.margin = std::max(result.margin, 1 - (first - second));
    result.least_confidence = std::max(result.least_confidence, 1 - first);
    add(weighted, p, entropy);
    add(plain, p, 1);
    weights += entropy;
  }
  const bool certain = !(weights > 0);
  const double total = certain ? static_cast<double>(distributions.size()) : weights;
  for (const double value : certain ? plain : weighted)
    result.profile.push_back(static_cast<float>(total > 0 ? value / total : 0));
  return result;
}

}  // namespace labelloom::select
