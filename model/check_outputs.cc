#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/error.h"
#include "model/run_model.h"
#include "model/tensor_file.h"

namespace labelloom::model {
namespace {

[[noreturn]] void fail(const std::string& message) { throw Error(Errc::kInvalidData, {}, message); }

std::string shape_of(const torch::Tensor& tensor) { return shape_text(tensor.sizes().vec()); }

/// Numbers of channels the manifest says; nothing for outputs of any width.
std::optional<std::int64_t> channels_of(const std::string& name, const ModelConfig& config) {
  const auto size = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
  if (name == "center") return 1;
  if (name == "box") return 4;
  if (name == "classes") return size(config.classes);
  if (name == "segmentation") return size(config.seg_classes);
  if (name == "keypoints") return size(config.keypoints);
  if (name == "offsets") return 2 * size(config.keypoints);
  return std::nullopt;
}

void check_dense(const std::string& name,
                 const torch::Tensor& tensor,
                 std::int64_t channels,
                 const torch::Tensor& images) {
  if (tensor.dim() != 4) {
    fail(fmt::format(
        "output \"{}\" has shape {}, expected [N,{},h,w]", name, shape_of(tensor), channels));
  }
  if (tensor.size(1) != channels) {
    fail(fmt::format("output \"{}\" has {} channels, but the manifest says {}{}",
                     name,
                     tensor.size(1),
                     channels,
                     name == "classes" || name == "segmentation"
                         ? "; are its classes those of this model (without background for boxes)?"
                         : ""));
  }
  const std::int64_t height = tensor.size(2);
  const std::int64_t width = tensor.size(3);
  if (height < 1 || width < 1 || images.size(2) % height != 0 || images.size(3) % width != 0 ||
      images.size(2) / height != images.size(3) / width) {
    fail(
        fmt::format("output \"{}\" has {}x{} cells for a picture of {}x{}; expected the same "
                    "whole number of pixels a cell both ways, whatever the picture's size",
                    name,
                    width,
                    height,
                    images.size(3),
                    images.size(2)));
  }
}

/// `boxes`, `scores`, `labels` and what may come with them.
void check_boxes(const NamedOutputs& outputs, const ModelConfig& config) {
  const torch::Tensor& boxes = outputs.at("boxes");
  if (boxes.dim() != 3 || boxes.size(2) != 4) {
    fail(fmt::format("output \"boxes\" has shape {}, expected [N,M,4]", shape_of(boxes)));
  }
  const auto expect = [&](const char* name, const std::vector<std::int64_t>& shape) {
    const auto found = outputs.find(name);
    if (found == outputs.end() || found->second.sizes().vec() == shape) return;
    fail(fmt::format("output \"{}\" has shape {}, expected {} as \"boxes\" has {}",
                     name,
                     shape_of(found->second),
                     shape_text(shape),
                     shape_of(boxes)));
  };
  const std::int64_t n = boxes.size(0);
  const std::int64_t m = boxes.size(1);
  expect("scores", {n, m});
  expect("labels", {n, m});
  expect("class_probabilities", {n, m, static_cast<std::int64_t>(config.classes.size())});
  expect("count", {n});
}

}  // namespace

void check_outputs(const NamedOutputs& outputs,
                   const Manifest& manifest,
                   const torch::Tensor& images) {
  for (const std::string& name : manifest.required_outputs()) {
    if (outputs.count(name) != 0) continue;
    std::vector<std::string> given;
    for (const auto& [other, tensor] : outputs) given.push_back(other);
    fail(fmt::format("gives no output \"{}\", which the manifest's heads need; it gives: {}",
                     name,
                     fmt::join(given, ", ")));
  }
  for (const auto& [name, tensor] : outputs) {
    if (tensor.dim() < 1 || tensor.size(0) != images.size(0)) {
      fail(
          fmt::format("output \"{}\" has shape {} for {} pictures; its first dimension must be "
                      "their number",
                      name,
                      shape_of(tensor),
                      images.size(0)));
    }
    if (const auto channels = channels_of(name, manifest.config)) {
      check_dense(name, tensor, *channels, images);
    }
  }
  if (manifest.kind == ModelKind::kDetections && manifest.config.heads.boxes) {
    check_boxes(outputs, manifest.config);
  }
}

}  // namespace labelloom::model
