#pragma once

// Internal: one step of training, and all that steps change.

#include <array>
#include <cstddef>
#include <vector>

#include <torch/types.h>

#include "model/adamw.h"
#include "model/average.h"
#include "model/batch_loader.h"
#include "model/losses.h"
#include "model/master_weights.h"
#include "model/network.h"
#include "model/replicas.h"
#include "model/train_options.h"
#include "model/weights.h"

namespace labelloom::model {

/// As in kLossNames.
using LossValues = std::array<double, kLossNames.size()>;

/// Network, optimiser and averaged network of a run.
class TrainStep {
 public:
  TrainStep(Network& network, const TrainOptions& options);

  /// Forward, backward, and a change of the weights by step number `step` (from 0) of `steps`.
  /// @throws Error(kInvalidData) when a loss or a gradient is no finite number: then the weights
  /// are as they were, but the statistics of batch norms may not be.
  [[nodiscard]] LossValues run(const Batch& batch,
                               std::size_t step,
                               std::size_t steps,
                               double rate);

  [[nodiscard]] Network& averaged() { return averaged_; }
  /// All that a checkpoint needs, by name: the tensors themselves.
  [[nodiscard]] NamedTensors tensors() const;
  /// After those tensors have been changed: `steps` steps have been done.
  void restored(std::size_t steps);
  [[nodiscard]] torch::Device device() const { return device_; }

 private:
  /// Forward and backward; the parts' losses.
  [[nodiscard]] std::vector<Losses> learn(const Batch& batch, bool loss_reaches_trunk);
  void change_weights(const std::vector<torch::Tensor>& gradients,
                      double norm,
                      std::size_t step,
                      double rate);

  Network& network_;
  const TrainOptions& options_;
  torch::Device device_;
  Network averaged_;
  Criterion criterion_;
  MasterWeights weights_;
  MasterWeights task_weights_;  // none when they are fixed
  Replicas replicas_;
  Average average_;
  AdamW optimizer_;
};

}  // namespace labelloom::model
