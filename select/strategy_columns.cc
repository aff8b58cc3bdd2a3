#include <cmath>

#include <fmt/format.h>

#include "select/mean_ranks.h"
#include "select/strategy.h"

namespace labelloom::select {
namespace {

/// "entropy.seg 0.52, entropy.det 1.1".
auto values_of(const PoolTable& table, std::vector<std::string> names) {
  return [&table, names = std::move(names)](std::size_t image) {
    std::string text;
    for (const std::string& name : names) {
      text += fmt::format(
          "{}{} {:.3g}", text.empty() ? "" : ", ", name, table.columns.find(name)->second[image]);
    }
    return text;
  };
}

}  // namespace

Ranking rank_columns(const Strategy& strategy, const PoolTable& table, const RankOptions&) {
  const std::vector<std::string> names = columns_there(strategy, table);
  std::vector<double> scores(table.images.size(), 0);
  std::vector<bool> open;
  for (const PoolImage& image : table.images) open.push_back(image.open());
  for (const std::string& name : names) {
    const std::vector<double>& column = table.columns.find(name)->second;
    // One task: its own numbers. Several: their units differ, so their ranks.
    const std::vector<double> values = names.size() == 1 ? column : mean_ranks(column, open);
    for (std::size_t i = 0; i < values.size(); ++i) {
      scores[i] += values[i] / static_cast<double>(names.size());
    }
  }
  Ranking ranking = by_score(std::move(scores));
  ranking.reason = values_of(table, names);
  return ranking;
}

Ranking rank_losses(const Strategy& strategy, const PoolTable& table, const RankOptions&) {
  const std::vector<std::string> names = columns_there(strategy, table);
  std::vector<double> scores(table.images.size(), 0);
  for (const std::string& name : names) {
    const std::vector<double>& column = table.columns.find(name)->second;
    for (std::size_t i = 0; i < column.size(); ++i) scores[i] += column[i];
  }
  Ranking ranking = by_score(std::move(scores));
  ranking.reason = values_of(table, names);
  return ranking;
}

Ranking rank_losses_in_turn(const Strategy&, const PoolTable& table, const RankOptions& options) {
  return rank(options.cycle % 2 == 0 ? "ll4al-det" : "ll4al-seg", table, options);
}

Ranking rank_alternation(const Strategy&, const PoolTable& table, const RankOptions& options) {
  return rank(options.cycle % 2 == 0 ? "cald" : "equal", table, options);
}

Ranking rank_random(const Strategy&, const PoolTable& table, const RankOptions& options) {
  std::vector<double> scores;
  for (const PoolImage& image : table.images) {
    scores.push_back(std::ldexp(static_cast<double>(hash64(image.key, options.seed) >> 11U), -53));
  }
  Ranking ranking = by_score(std::move(scores));
  ranking.reason = [](std::size_t) { return std::string("at random"); };
  return ranking;
}

}  // namespace labelloom::select
