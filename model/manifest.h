#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/model_config.h"

namespace labelloom::model {

/// What a model gives: our own network's outputs, the same ones by anybody's network, or boxes.
enum class ModelKind : std::uint8_t { kNative, kDense, kDetections };

/// Names of the outputs of a dense model, see Outputs, and of one that gives boxes:
/// `boxes` [N,M,4] left, top, right, bottom in pixels; `scores` [N,M]; `labels` [N,M] class
/// indexes; `class_probabilities` [N,M,K], optional; `count` [N] how many of the M are used,
/// optional. `segmentation`, `loss` and `embedding` may come with either.
inline constexpr std::array<std::string_view, 13> kOutputNames = {"center",
                                                                  "classes",
                                                                  "box",
                                                                  "segmentation",
                                                                  "keypoints",
                                                                  "offsets",
                                                                  "loss",
                                                                  "embedding",
                                                                  "boxes",
                                                                  "scores",
                                                                  "labels",
                                                                  "class_probabilities",
                                                                  "count"};

/// A model as docs/model-contract.md describes it. As JSON it is a ModelConfig with a few more
/// members, all optional, so that a training run's model.json is a manifest as it stands:
/// `kind` "native", "dense" or "detections"; `outputs` an array of names, in the order of a tuple,
/// or an object from our names to the model's own; `probabilities`, the outputs that are no
/// logits (center, classes, segmentation, keypoints); `multiple_of`, what the sides of an input are
/// multiples of; `made_with`, a remark.
struct Manifest {
  ModelConfig config;
  ModelKind kind = ModelKind::kNative;
  std::vector<std::string> order;            ///< of a tuple; empty: the model names its outputs
  std::map<std::string, std::string> names;  ///< the model's own names, where they are others
  std::set<std::string> probabilities;
  int multiple_of = ModelConfig::kStride;
  std::string made_with;

  [[nodiscard]] bool is_probability(const std::string& output) const {
    return probabilities.contains(output);
  }
  /// Outputs the model must give, from `kind` and `config.heads`.
  [[nodiscard]] std::vector<std::string> required_outputs() const;
};

[[nodiscard]] std::string_view name_of(ModelKind kind);

/// @throws Error naming file and JSON path.
[[nodiscard]] Manifest parse_manifest(std::string_view json, const std::string& file);
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& file);

/// Where the manifest of a model file is: NAME.json beside NAME.pt, else model.json, else
/// manifest.json in its folder. @throws Error(kIo) naming these places when there is none.
[[nodiscard]] std::filesystem::path find_manifest(const std::filesystem::path& model);

}  // namespace labelloom::model
