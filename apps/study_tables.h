#pragma once

// What came out of a study: curves and what is said about them.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/study_cell.h"
#include "evaluate/learning_curve.h"

namespace labelloom::apps {

/// All cells that are done, and what they are held against.
struct StudyResults {
  std::size_t images = 0;               ///< in the whole set
  std::vector<std::string> tasks;       ///< metrics that mDSQ is made of
  std::vector<std::string> strategies;  ///< labels, in the order of tables
  std::vector<StudyCell> cells;         ///< of strategies
  std::vector<StudyCell> references;    ///< a seed each, of kReference
};

/// A strategy in one round, over the seeds that are done.
struct RoundScore {
  int round = 0;
  std::size_t images = 0;
  std::size_t seeds = 0;
  evaluate::MeanAndSpread mdsq;
  std::optional<evaluate::MeanAndSpread> rare = {};
  std::optional<evaluate::MeanAndSpread> duplicates = {};
};

struct StrategySummary {
  std::string strategy;
  std::vector<RoundScore> rounds;
  // Over the seeds whose every round (of those that any seed has) is done; those that never reach
  // 95 % are not in `labels95`.
  std::size_t whole_seeds = 0;
  std::size_t reached = 0;
  std::optional<evaluate::MeanAndSpread> labels95 = {};   ///< share of the set, see labels_to_reach
  std::optional<evaluate::MeanAndSpread> mean_mdsq = {};  ///< mean height of the curve
  /// Mean height less that of "random" of the same seed, over the whole seeds that both have.
  std::size_t compared_seeds = 0;
  std::optional<evaluate::MeanAndSpread> above_random = {};
};

struct StudySummary {
  /// The mean over seeds of the reference's score, by task.
  std::vector<std::pair<std::string, double>> references;
  std::vector<StrategySummary> strategies;
};

/// mDSQ of a cell; the references are means over the seeds, so that the curves of all seeds have
/// the same unit. @throws Error(kInvalidData) if a reference is 0 or a cell lacks a metric.
[[nodiscard]] double mdsq_of(const StudyCell& cell,
                             const std::vector<std::pair<std::string, double>>& references);

/// @throws Error(kInvalidData) as mdsq_of, or without references.
[[nodiscard]] StudySummary summarise(const StudyResults& results);

/// A line a cell: strategy, seed, round, images, every metric, mDSQ (1 is as good as all labels),
/// and, where they are known, the shares of PoolShares.
[[nodiscard]] std::string curves_csv(const StudyResults& results, const StudySummary& summary);
/// mDSQ over the share of the set that is labelled, mean and one standard deviation.
[[nodiscard]] std::string curves_chart(const StudyResults& results, const StudySummary& summary);
/// For people (Markdown) and for programs.
[[nodiscard]] std::string summary_markdown(const StudyResults& results,
                                           const StudySummary& summary);
[[nodiscard]] std::string summary_json(const StudyResults& results, const StudySummary& summary);

}  // namespace labelloom::apps
