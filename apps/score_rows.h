#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apps/forward_passes.h"
#include "apps/pool_scorer.h"
#include "formats/dataset.h"
#include "model/model_config.h"
#include "model/sample.h"
#include "select/blamed_cells.h"
#include "select/score_row.h"

namespace labelloom::apps {

/// Makes rows of what a model said. Threads may share one.
class RowMaker {
 public:
  RowMaker(const model::ModelConfig& config, const PoolScoringOptions& options);

  /// A row a picture, in their order; on all cores of the caller's TBB arena.
  /// @param images [N] of the pool
  [[nodiscard]] std::vector<select::ScoreRow> rows(
      ForwardBatch& batch,
      std::span<const Image* const> images,
      std::span<const model::InputImage> pictures) const;

  /// The row of a picture about which nothing can be said: it comes last. Without a size it is that
  /// of one that cannot be read, which no strategy takes.
  [[nodiscard]] select::ScoreRow empty_row(const Image& image, Size size) const;

 private:
  void add_predictions(const ForwardBatch& batch,
                       std::size_t index,
                       const model::InputImage& picture,
                       const select::BlamedCells* cells,
                       select::ScoreRow& row) const;
  void add_columns(const ForwardBatch& batch, std::size_t index, select::ScoreRow& row) const;

  model::ModelConfig config_;
  PoolScoringOptions options_;
};

/// Which of so many predicted losses becomes which column; those of tasks whose head is missing
/// have learnt nothing and are left out.
[[nodiscard]] std::vector<std::pair<std::size_t, std::string>> loss_columns(
    const model::Heads& heads, std::size_t tasks);

/// Whether all numbers of a row are finite.
[[nodiscard]] bool is_finite(const select::ScoreRow& row);

}  // namespace labelloom::apps
