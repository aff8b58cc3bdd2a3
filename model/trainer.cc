#include "model/trainer.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <torch/torch.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "model/batch_loader.h"
#include "model/curves.h"
#include "model/out_of_memory.h"
#include "model/run_folder.h"
#include "model/schedule.h"
#include "model/train_state.h"
#include "model/train_step.h"
#include "model/weights.h"

namespace labelloom::model {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void require(bool condition, const char* message) {
  if (!condition) throw Error(Errc::kArgument, {}, message);
}

void check(const TrainOptions& options, const ModelConfig& config, const SampleSource& source) {
  require(source.count() > 0, "there is no sample to train on");
  require(options.epochs > 0, "training needs an epoch or more");
  require(options.batch > 0, "a batch needs a picture or more");
  require(options.learning_rate > 0, "the learning rate must be above 0");
  require(options.log_steps > 0 && options.validate_epochs > 0,
          "intervals between rows and between validations must be 1 or more");
  require(options.average_decay >= 0 && options.average_decay < 1,
          "the decay of the averaged weights must lie in [0, 1)");
  const std::size_t batch = std::min(options.batch, source.count());
  // One number a channel has no deviation: batch norm needs two.
  require(batch > 1 || config.input.width > ModelConfig::kStride ||
              config.input.height > ModelConfig::kStride,
          "batch norm cannot learn from batches of one picture of 32x32; use a larger batch or "
          "input");
}

std::vector<std::string> curve_columns(const TrainOptions& options) {
  std::vector<std::string> columns = {"epoch", std::string(kStepColumn), "learning_rate"};
  columns.insert(columns.end(), kLossNames.begin(), kLossNames.end());
  columns.insert(columns.end(), {"images_per_second", "waited_share", "seconds"});
  columns.insert(columns.end(), options.metrics.begin(), options.metrics.end());
  return columns;
}

class Trainer {
 public:
  Trainer(Network& network,
          SampleSource& source,
          const TrainOptions& options,
          const TrainHooks& hooks)
      : config_(network->config()),
        source_(source),
        options_(options),
        hooks_(hooks),
        folder_{options.run},
        plan_{.sample_count = source.count(), .batch_size = options.batch},
        steps_(plan_.batches_per_epoch() * options.epochs),
        schedule_{.peak = options.learning_rate,
                  .warmup_steps = options.warmup_steps.value_or(default_warmup(steps_)),
                  .total_steps = steps_},
        state_(begun()),
        step_(network, options),
        curves_(opened_curves()) {
    if (state_.step > 0) restore_tensors();
  }

  TrainResult run() {
    BatchLoader loader(source_,
                       config_,
                       {.batch = options_.batch,
                        .seed = options_.seed,
                        .first = state_.step,
                        .end = steps_,
                        .workers = options_.workers,
                        .ahead = options_.batches_ahead,
                        .pinned = step_.device().is_cuda()});
    while (state_.step < steps_ && !result_.interrupted) {
      advance(loader);
      const std::optional<Validation> validation = validate();
      if (validation || state_.step % options_.log_steps == 0 || state_.step == steps_) {
        write_row(validation);
      }
      result_.interrupted = state_.step < steps_ && hooks_.stop && hooks_.stop();
      if (validation || state_.step == steps_ || result_.interrupted ||
          seconds_since(checkpoint_time_) >= options_.checkpoint_seconds) {
        write_checkpoint();
      }
    }
    result_.steps = state_.step;
    result_.seconds = state_.seconds;
    result_.waited_share = session_.seconds > 0 ? session_.waited_seconds / session_.seconds : 0;
    result_.best_score = state_.best_score;
    result_.best_epoch = state_.best_epoch;
    return result_;
  }

 private:
  /// The state to begin with; nothing is written when it does not fit.
  [[nodiscard]] TrainState begun() const {
    const Settings settings = settings_of(config_, options_);
    if (!std::filesystem::exists(folder_.state())) {
      // Resuming, these are of a run that ended before its first checkpoint was whole.
      if (!options_.resume) refuse_weights();
      std::filesystem::create_directories(folder_.folder);
      write_file(folder_.config(), to_json(config_));
      TrainState state;
      state.settings = settings;
      return state;
    }
    if (!options_.resume) {
      throw Error(Errc::kArgument,
                  {.file = folder_.folder.string()},
                  "the folder has a training run already; resume it, or train into another folder");
    }
    const std::string file = folder_.state().string();
    TrainState state = parse_state(TensorFile(folder_.state()).metadata(), file);
    require_same_settings(state.settings, settings, file);
    if (state.step > steps_) {
      throw Error(
          Errc::kInvalidData,
          {.file = file},
          fmt::format("{} steps are done of {}: is the data set another one?", state.step, steps_));
    }
    return state;
  }

  /// Weights may be all that somebody kept of a run.
  void refuse_weights() const {
    for (const std::filesystem::path& weights : {folder_.best(), folder_.last()}) {
      if (!std::filesystem::exists(weights)) continue;
      throw Error(Errc::kArgument,
                  {.file = folder_.folder.string()},
                  fmt::format("the folder has the weights of a run, {}, and nothing to go on from; "
                              "train into another folder",
                              weights.filename().string()));
    }
  }

  [[nodiscard]] CurvesFile opened_curves() const {
    if (state_.step == 0) return {folder_.curves(), curve_columns(options_)};
    return CurvesFile::resume(folder_.curves(), curve_columns(options_), state_.step);
  }

  void restore_tensors() {
    const torch::NoGradGuard no_gradient;
    copy_tensors(read_tensors(folder_.state()), step_.tensors(), folder_.state().string());
    step_.restored(state_.step);
  }

  [[nodiscard]] std::size_t epoch() const { return (state_.step - 1) / plan_.batches_per_epoch(); }

  void advance(BatchLoader& loader) {
    const Clock::time_point start = Clock::now();
    const Batch batch = loader.take();
    const double waited = seconds_since(start);
    const double rate = schedule_.at(state_.step);
    const LossValues losses = step_.run(batch, state_.step, steps_, rate);
    ++state_.step;
    for (Interval* interval : {&state_.interval, &session_}) {
      for (std::size_t i = 0; i < losses.size(); ++i) interval->losses[i] += losses[i];
      ++interval->steps;
      interval->images += batch.names.size();
      interval->seconds += seconds_since(start);
      interval->waited_seconds += waited;
    }
    state_.seconds += seconds_since(start);
    if (hooks_.progress) hooks_.progress(progress(rate));
  }

  [[nodiscard]] TrainProgress progress(double rate) const {
    TrainProgress out;
    out.epoch = epoch();
    out.epochs = options_.epochs;
    out.step = state_.step;
    out.steps = steps_;
    out.learning_rate = rate;
    const Interval& interval = state_.interval;
    const auto steps = static_cast<double>(interval.steps);
    for (std::size_t i = 0; i < out.losses.size(); ++i) out.losses[i] = interval.losses[i] / steps;
    out.images_per_second = static_cast<double>(interval.images) / interval.seconds;
    out.waited_share = interval.waited_seconds / interval.seconds;
    // Validations and checkpoints take part of the time that is left, too.
    out.seconds_left = seconds_since(session_start_) / static_cast<double>(session_.steps) *
                       static_cast<double>(steps_ - state_.step);
    return out;
  }

  /// Measures the averaged weights when an epoch's end makes it due; keeps them if they are best.
  [[nodiscard]] std::optional<Validation> validate() {
    const std::size_t done = epoch() + 1;
    const bool epoch_ends = state_.step % plan_.batches_per_epoch() == 0;
    const bool due = done % options_.validate_epochs == 0 || state_.step == steps_;
    if (!hooks_.validate || !epoch_ends || !due) return std::nullopt;
    const Clock::time_point start = Clock::now();
    Validation validation;
    {
      const torch::NoGradGuard no_gradient;
      validation = hooks_.validate(step_.averaged(), epoch());
    }
    state_.seconds += seconds_since(start);
    if (!state_.best_score || validation.score > *state_.best_score) {
      state_.best_score = validation.score;
      state_.best_epoch = epoch();
      write_weights(folder_.best(), step_.averaged(), weights_facts());
    }
    result_.last_validation = validation;
    return validation;
  }

  void write_row(const std::optional<Validation>& validation) {
    const TrainProgress now = progress(schedule_.at(state_.step - 1));
    std::vector<std::optional<double>> row = {
        static_cast<double>(now.epoch), static_cast<double>(now.step), now.learning_rate};
    row.insert(row.end(), now.losses.begin(), now.losses.end());
    row.insert(row.end(), {now.images_per_second, now.waited_share, state_.seconds});
    const std::size_t first = row.size();
    row.resize(first + options_.metrics.size());
    if (validation) {
      for (const auto& [name, value] : validation->metrics) {
        const auto found = std::find(options_.metrics.begin(), options_.metrics.end(), name);
        if (found == options_.metrics.end()) {
          throw Error(Errc::kArgument,
                      {},
                      fmt::format("the validation measured {}, which has no column",
                                  labelloom::quoted(name)));
        }
        row[first + static_cast<std::size_t>(found - options_.metrics.begin())] = value;
      }
    }
    curves_.append(row);
    state_.interval = {};
  }

  [[nodiscard]] TensorMetadata weights_facts() const {
    return {{"step", std::to_string(state_.step)}, {"epoch", std::to_string(epoch())}};
  }

  /// The state comes last: it is what a run goes on from.
  void write_checkpoint() {
    write_weights(folder_.last(), step_.averaged(), weights_facts());
    write_tensors(folder_.state(), step_.tensors(), to_text(state_));
    checkpoint_time_ = Clock::now();
  }

  ModelConfig config_;
  SampleSource& source_;
  const TrainOptions& options_;
  const TrainHooks& hooks_;
  RunFolder folder_;
  BatchPlan plan_;
  std::size_t steps_;
  Schedule schedule_;
  TrainState state_;
  TrainStep step_;
  CurvesFile curves_;
  Interval session_;  // sums since the session began
  TrainResult result_;
  Clock::time_point session_start_ = Clock::now();
  Clock::time_point checkpoint_time_ = Clock::now();
};

}  // namespace

TrainResult train(Network& network,
                  SampleSource& source,
                  const TrainOptions& options,
                  const TrainHooks& hooks) {
  check(options, network->config(), source);
  const auto out_of_memory = [&] {
    const Size input = network->config().input;
    return Error(Errc::kLimit,
                 {},
                 fmt::format("out of memory with batches of {} pictures of {}x{}; use a smaller "
                             "batch, input or network, or bf16 on a GPU",
                             options.batch,
                             input.width,
                             input.height));
  };
  try {
    return Trainer(network, source, options, hooks).run();
  } catch (const c10::Error& error) {
    if (says_out_of_memory(error.what())) throw out_of_memory();
    throw;
  } catch (const std::bad_alloc&) {
    throw out_of_memory();
  }
}

}  // namespace labelloom::model
