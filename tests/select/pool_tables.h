#pragma once

#include <string>
#include <vector>

#include "select/batch.h"
#include "select/score_shard.h"
#include "tests/select/score_rows.h"
#include "tests/support/temp_dir.h"

namespace labelloom::select {

inline PredictedBox box_of(int class_index) {
  PredictedBox box;
  box.box = {1, 1, 10, 10};
  box.class_index = class_index;
  box.score = 0.5;
  return box;
}

/// A row whose column "x" is the score and whose embedding is a point on a line.
inline ScoreRow scored(
    const std::string& key, double x, float place = 0, int boxes = 0, int class_index = 0) {
  ScoreRow row = empty_row(key);
  row.scores["x"] = x;
  row.vectors["embedding"] = {place};
  for (int i = 0; i < boxes; ++i) row.boxes.push_back(box_of(class_index));
  return row;
}

/// The pool of these rows, read as a command reads it.
inline PoolTable table_of(const std::vector<ScoreRow>& rows,
                          const Dataset* labelled = nullptr,
                          TableOptions options = {}) {
  const test::TempDir dir;
  std::vector<std::string> keys;
  keys.reserve(rows.size());
  for (const ScoreRow& row : rows) keys.push_back(row.key);
  ScoreShardWriter writer(dir.path(), header_of(keys));
  for (const ScoreRow& row : rows) writer.add(row);
  writer.finish();
  if (options.vectors.empty()) options.vectors = {"embedding"};
  return read_table(ScorePool(dir.path()), options, labelled);
}

inline std::vector<std::string> keys_of(const PoolTable& table, const Batch& batch) {
  std::vector<std::string> keys;
  for (const Chosen& chosen : batch.images) keys.push_back(table.images[chosen.image].key);
  return keys;
}

inline BatchOptions images(std::size_t amount) {
  BatchOptions options;
  options.budget.amount = amount;
  return options;
}

}  // namespace labelloom::select
