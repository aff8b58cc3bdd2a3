#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "formats/error.h"
#include "select/strategy.h"

namespace labelloom::select {
namespace {

const std::vector<Strategy>& table_of_strategies() {
  using namespace column;         // NOLINT(google-build-using-namespace): names of one table
  using namespace vector_column;  // NOLINT(google-build-using-namespace)
  static const std::vector<Strategy> table = {
      Strategy{"boxmask",
               "where boxes and segmentation disagree, all three terms",
               "loc cls seg",
               {},
               {},
               rank_boxmask},
      Strategy{"boxmask-loc", "its location term alone", "loc", {}, {}, rank_boxmask},
      Strategy{"boxmask-cls", "its class term alone", "cls", {}, {}, rank_boxmask},
      Strategy{"boxmask-seg", "its segmentation term alone", "seg", {}, {}, rank_boxmask},
      Strategy{"boxmask-loc+cls", "without the segmentation term", "loc cls", {}, {}, rank_boxmask},
      Strategy{"boxmask-cls+seg", "without the location term", "cls seg", {}, {}, rank_boxmask},
      Strategy{"boxmask-loc+seg", "without the class term", "loc seg", {}, {}, rank_boxmask},
      Strategy{"entropy",
               "mean rank of the tasks' entropies",
               {},
               {kEntropySegmentation, kEntropyBoxes},
               {},
               rank_columns},
      Strategy{"margin",
               "mean rank of the tasks' margins between the first two classes",
               {},
               {kMarginSegmentation, kMarginBoxes},
               {},
               rank_columns},
      Strategy{"least-confidence",
               "mean rank of the tasks' doubts about the first class",
               {},
               {kLeastConfidenceSegmentation, kLeastConfidenceBoxes},
               {},
               rank_columns},
      Strategy{"cald",
               "consistency of boxes under augmentation, then balance of classes",
               {},
               {kCald},
               {kCaldClasses},
               rank_cald},
      Strategy{"equal",
               "inconsistency of the segmentation under a flip",
               {},
               {kEqualKl},
               {},
               rank_columns},
      Strategy{"equal-entropy",
               "entropy of the mean of the picture and its flip",
               {},
               {kEqualEntropy},
               {},
               rank_columns},
      Strategy{"ll4al", "sum of the predicted losses", {}, {kLossPrefix}, {}, rank_losses},
      Strategy{"ll4al-det", "predicted loss of the boxes", {}, {kLossBoxes}, {}, rank_columns},
      Strategy{"ll4al-seg",
               "predicted loss of the segmentation",
               {},
               {kLossSegmentation},
               {},
               rank_columns},
      Strategy{"ll4al-turns",
               "predicted loss of boxes and segmentation, round by round",
               {},
               {kLossBoxes, kLossSegmentation},
               {},
               rank_losses_in_turn},
      Strategy{"cdal",
               "k-centre over class distributions",
               {},
               {},
               {kCdalSegmentation, kCdalBoxes},
               rank_cdal},
      Strategy{"coreset", "k-centre over embeddings", {}, {}, {kEmbedding}, rank_coreset},
      Strategy{"random", "by a hash of seed and name", {}, {}, {}, rank_random},
      Strategy{"alternation",
               "cald and equal, round by round",
               {},
               {kCald, kEqualKl},
               {kCaldClasses},
               rank_alternation}};
  return table;
}

const Strategy* find_strategy(std::string_view name) {
  const auto found = std::ranges::find(strategies(), name, &Strategy::name);
  return found == strategies().end() ? nullptr : &*found;
}

bool matches(std::string_view wanted, std::string_view name) {
  return wanted.ends_with('.') ? name.starts_with(wanted) : name == wanted;
}

std::string joined(const std::vector<std::string_view>& names, std::string_view between) {
  std::string text;
  for (const std::string_view name : names) {
    text += fmt::format("{}{}", text.empty() ? "" : between, name);
    if (name.ends_with('.')) text += '*';
  }
  return text;
}

/// Puts pictures that cannot be read behind all others, without a score, and counts them no more
/// among those without a finite one.
Ranking without_unreadable(const PoolTable& table, Ranking ranking) {
  const auto readable = [&table](std::size_t i) { return table.images[i].readable; };
  if (std::ranges::all_of(ranking.order, readable)) return ranking;
  std::stable_partition(ranking.order.begin(), ranking.order.end(), readable);
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  ranking.not_finite = 0;
  for (std::size_t i = 0; i < table.images.size(); ++i) {
    if (!readable(i)) ranking.scores[i] = kNone;
    if (readable(i) && ranking.scores[i] == kNone) ++ranking.not_finite;
  }
  ranking.not_finite +=
      static_cast<std::size_t>(std::ranges::count_if(ranking.without_point, readable));
  ranking.reason = [readable, reason = std::move(ranking.reason)](std::size_t i) {
    return readable(i) ? reason(i) : "cannot be read";
  };
  return ranking;
}

void check_needs(const Strategy& strategy, const PoolTable& table) {
  if (table.images.empty()) return;
  const auto refuse = [&](const std::string& what) {
    std::string there = table.has_boxmask ? "BoxMask's terms" : "";
    for (const auto& [name, values] : table.columns)
      there += fmt::format("{}{}", there.empty() ? "" : ", ", name);
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("strategy {} needs {}, which these scores do not have (they have {}); "
                            "score again with `labelloom score --strategy {}`",
                            strategy.name,
                            what,
                            there.empty() ? "none" : there,
                            strategy.name));
  };
  if (!strategy.terms.empty() && !table.has_boxmask) refuse("BoxMask's terms");
  if (!strategy.columns.empty() && columns_there(strategy, table).empty())
    refuse(joined(strategy.columns, " or "));
  for (const std::string_view name : strategy.vectors) {
    const auto found = table.vectors.find(name);
    const bool there = found != table.vectors.end() && found->second.length > 0;
    if (!there) refuse(fmt::format("the vectors {}", name));
  }
}

}  // namespace

std::span<const Strategy> strategies() { return table_of_strategies(); }

TableOptions table_options(std::string_view name, const CombineOptions& combine) {
  TableOptions options;
  options.combine = combine;
  const Strategy* strategy = find_strategy(name);
  options.boxmask = true;  // its terms are shown whatever the order is
  if (strategy == nullptr) return options;
  for (const std::string_view vector : strategy->vectors) options.vectors.emplace_back(vector);
  if (strategy->terms.empty()) return options;
  const auto has = [&](std::string_view term) {
    return strategy->terms.find(term) != std::string_view::npos;
  };
  if (!has("loc")) options.combine.location_weight = 0;
  if (!has("cls")) options.combine.class_weight = 0;
  if (!has("seg")) options.combine.segmentation_weight = 0;
  return options;
}

std::vector<std::string> columns_there(const Strategy& strategy, const PoolTable& table) {
  std::vector<std::string> there;
  for (const auto& column : table.columns) {
    const bool wanted = std::ranges::any_of(
        strategy.columns, [&](std::string_view w) { return matches(w, column.first); });
    if (wanted) there.push_back(column.first);
  }
  return there;
}

Ranking rank(std::string_view name, const PoolTable& table, const RankOptions& options) {
  if (const Strategy* strategy = find_strategy(name)) {
    check_needs(*strategy, table);
    return without_unreadable(table, strategy->rank(*strategy, table, options));
  }
  if (table.columns.contains(name)) {
    const Strategy by_column{name, {}, {}, {name}, {}, rank_columns};
    return without_unreadable(table, rank_columns(by_column, table, options));
  }
  std::vector<std::string_view> known;
  for (const Strategy& strategy : strategies()) known.push_back(strategy.name);
  throw Error(Errc::kArgument,
              {},
              fmt::format("unknown strategy {}; known: {}, and every column of the scores",
                          labelloom::quoted(name),
                          joined(known, ", ")));
}

Ranking by_score(std::vector<double> scores) {
  Ranking ranking;
  for (double& score : scores) {
    if (std::isnan(score)) score = -std::numeric_limits<double>::infinity();
    if (std::isinf(score) && score < 0) ++ranking.not_finite;
  }
  ranking.order.resize(scores.size());
  std::iota(ranking.order.begin(), ranking.order.end(), std::size_t{0});
  // Images are in the order of their keys.
  std::ranges::stable_sort(ranking.order,
                           [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  ranking.scores = std::move(scores);
  ranking.reason = [](std::size_t) { return std::string(); };
  return ranking;
}

}  // namespace labelloom::select
