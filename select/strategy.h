#pragma once

// How the images of a pool are ordered. A strategy is one line of the table in strategy_table.cc:
// what it needs of the scores, and a function from numbers to an order.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "select/k_centre.h"
#include "select/pool_table.h"

namespace labelloom::select {

struct RankOptions {
  CombineOptions combine = {};  ///< the table's
  std::uint64_t seed = 0;       ///< of `random`
  int cycle = 0;                ///< round of labelling, 0-based: strategies that take turns
  std::size_t budget = 100;     ///< images that will be taken: CALD's second stage
};

struct Ranking {
  /// [images] greater first to be labelled; minus infinity where it is not a number. Strategies
  /// that pick one image after the other have zeros.
  std::vector<double> scores;
  /// All images, the best first; of equals the lesser key. Those that cannot be read are behind.
  std::vector<std::size_t> order;
  /// If set, images are picked by KCentre over these; `order` says only what comes behind.
  std::shared_ptr<const Points> points = nullptr;
  std::vector<std::size_t> without_point = {};  ///< images that have none
  std::size_t not_finite = 0;  ///< images that can be read and come last because of that
  /// Why an image has its score, in a few words: "S_cls box 2 (bolt)".
  std::function<std::string(std::size_t)> reason;
};

struct Strategy {
  std::string_view name;
  std::string_view summary;
  /// Terms of BoxMask that count: of "loc", "cls", "seg"; empty: it does not need BoxMask.
  std::string_view terms = {};
  /// One of these at least; those that are there are used. A trailing "." stands for all names that
  /// begin so.
  std::vector<std::string_view> columns = {};
  std::vector<std::string_view> vectors = {};  ///< all of them
  Ranking (*rank)(const Strategy&, const PoolTable&, const RankOptions&) = nullptr;
};

[[nodiscard]] std::span<const Strategy> strategies();

/// What has to be read for a strategy; `combine` with the weights of its terms. A name that no
/// strategy has is that of a column. `combine.*_weight` of terms that do not count become 0.
[[nodiscard]] TableOptions table_options(std::string_view strategy, const CombineOptions& combine);

/// @throws Error(kArgument) for an unknown name; Error(kInvalidData) naming the strategy and what
/// the scores lack. `combine` must be that of table_options.
[[nodiscard]] Ranking rank(std::string_view strategy,
                           const PoolTable& table,
                           const RankOptions& options);

/// Which of the wanted columns are there, see Strategy::columns.
[[nodiscard]] std::vector<std::string> columns_there(const Strategy& strategy,
                                                     const PoolTable& table);

/// The order by (score descending, key ascending); what is not a number counts as minus infinity
/// and is counted.
[[nodiscard]] Ranking by_score(std::vector<double> scores);

// Functions of the table, one file for each kind.
[[nodiscard]] Ranking rank_boxmask(const Strategy&, const PoolTable&, const RankOptions&);
[[nodiscard]] Ranking rank_columns(const Strategy&, const PoolTable&, const RankOptions&);
[[nodiscard]] Ranking rank_losses(const Strategy&, const PoolTable&, const RankOptions&);
[[nodiscard]] Ranking rank_losses_in_turn(const Strategy&, const PoolTable&, const RankOptions&);
[[nodiscard]] Ranking rank_random(const Strategy&, const PoolTable&, const RankOptions&);
[[nodiscard]] Ranking rank_cald(const Strategy&, const PoolTable&, const RankOptions&);
[[nodiscard]] Ranking rank_alternation(const Strategy&, const PoolTable&, const RankOptions&);
[[nodiscard]] Ranking rank_coreset(const Strategy&, const PoolTable&, const RankOptions&);
[[nodiscard]] Ranking rank_cdal(const Strategy&, const PoolTable&, const RankOptions&);

}  // namespace labelloom::select
