#pragma once

// What a checkpoint says besides tensors. It stands as text in the metadata of the tensor file, so
// that one file, renamed into place when it is complete, is the whole checkpoint.

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "model/model_config.h"
#include "model/train_options.h"

namespace labelloom::model {

/// Names and values of what must not change while a run goes on.
using Settings = std::map<std::string, std::string>;

[[nodiscard]] Settings settings_of(const ModelConfig& config, const TrainOptions& options);

/// @throws Error(kInvalidData) naming `file` and the first setting that differs, with both values.
void require_same_settings(const Settings& before, const Settings& now, const std::string& file);

/// Sums since the last row of the curves.
struct Interval {
  std::array<double, kLossNames.size()> losses{};
  std::size_t steps = 0;
  std::size_t images = 0;
  double seconds = 0;
  double waited_seconds = 0;
};

struct TrainState {
  std::size_t step = 0;  ///< steps done
  double seconds = 0;    ///< since the run began
  std::optional<double> best_score;
  std::size_t best_epoch = 0;
  Interval interval;
  Settings settings;
};

using StateText = std::map<std::string, std::string>;

[[nodiscard]] StateText to_text(const TrainState& state);
/// @throws Error(kInvalidData) naming `file` and what is missing or no number.
[[nodiscard]] TrainState parse_state(const StateText& text, const std::string& file);

}  // namespace labelloom::model
