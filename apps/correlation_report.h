#pragma once

// Which score tells which true loss: BoxMask's Fig. 6.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "evaluate/rank_correlation.h"

namespace labelloom::apps {

/// A name and a number an image; NaN where there is none.
using NamedValues = std::pair<std::string, std::vector<double>>;

/// The losses of tasks, and behind them "all", the sum with the tasks' weights. Tasks that no image
/// has are left out; an image that lacks one of the others has no sum.
/// @param losses [tasks] of as many images each @param weights [tasks]
[[nodiscard]] std::vector<NamedValues> with_sum(std::vector<NamedValues> losses,
                                                std::span<const double> weights);

struct CorrelationInput {
  std::vector<std::string> keys;
  std::vector<NamedValues> losses;  ///< [keys] each
  std::vector<NamedValues> scores;  ///< [keys] each; greater: label first
};

struct CorrelationRow {
  std::string score;
  std::vector<evaluate::RankCorrelation> losses;  ///< in the order of the input's
};

[[nodiscard]] std::vector<CorrelationRow> correlations(
    const CorrelationInput& input, const evaluate::CorrelationOptions& options = {});

/// A line a score and loss: score, loss, images, rho, and its interval.
[[nodiscard]] std::string correlation_csv(const CorrelationInput& input,
                                          const std::vector<CorrelationRow>& rows);
/// A line an image: its key, losses and scores.
[[nodiscard]] std::string image_csv(const CorrelationInput& input);
[[nodiscard]] std::string correlation_markdown(const CorrelationInput& input,
                                               const std::vector<CorrelationRow>& rows);
/// Rank of the score (across) against rank of the loss (up), a picture each.
[[nodiscard]] std::string correlation_chart(const CorrelationInput& input,
                                            const std::vector<CorrelationRow>& rows);

}  // namespace labelloom::apps
