#pragma once

#include <cstddef>
#include <functional>

#include "model/network.h"
#include "model/sample.h"
#include "model/train_options.h"

namespace labelloom::model {

/// What the caller of `train` does meanwhile; each may be empty.
struct TrainHooks {
  /// Measures the averaged weights after epoch `epoch` (from 0). The network is in evaluation mode,
  /// in float32 and on the device of the training; nothing may change it.
  std::function<Validation(Network& averaged, std::size_t epoch)> validate = {};
  /// After every step.
  std::function<void(const TrainProgress&)> progress = {};
  /// Asked after every step: whether to write a checkpoint and end, to be resumed later.
  std::function<bool()> stop = {};
};

/// Trains a network with AdamW and a cosine schedule on the device where its weights are. The run's
/// folder gets model.json, curves.csv, and checkpoints (run_folder.h), each of which appears when
/// it is complete: a run that is killed at any time goes on from its last checkpoint. On the CPU
/// the same seed gives the same weights bit for bit, interrupted or not, with any number of workers
/// (and one number of LibTorch's threads).
///
/// The network has the trained weights afterwards, not the averaged ones; with bfloat16 they are
/// rounded.
///
/// @throws Error(kArgument) for options that make no sense, an empty source, a folder that has a
/// run or its weights already; Error(kInvalidData) for a checkpoint of other settings or a damaged
/// one, for samples that do not fit the network, when a loss is no number any more (the last
/// checkpoint stays as it is); Error(kLimit) when memory is out; whatever source and hooks throw.
TrainResult train(Network& network,
                  SampleSource& source,
                  const TrainOptions& options,
                  const TrainHooks& hooks);

}  // namespace labelloom::model
