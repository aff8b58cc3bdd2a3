#pragma once

// What is written of a batch beside tasks and report: a table for people, a COCO file for tools.

#include <filesystem>
#include <string>
#include <vector>

#include "formats/dataset.h"
#include "select/batch.h"
#include "select/score_pool.h"

namespace labelloom::select {

/// The whole pool as CSV (RFC 4180), the batch first, then the rest by rank: place, key, score,
/// every component, whether it is labelled, why it was chosen. Numbers that are none are empty.
/// @throws Error(kIo)
void write_ranked_csv(const PoolTable& table,
                      const Ranking& ranking,
                      const Batch& batch,
                      const std::filesystem::path& file);

/// The images with their predictions as instances: boxes with scores, outlines of masks, key
/// points. Images keep the id of the pool's COCO file if all of them have one.
[[nodiscard]] Dataset predicted_dataset(const std::vector<ScoreRow>& rows,
                                        const ScoreHeader& header);

/// The images of `pool` with these keys, in that order, and their instances.
/// @throws Error(kInvalidData) naming a key that the pool has not.
[[nodiscard]] Dataset subset_of(const Dataset& pool, const std::vector<std::string>& keys);

}  // namespace labelloom::select
