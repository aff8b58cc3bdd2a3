#include "model/model_config.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

// Enough for every set we know of, and no network that a file asks for fills the memory.
constexpr std::size_t kMostNames = 4096;
constexpr int kLargestSide = 16384;

[[noreturn]] void fail(std::string path, const std::string& message) {
  throw Error(Errc::kInvalidData, {.path = std::move(path)}, message);
}

void validate_names(std::span<const std::string> names, const char* path, std::size_t most) {
  if (names.size() > most) fail(path, fmt::format("{} names; at most {}", names.size(), most));
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) fail(fmt::format("{}[{}]", path, i), "the name is empty");
    if (!seen.insert(names[i]).second) {
      fail(fmt::format("{}[{}]", path, i), labelloom::quoted(names[i]) + " stands there twice");
    }
  }
}

void validate_keypoints(const ModelConfig& config) {
  const int count = static_cast<int>(config.keypoints.size());
  if (config.keypoints.size() > kMostNames) {
    fail("keypoints", fmt::format("{} key points; at most {}", count, kMostNames));
  }
  std::set<std::pair<int, std::string_view>> seen;
  for (int i = 0; i < count; ++i) {
    const KeypointSlot& slot = config.keypoints[static_cast<std::size_t>(i)];
    const std::string path = fmt::format("keypoints[{}]", i);
    if (slot.name.empty()) fail(path + ".name", "the name is empty");
    if (slot.class_index < 0 || slot.class_index >= static_cast<int>(config.classes.size())) {
      fail(path + ".class",
           fmt::format("{} is not one of the {} classes", slot.class_index, config.classes.size()));
    }
    if (slot.mirrored < 0 || slot.mirrored >= count) {
      fail(path + ".mirrored", fmt::format("{} is not one of 0..{}", slot.mirrored, count - 1));
    }
    const KeypointSlot& other = config.keypoints[static_cast<std::size_t>(slot.mirrored)];
    if (other.mirrored != i || other.class_index != slot.class_index) {
      fail(path + ".mirrored",
           fmt::format("slot {} does not name {} as its mirror image, or is of another class",
                       slot.mirrored,
                       i));
    }
    if (!(slot.sigma > 0) || !std::isfinite(slot.sigma)) {
      fail(path + ".sigma", fmt::format("{} is not above 0", slot.sigma));
    }
    if (!seen.insert({slot.class_index, slot.name}).second) {
      fail(path + ".name", labelloom::quoted(slot.name) + " stands there twice");
    }
  }
}

void validate_class_map(const ModelConfig& config) {
  if (config.seg_classes.empty() && config.seg_of_class.empty()) return;
  if (config.seg_of_class.size() != config.classes.size()) {
    fail("seg_of_class",
         fmt::format(
             "{} entries for {} classes", config.seg_of_class.size(), config.classes.size()));
  }
  const int count = static_cast<int>(config.seg_classes.size());
  for (std::size_t i = 0; i < config.seg_of_class.size(); ++i) {
    if (config.seg_of_class[i] < -1 || config.seg_of_class[i] >= count) {
      fail(fmt::format("seg_of_class[{}]", i),
           fmt::format("{} is not one of -1..{}", config.seg_of_class[i], count - 1));
    }
  }
}

void validate_values(const ModelConfig& config) {
  const std::vector<int>& values = config.seg_values;
  if (values.empty()) return;
  if (values.size() != config.seg_classes.size()) {
    fail("seg_values",
         fmt::format("{} values for {} classes", values.size(), config.seg_classes.size()));
  }
  std::array<bool, 256> seen{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string path = fmt::format("seg_values[{}]", i);
    if (values[i] < 0 || values[i] > 255)
      fail(path, fmt::format("{} is not one of 0..255", values[i]));
    bool& is_there = seen[static_cast<std::size_t>(values[i])];
    if (is_there) fail(path, fmt::format("{} stands there twice", values[i]));
    is_there = true;
  }
}

void validate_input(const ModelConfig& config) {
  for (const auto& [name, side] : {std::pair{"input.width", config.input.width},
                                   std::pair{"input.height", config.input.height}}) {
    if (side < ModelConfig::kStride || side > kLargestSide || side % ModelConfig::kStride != 0) {
      fail(name,
           fmt::format(
               "{} is not a multiple of {} up to {}", side, ModelConfig::kStride, kLargestSide));
    }
  }
  for (std::size_t i = 0; i < config.mean.size(); ++i) {
    if (!std::isfinite(config.mean[i])) fail(fmt::format("mean[{}]", i), "is not finite");
    if (!(config.deviation[i] > 0) || !std::isfinite(config.deviation[i])) {
      fail(fmt::format("deviation[{}]", i), fmt::format("{} is not above 0", config.deviation[i]));
    }
  }
}

}  // namespace

std::string_view name_of(NetworkSize size) {
  switch (size) {
    case NetworkSize::kBase:
      return "base";
    case NetworkSize::kLarge:
      return "large";
    case NetworkSize::kSmall:
      break;
  }
  return "small";
}

NetworkSize network_size(std::string_view name) {
  for (const NetworkSize size : {NetworkSize::kSmall, NetworkSize::kBase, NetworkSize::kLarge}) {
    if (name == name_of(size)) return size;
  }
  throw Error(Errc::kArgument, {}, labelloom::quoted(name) + ": expected small, base or large");
}

void validate(const ModelConfig& config) {
  const Heads& heads = config.heads;
  if (!heads.boxes && !heads.segmentation && !heads.keypoints) {
    fail("heads", "all of boxes, segmentation and keypoints are off");
  }
  if (heads.boxes && config.classes.empty()) fail("classes", "no class for boxes");
  if (heads.segmentation && config.seg_classes.empty()) {
    fail("seg_classes", "no class for segmentation");
  }
  if (heads.keypoints && config.keypoints.empty()) fail("keypoints", "no key point");
  validate_names(config.classes, "classes", kMostNames);
  validate_names(config.seg_classes, "seg_classes", 255);  // a label is a byte, 255 is "ignored"
  validate_class_map(config);
  validate_values(config);
  validate_keypoints(config);
  validate_input(config);
}

}  // namespace labelloom::model
