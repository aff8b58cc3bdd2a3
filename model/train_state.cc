#include "model/train_state.h"

#include <charconv>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

constexpr const char* kVersion = "1";  // changes when checkpoints do
constexpr std::string_view kSettingPrefix = "setting.";

/// Reads numbers of the text by name.
class Reader {
 public:
  Reader(const StateText& text, const std::string& file) : text_(text), file_(file) {}

  [[nodiscard]] bool has(const std::string& name) const { return text_.count(name) > 0; }

  template <typename Number>
  [[nodiscard]] Number get(const std::string& name) const {
    const auto found = text_.find(name);
    if (found == text_.end()) {
      throw Error(Errc::kInvalidData,
                  {.file = file_},
                  fmt::format("no \"{}\" in its metadata: not a checkpoint of training", name));
    }
    const std::string& value = found->second;
    Number number{};
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool ok = failure == std::errc() && end == value.data() + value.size();
    if (!ok || !std::isfinite(static_cast<double>(number))) {
      throw Error(Errc::kInvalidData,
                  {.file = file_, .path = name},
                  labelloom::quoted(value) + ": expected a number; is the file damaged?");
    }
    return number;
  }

 private:
  const StateText& text_;
  const std::string& file_;
};

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string heads_text(const Heads& heads) {
  std::vector<std::string> names;
  if (heads.boxes) names.emplace_back("boxes");
  if (heads.segmentation) names.emplace_back("segmentation");
  if (heads.keypoints) names.emplace_back("keypoints");
  if (heads.loss_prediction) names.emplace_back("loss_prediction");
  return joined(names);
}

std::string keypoints_text(const ModelConfig& config) {
  std::vector<std::string> names;
  for (const KeypointSlot& slot : config.keypoints) names.push_back(slot.name);
  return joined(names);
}

/// All that training depends on: what stands for a class in files is not part of it, and runs of
/// before it was kept go on.
std::string network_text(ModelConfig config) {
  config.seg_values.clear();
  return to_json(config);
}

}  // namespace

Settings settings_of(const ModelConfig& config, const TrainOptions& options) {
  Settings out;
  const auto set = [&](const char* name, const auto& value) {
    out[name] = fmt::format("{}", value);
  };
  // Those that users know come first by name; "network" is all of it.
  set("size", name_of(config.size));
  set("heads", heads_text(config.heads));
  set("classes", joined(config.classes));
  set("pixel classes", joined(config.seg_classes));
  set("key points", keypoints_text(config));
  set("input", fmt::format("{}x{}", config.input.width, config.input.height));
  set("network", network_text(config));
  set("epochs", options.epochs);
  set("batch", options.batch);
  set("seed", options.seed);
  set("learning rate", options.learning_rate);
  set("warm-up steps", options.warmup_steps ? std::to_string(*options.warmup_steps) : "default");
  set("weight decay", options.weight_decay);
  set("clip norm", options.clip_norm);
  set("average decay", options.average_decay);
  set("task weights", fmt::format("{}", fmt::join(options.task_weights, ", ")));
  set("learn task weights", options.learn_task_weights);
  set("dice", options.dice);
  set("loss prediction weight", options.loss_prediction_weight);
  set("loss prediction share", options.loss_prediction_share);
  set("precision", options.bfloat16 ? "bf16" : "fp32");
  for (const auto& [name, value] : options.facts) out[name] = value;
  return out;
}

void require_same_settings(const Settings& before, const Settings& now, const std::string& file) {
  const auto check = [&](const std::string& name) {
    const auto old = before.find(name);
    const auto current = now.find(name);
    const bool has_old = old != before.end();
    const bool has_current = current != now.end();
    if (has_old == has_current && (!has_old || old->second == current->second)) return;
    const std::string was = has_old ? labelloom::quoted(old->second) : "not set";
    const std::string is = has_current ? labelloom::quoted(current->second) : "not set";
    throw Error(Errc::kInvalidData,
                {.file = file},
                fmt::format("the run was begun with other settings: {} was {}, is {} now; go on "
                            "with the same, or train into another folder",
                            name,
                            was,
                            is));
  };
  for (const char* first : {"classes", "pixel classes", "key points", "heads", "size", "input"}) {
    check(first);
  }
  for (const auto& entry : before) check(entry.first);
  for (const auto& entry : now) check(entry.first);
}

StateText to_text(const TrainState& state) {
  StateText out;
  const auto set = [&](const std::string& name, const auto& value) {
    out[name] = fmt::format("{}", value);
  };
  set("labelloom_training", kVersion);
  set("step", state.step);
  set("seconds", state.seconds);
  if (state.best_score) {
    set("best_score", *state.best_score);
    set("best_epoch", state.best_epoch);
  }
  const Interval& interval = state.interval;
  for (std::size_t i = 0; i < kLossNames.size(); ++i) {
    set(fmt::format("interval.{}", kLossNames[i]), interval.losses[i]);
  }
  set("interval.steps", interval.steps);
  set("interval.images", interval.images);
  set("interval.seconds", interval.seconds);
  set("interval.waited_seconds", interval.waited_seconds);
  for (const auto& [name, value] : state.settings) out[std::string(kSettingPrefix) + name] = value;
  return out;
}

TrainState parse_state(const StateText& text, const std::string& file) {
  const Reader reader(text, file);
  if (reader.get<std::size_t>("labelloom_training") != 1) {
    throw Error(Errc::kUnexpectedFormat,
                {.file = file},
                "a checkpoint of another version of LabelLoom; train into another folder");
  }
  TrainState state;
  state.step = reader.get<std::size_t>("step");
  state.seconds = reader.get<double>("seconds");
  if (reader.has("best_score")) {
    state.best_score = reader.get<double>("best_score");
    state.best_epoch = reader.get<std::size_t>("best_epoch");
  }
  Interval& interval = state.interval;
  for (std::size_t i = 0; i < kLossNames.size(); ++i) {
    interval.losses[i] = reader.get<double>(fmt::format("interval.{}", kLossNames[i]));
  }
  interval.steps = reader.get<std::size_t>("interval.steps");
  interval.images = reader.get<std::size_t>("interval.images");
  interval.seconds = reader.get<double>("interval.seconds");
  interval.waited_seconds = reader.get<double>("interval.waited_seconds");
  for (const auto& [name, value] : text) {
    if (name.starts_with(kSettingPrefix))
      state.settings[name.substr(kSettingPrefix.size())] = value;
  }
  return state;
}

}  // namespace labelloom::model
