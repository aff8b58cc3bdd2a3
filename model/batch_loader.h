#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <torch/types.h>

#include "model/batch_targets.h"
#include "model/epoch_order.h"
#include "model/model_config.h"
#include "model/ordered_workers.h"
#include "model/sample.h"

namespace labelloom::model {

/// What one step of training needs.
struct Batch {
  torch::Tensor images;  ///< [N,H,W,3] bytes on the CPU, see input_batch.h
  BatchTargets targets;  ///< on the CPU
  std::vector<std::string> names;
};

struct LoaderOptions {
  std::size_t batch = 8;
  std::uint64_t seed = 0;
  std::size_t first = 0;  ///< number of the first batch, counted through all epochs
  std::size_t end = 0;    ///< of the last batch + 1
  unsigned workers = 2;   ///< 0: batches are made when they are taken
  std::size_t ahead = 4;  ///< batches that are ready or being made
  bool pinned = false;
};

/// Loads the batches of all epochs in worker threads, ahead of the training and across the ends of
/// epochs. The batches depend on seed and number alone, not on the workers.
class BatchLoader {
 public:
  /// `source` must outlive the loader. @throws Error(kArgument) for an empty source.
  BatchLoader(SampleSource& source, const ModelConfig& config, const LoaderOptions& options);

  /// The next batch. @throws what SampleSource::load and make_targets throw for one of its samples;
  /// Error(kInvalidData) naming a picture of another size than the others.
  [[nodiscard]] Batch take() { return workers_.take(); }

 private:
  [[nodiscard]] Batch make(std::size_t number);

  SampleSource& source_;
  ModelConfig config_;
  BatchPlan plan_;
  bool pinned_;
  std::mutex mutex_;  // of order_
  BatchOrder order_;
  OrderedWorkers<Batch> workers_;  // last: its threads use the others
};

}  // namespace labelloom::model
