#pragma once

// Whether one number orders things as another one does.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace labelloom::evaluate {

/// Ranks from 1, equals have the mean of theirs. Values must not be NaN.
[[nodiscard]] std::vector<double> average_ranks(std::span<const double> values);

/// Spearman's rank correlation: Pearson's of the ranks, which is right with ties, too. Nothing for
/// fewer than two pairs, or if all values of one side are equal.
/// @throws Error(kArgument) for spans of different lengths.
[[nodiscard]] std::optional<double> spearman(std::span<const double> a, std::span<const double> b);

struct CorrelationOptions {
  std::size_t resamples = 1000;  ///< of the bootstrap; 0: no interval
  double level = 0.95;           ///< of the interval
  std::uint64_t seed = 0;
};

struct RankCorrelation {
  std::size_t pairs = 0;      ///< those of which both are finite
  std::optional<double> rho;  ///< see `spearman`
  /// Percentile interval of the bootstrap over pairs (Efron 1979). Resamples in which one side is
  /// constant do not count. The same arguments give the same interval on every machine.
  std::optional<double> low = {};
  std::optional<double> high = {};
};

/// Pairs with a value that is not finite are left out.
/// @throws Error(kArgument) for spans of different lengths, a level outside (0, 1).
[[nodiscard]] RankCorrelation rank_correlation(std::span<const double> a,
                                               std::span<const double> b,
                                               const CorrelationOptions& options = {});

}  // namespace labelloom::evaluate
