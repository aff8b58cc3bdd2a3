#include "apps/fixed_batches.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "apps/compute_lanes.h"

namespace labelloom::apps {
namespace {

// Beyond it a larger batch was not faster on a CPU.
constexpr std::int64_t kCropPixels = 1 << 14;
constexpr std::int64_t kCropPixelsOnGpu = 1 << 18;

torch::Tensor joined(const std::vector<torch::Tensor>& parts) {
  if (parts.empty() || !parts.front().defined()) return {};
  return parts.size() == 1 ? parts.front() : torch::cat(parts, 0);
}

}  // namespace

torch::Tensor filled_up(const torch::Tensor& images, std::int64_t count) {
  const std::int64_t missing = count - images.size(0);
  if (missing <= 0) return images;
  std::vector<std::int64_t> shape = images.sizes().vec();
  shape[0] = missing;
  return torch::cat({images, torch::zeros(shape, images.options())}, 0);
}

std::int64_t FixedBatches::at_once(const torch::Tensor& images) const {
  const Size input{static_cast<int>(images.size(3)), static_cast<int>(images.size(2))};
  return static_cast<std::int64_t>(
      pictures_at_once(predictor_, input, static_cast<std::size_t>(at_most_)));
}

std::int64_t FixedBatches::crop_pixels() const {
  return predictor_.device().is_cpu() ? kCropPixels : kCropPixelsOnGpu;
}

model::Prediction FixedBatches::predict(const torch::Tensor& images,
                                        const model::DecodeOptions& options) {
  const std::int64_t step = at_once(images);
  model::Prediction all;
  std::vector<torch::Tensor> segmentation;
  std::vector<torch::Tensor> loss;
  std::vector<torch::Tensor> embedding;
  for (std::int64_t first = 0; first < images.size(0); first += step) {
    const std::int64_t count = std::min(step, images.size(0) - first);
    model::Prediction part =
        predictor_.predict(filled_up(images.narrow(0, first, count), step), options);
    const auto used = [&](const torch::Tensor& tensor) {
      return tensor.defined() ? tensor.narrow(0, 0, count) : tensor;
    };
    part.detections.resize(static_cast<std::size_t>(count));
    std::ranges::move(part.detections, std::back_inserter(all.detections));
    all.stride = part.stride;
    segmentation.push_back(used(part.segmentation));
    loss.push_back(used(part.loss));
    embedding.push_back(used(part.embedding));
  }
  all.segmentation = joined(segmentation);
  all.loss = joined(loss);
  all.embedding = joined(embedding);
  return all;
}

torch::Tensor FixedBatches::segment(const torch::Tensor& images) {
  const std::int64_t step = at_once(images);
  std::vector<torch::Tensor> parts;
  for (std::int64_t first = 0; first < images.size(0); first += step) {
    const std::int64_t count = std::min(step, images.size(0) - first);
    const torch::Tensor batch = filled_up(images.narrow(0, first, count), step);
    parts.push_back(predictor_.segment(batch).narrow(0, 0, count));
  }
  return joined(parts);
}

}  // namespace labelloom::apps
