#include "evaluate/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::evaluate {
namespace {

/// SplitMix64 (Steele, Lea and Flood, 2014): the same draws on every machine.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}

  /// In [0, count); the bias is less than count / 2^53.
  std::size_t below(std::size_t count) {
    const double share = std::ldexp(static_cast<double>(next() >> 11U), -53);
    return std::min(count - 1, static_cast<std::size_t>(share * static_cast<double>(count)));
  }

 private:
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  std::uint64_t state_;
};

void check_lengths(std::span<const double> a, std::span<const double> b) {
  if (a.size() == b.size()) return;
  throw Error(Errc::kArgument,
              {},
              fmt::format("rank correlation: {} values against {}", a.size(), b.size()));
}

/// Of values whose mean is that of the ranks 1 .. n.
std::optional<double> pearson_of_ranks(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < 2) return std::nullopt;
  const double mean = (static_cast<double>(a.size()) + 1) / 2;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  if (aa <= 0 || bb <= 0) return std::nullopt;
  return std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0);
}

/// The value below which a share of the sorted values lies; straight between neighbours.
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = place - static_cast<double>(below);
  return sorted[below] + part * (sorted[above] - sorted[below]);
}

}  // namespace

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    const double rank = static_cast<double>(first + 1 + last) / 2;
    for (std::size_t i = first; i < last; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

std::optional<double> spearman(std::span<const double> a, std::span<const double> b) {
  check_lengths(a, b);
  return pearson_of_ranks(average_ranks(a), average_ranks(b));
}

RankCorrelation rank_correlation(std::span<const double> a,
                                 std::span<const double> b,
                                 const CorrelationOptions& options) {
  check_lengths(a, b);
  if (!(options.level > 0) || !(options.level < 1)) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("rank correlation: level {} is outside (0, 1)", options.level));
  }
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) continue;
    x.push_back(a[i]);
    y.push_back(b[i]);
  }
  RankCorrelation result{.pairs = x.size(), .rho = spearman(x, y)};
  if (!result.rho) return result;
  Draws draws(options.seed);
  std::vector<double> found;
  std::vector<double> drawn_x(x.size());
  std::vector<double> drawn_y(x.size());
  for (std::size_t k = 0; k < options.resamples; ++k) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t from = draws.below(x.size());
      drawn_x[i] = x[from];
      drawn_y[i] = y[from];
    }
    if (const auto rho = spearman(drawn_x, drawn_y)) found.push_back(*rho);
  }
  if (found.empty()) return result;
  std::ranges::sort(found);
  result.low = quantile(found, (1 - options.level) / 2);
  result.high = quantile(found, (1 + options.level) / 2);
  return result;
}

}  // namespace labelloom::evaluate
