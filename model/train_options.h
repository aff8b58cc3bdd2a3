#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace labelloom::model {

/// How a run trains. What changes its result is written into its checkpoints, and a run that goes
/// on must have the same.
struct TrainOptions {
  std::filesystem::path run;  ///< folder; made when missing
  std::size_t epochs = 50;
  std::size_t batch = 8;
  std::uint64_t seed = 0;

  double learning_rate = 2e-3;              ///< the highest, after the warm-up
  std::optional<std::size_t> warmup_steps;  ///< else default_warmup()
  double weight_decay = 1e-4;
  double clip_norm = 10;         ///< longer gradients of all weights are shortened to this
  double average_decay = 0.999;  ///< of the averaged weights

  std::array<double, 3> task_weights{1, 5, 3};  ///< boxes, segmentation, key points
  /// Learns how much each task counts on top of `task_weights` (Kendall et al., "Multi-task
  /// learning using uncertainty", 2018): the sum of exp(-n) L / 2 + n / 2 with a learnt n a task.
  bool learn_task_weights = false;
  double dice = 0;  ///< of the Dice loss beside the segmentation's cross entropy
  double loss_prediction_weight = 1;
  /// Share of the steps after which the predicted loss no longer changes the trunk. It does
  /// not by default, which the other tasks learn faster without (docs/benchmarks.md).
  double loss_prediction_share = 0;

  bool bfloat16 = false;       ///< the network computes in it; weights stay float32
  bool channels_last = false;  ///< how pictures and weights lie in memory
  /// Copies of the network that compute a part of every batch each, at the same time (CPU only); a
  /// part has two pictures or more. Batch norms see parts, so that another number gives other
  /// weights.
  unsigned replicas = 1;
  unsigned workers = 2;           ///< threads that load samples
  std::size_t batches_ahead = 4;  ///< that are loaded or wait; as many workers at most are busy

  std::size_t log_steps = 10;
  std::size_t validate_epochs = 1;  ///< validated after so many epochs and after the last
  double checkpoint_seconds = 60;   ///< between checkpoints; also after every validation
  bool resume = false;  ///< goes on where the folder's last checkpoint is, if it has one

  /// Names of what the validation measures: columns of curves.csv.
  std::vector<std::string> metrics;
  /// What else must be the same when the run goes on: data sets, pipeline, ...
  std::map<std::string, std::string> facts;
};

/// Names of the losses that are reported: the total first, then as in TrainProgress::losses.
inline constexpr std::array<const char*, 5> kLossNames = {
    "loss", "boxes", "segmentation", "keypoints", "loss_prediction"};

/// Where a run stands; losses are means since the last row of the curves.
struct TrainProgress {
  std::size_t epoch = 0;  ///< from 0
  std::size_t epochs = 0;
  std::size_t step = 0;  ///< steps done
  std::size_t steps = 0;
  double learning_rate = 0;
  std::array<double, kLossNames.size()> losses{};
  double images_per_second = 0;  ///< of training, without validation
  double waited_share = 0;       ///< of the time, for data
  double seconds_left = 0;
};

/// What a validation found.
struct Validation {
  std::vector<std::pair<std::string, double>> metrics;  ///< names of TrainOptions::metrics
  double score = 0;  ///< higher is better: which weights are best
};

struct TrainResult {
  bool interrupted = false;  ///< goes on with TrainOptions::resume
  std::size_t steps = 0;     ///< done, of the whole run
  double seconds = 0;        ///< of the whole run
  double waited_share = 0;   ///< of this session's time in the loop, for data
  std::optional<double> best_score;
  std::size_t best_epoch = 0;
  std::optional<Validation> last_validation;  ///< of this session
};

}  // namespace labelloom::model
