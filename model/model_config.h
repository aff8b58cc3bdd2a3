#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/geometry.h"

namespace labelloom::model {

/// Widths and depths of the network: MTNet-S, -B and -L.
enum class NetworkSize : std::uint8_t { kSmall, kBase, kLarge };

/// Which outputs the network has. One without boxes, say, is a single-task network.
struct Heads {
  bool boxes = true;
  bool segmentation = true;
  bool keypoints = true;
  bool loss_prediction = true;  ///< one predicted loss a task (LL4AL)
  friend bool operator==(const Heads&, const Heads&) = default;
};

/// A key point the network knows: all categories' slots, one category after the other.
struct KeypointSlot {
  int class_index = 0;  ///< in ModelConfig::classes
  std::string name = {};
  int mirrored = 0;     ///< index of the slot that stands here after mirroring; often itself
  double sigma = 0.05;  ///< of OKS
  friend bool operator==(const KeypointSlot&, const KeypointSlot&) = default;
};

/// What a network sees and what its outputs mean. Stands in `model.json` beside the weights.
struct ModelConfig {
  NetworkSize size = NetworkSize::kSmall;
  Heads heads;
  std::vector<std::string> classes;      ///< of boxes: K names, without background
  std::vector<std::string> seg_classes;  ///< of pixels: C names; C > K when there is background
  std::vector<int> seg_of_class;         ///< [K] index into seg_classes, or -1
  /// [C] what stands for a class in label maps, 0 to 255; empty: its index.
  std::vector<int> seg_values = {};
  std::vector<KeypointSlot> keypoints;  ///< P
  Size input{512, 512};                 ///< what training used; both sides multiples of kStride
  std::array<float, 3> mean{0.485F, 0.456F, 0.406F};  ///< of RGB in 0..1
  std::array<float, 3> deviation{0.229F, 0.224F, 0.225F};

  static constexpr int kStride = 32;       ///< sides of every input are multiples of this
  static constexpr int kOutputStride = 4;  ///< input pixels a cell of the dense outputs

  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

[[nodiscard]] std::string_view name_of(NetworkSize size);
/// @throws Error(kArgument) for other names than small, base and large.
[[nodiscard]] NetworkSize network_size(std::string_view name);

/// @throws Error(kInvalidData) naming the first value that does not fit: no class, an index out of
/// range, an input that is no multiple of kStride, duplicate names or values.
void validate(const ModelConfig& config);

/// JSON for people, and back; members that are not there have their defaults. The root may have
/// `other_members`, which somebody else reads.
/// @throws Error naming file and JSON path: what is not JSON, another type, an unknown member, what
/// `validate` refuses.
[[nodiscard]] std::string to_json(const ModelConfig& config);
[[nodiscard]] ModelConfig parse_model_config(std::string_view json,
                                             const std::string& file,
                                             std::span<const std::string_view> other_members = {});
[[nodiscard]] ModelConfig read_model_config(const std::filesystem::path& file);

}  // namespace labelloom::model
