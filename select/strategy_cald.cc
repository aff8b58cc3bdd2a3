// CALD (Yu et al., Consistency-based Active Learning for Object Detection, 2022): the least
// consistent images first; then, among some more than are wanted, those whose classes are least
// like what is labelled.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "select/strategy.h"

namespace labelloom::select {
namespace {

constexpr double kMoreThanWanted = 1.2;

std::vector<double> softmax(std::vector<double> values) {
  const double greatest = values.empty() ? 0 : *std::ranges::max_element(values);
  double sum = 0;
  for (double& value : values) sum += value = std::exp(value - greatest);
  for (double& value : values) value /= sum;
  return values;
}

/// In nats, of two distributions without zeros.
double jensen_shannon(const std::vector<double>& p, const std::vector<double>& q) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double mean = (p[i] + q[i]) / 2;
    sum += (p[i] * std::log(p[i] / mean) + q[i] * std::log(q[i] / mean)) / 2;
  }
  return sum;
}

}  // namespace

Ranking rank_cald(const Strategy&, const PoolTable& table, const RankOptions& options) {
  if (table.images.empty()) return by_score({});
  const std::vector<double>& consistency = table.columns.find(column::kCald)->second;
  std::vector<double> scores;
  scores.reserve(consistency.size());
  for (const double value : consistency) scores.push_back(-value);
  Ranking ranking = by_score(std::move(scores));
  ranking.reason = [&consistency](std::size_t image) {
    return fmt::format("consistency {:.3g}", consistency[image]);
  };

  // What is labelled already, or about which nothing is known, is no candidate.
  const auto closed =
      std::stable_partition(ranking.order.begin(), ranking.order.end(), [&](std::size_t i) {
        return !table.images[i].labelled && std::isfinite(ranking.scores[i]);
      });
  const auto open = static_cast<std::size_t>(closed - ranking.order.begin());
  const auto wanted = static_cast<std::size_t>(
      std::ceil(kMoreThanWanted * static_cast<double>(std::min(options.budget, open))));
  const VectorColumn& classes = table.vectors.find(vector_column::kCaldClasses)->second;
  const std::vector<double> labelled = softmax(table.labelled_counts);
  std::vector<double> unlike(table.images.size(), 0);
  const std::size_t candidates = std::min(wanted, open);
  for (std::size_t i = 0; i < candidates; ++i) {
    const std::size_t image = ranking.order[i];
    if (classes.there[image] == 0) {  // nothing says that it is unlike the others
      unlike[image] = -std::numeric_limits<double>::infinity();
      continue;
    }
    const float* row = classes.row(image);
    std::vector<double> values(row, row + classes.length);
    values.resize(labelled.size(), 0);
    const bool none = std::ranges::all_of(values, [](double v) { return v == 0; });
    unlike[image] = none ? std::numeric_limits<double>::infinity()
                         : jensen_shannon(labelled, softmax(std::move(values)));
  }
  std::ranges::sort(ranking.order.begin(),
                    ranking.order.begin() + static_cast<std::ptrdiff_t>(candidates),
                    [&](std::size_t a, std::size_t b) {
                      return unlike[a] != unlike[b] ? unlike[a] > unlike[b] : a < b;
                    });
  return ranking;
}

}  // namespace labelloom::select
