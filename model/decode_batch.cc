#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <fmt/format.h>

#include "formats/error.h"
#include "model/decode.h"
#include "model/nms.h"
#include "model/run_model.h"

namespace labelloom::model {
namespace {

using Batch = std::vector<std::vector<Detection>>;

/// Outputs that are decoded, on the CPU. From another device they come in one copy.
class DenseBatch {
 public:
  DenseBatch(const NamedOutputs& outputs, const Manifest& manifest) : manifest_(manifest) {
    const bool keypoints = manifest.config.heads.keypoints;
    std::vector<torch::Tensor> parts;
    for (const char* name : {"center", "classes", "box", "keypoints", "offsets"}) {
      const bool needed = keypoints || (std::string_view(name) != "keypoints" &&
                                        std::string_view(name) != "offsets");
      if (!needed) continue;
      parts.push_back(outputs.at(name).to(torch::kFloat32));
      if (parts.back().size(2) != parts.front().size(2) ||
          parts.back().size(3) != parts.front().size(3)) {
        throw Error(Errc::kInvalidData,
                    {},
                    fmt::format("output \"{}\" has another size than \"center\"", name));
      }
    }
    if (parts.front().is_cpu()) {
      for (torch::Tensor& part : parts) parts_.push_back(with_whole_pictures(part));
      return;
    }
    const torch::Tensor together = torch::cat(parts, 1).contiguous().to(torch::kCPU);
    std::int64_t first = 0;
    for (const torch::Tensor& part : parts) {
      parts_.push_back(together.narrow(1, first, part.size(1)));
      first += part.size(1);
    }
  }

  [[nodiscard]] DenseOutputs picture(std::int64_t index, Size input) const {
    const auto map = [&](std::size_t part) -> DenseMap {
      if (part >= parts_.size()) return {};
      const torch::Tensor& all = parts_[part];
      const float* const first = all.data_ptr<float>() + index * all.stride(0);
      return {{first, static_cast<std::size_t>(all.size(1) * all.size(2) * all.size(3))},
              static_cast<int>(all.size(1)),
              static_cast<int>(all.size(2)),
              static_cast<int>(all.size(3))};
    };
    DenseOutputs outputs;
    outputs.center = map(0);
    outputs.classes = map(1);
    outputs.box = map(2);
    outputs.keypoints = map(3);
    outputs.offsets = map(4);
    outputs.input = input;
    outputs.center_is_probability = manifest_.is_probability("center");
    outputs.classes_are_probabilities = manifest_.is_probability("classes");
    outputs.keypoints_are_probabilities = manifest_.is_probability("keypoints");
    return outputs;
  }

 private:
  /// Copied only if a picture's values do not lie side by side, [c,h,w].
  static torch::Tensor with_whole_pictures(const torch::Tensor& part) {
    return part[0].is_contiguous() ? part : part.contiguous();
  }

  const Manifest& manifest_;
  std::vector<torch::Tensor> parts_;  // [N,channels,h,w]
};

/// Outputs of a model that gives boxes, on the CPU.
struct BoxBatch {
  torch::Tensor boxes;          // [N,M,4] float
  torch::Tensor scores;         // [N,M] float
  torch::Tensor labels;         // [N,M] int64
  torch::Tensor probabilities;  // [N,M,K] float or undefined
  torch::Tensor count;          // [N] int64 or undefined

  explicit BoxBatch(const NamedOutputs& outputs) {
    const auto take = [&](const char* name, torch::ScalarType type) {
      const auto found = outputs.find(name);
      return found == outputs.end() ? torch::Tensor()
                                    : found->second.to(type).to(torch::kCPU).contiguous();
    };
    boxes = take("boxes", torch::kFloat32);
    scores = take("scores", torch::kFloat32);
    labels = take("labels", torch::kInt64);
    probabilities = take("class_probabilities", torch::kFloat32);
    count = take("count", torch::kInt64);
  }
};

/// The class a model names with its score, the rest shared by the others (selection.md 1.3, 13).
std::vector<float> spread(std::int64_t label, double score, std::size_t classes) {
  std::vector<float> result(
      classes,
      classes > 1 ? static_cast<float>((1 - score) / static_cast<double>(classes - 1)) : 0.0F);
  result[static_cast<std::size_t>(label)] = classes > 1 ? static_cast<float>(score) : 1.0F;
  return result;
}

std::vector<Detection> detections_of(const BoxBatch& batch,
                                     std::int64_t index,
                                     const ModelConfig& config,
                                     Size input,
                                     const DecodeOptions& options) {
  const auto classes = static_cast<std::int64_t>(config.classes.size());
  const std::int64_t room = batch.boxes.size(1);
  const auto offset = [&](std::int64_t i) { return index * room + i; };
  const float* const boxes = batch.boxes.data_ptr<float>();
  const float* const scores = batch.scores.data_ptr<float>();
  const std::int64_t* const labels = batch.labels.data_ptr<std::int64_t>();
  std::int64_t used = room;
  if (batch.count.defined()) used = batch.count.data_ptr<std::int64_t>()[index];
  if (used < 0 || used > room) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("output \"count\" is {}, expected 0 to {}", used, room));
  }
  std::vector<Candidate> candidates;
  for (std::int64_t i = 0; i < used; ++i) {
    const double score = static_cast<double>(scores[offset(i)]);
    const std::span<const float> box(boxes + offset(i) * 4, 4);
    if (!std::isfinite(score) ||
        !std::ranges::all_of(box, [](float v) { return std::isfinite(v); })) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("output \"boxes\" or \"scores\" is not finite in entry {}", i));
    }
    if (score < options.min_score) continue;
    if (labels[offset(i)] < 0 || labels[offset(i)] >= classes) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("output \"labels\" is {}, expected 0 to {} (no background)",
                              labels[offset(i)],
                              classes - 1));
    }
    const auto side = [&](std::size_t s, int size) {
      return std::clamp(static_cast<double>(box[s]), 0.0, static_cast<double>(size));
    };
    const double left = side(0, input.width);
    const double top = side(1, input.height);
    const Box clipped = {left, top, side(2, input.width) - left, side(3, input.height) - top};
    if (clipped.width <= 0 || clipped.height <= 0) continue;
    candidates.push_back(
        {clipped, static_cast<int>(labels[offset(i)]), score, static_cast<std::size_t>(i)});
  }
  std::vector<Detection> detections;
  const auto most = static_cast<std::size_t>(std::max(options.max_detections, 0));
  for (const Candidate& kept : suppress(std::move(candidates), options.nms_iou, most)) {
    Detection detection;
    detection.box = kept.box;
    detection.class_index = kept.class_index;
    detection.score = kept.score;
    const auto entry = offset(static_cast<std::int64_t>(kept.cell));
    if (batch.probabilities.defined()) {
      const float* const p = batch.probabilities.data_ptr<float>() + entry * classes;
      detection.class_probabilities = class_distribution({p, p + classes}, true);
    } else {
      detection.class_probabilities =
          spread(kept.class_index, std::clamp(kept.score, 0.0, 1.0), config.classes.size());
    }
    detections.push_back(std::move(detection));
  }
  return detections;
}

}  // namespace

Batch decode_batch(const NamedOutputs& outputs,
                   const Manifest& manifest,
                   Size input,
                   const DecodeOptions& options,
                   bool in_parallel) {
  const std::int64_t count = outputs.begin()->second.size(0);
  Batch result(static_cast<std::size_t>(count));
  if (!manifest.config.heads.boxes || count == 0) return result;
  if (manifest.kind == ModelKind::kDetections) {
    const BoxBatch batch(outputs);
    for (std::int64_t i = 0; i < count; ++i) {
      result[static_cast<std::size_t>(i)] =
          detections_of(batch, i, manifest.config, input, options);
    }
    return result;
  }
  const DenseBatch batch(outputs, manifest);
  const auto decode_some = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      result[static_cast<std::size_t>(i)] =
          decode(batch.picture(i, input), manifest.config, options);
    }
  };
  if (in_parallel) {
    at::parallel_for(0, count, 1, decode_some);
  } else {
    decode_some(0, count);
  }
  return result;
}

}  // namespace labelloom::model
