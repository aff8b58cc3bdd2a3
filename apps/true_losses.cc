#include "apps/true_losses.h"

#include <algorithm>
#include <limits>

#include <torch/torch.h>

#include "formats/error.h"
#include "model/batch_targets.h"
#include "model/input_batch.h"
#include "model/losses.h"
#include "model/ordered_workers.h"
#include "model/targets.h"

namespace labelloom::apps {
namespace {

struct LoadedBatch {
  std::vector<model::InputImage> images;
  std::vector<model::Targets> targets;
};

torch::Tensor output(const model::NamedOutputs& outputs, const char* name) {
  const auto found = outputs.find(name);
  return found == outputs.end() ? torch::Tensor() : found->second;
}

/// Heads that are there, as the criterion takes them. The predicted losses are none of its
/// business.
model::Outputs dense_outputs(const model::NamedOutputs& outputs) {
  return {.center = output(outputs, "center"),
          .classes = output(outputs, "classes"),
          .box = output(outputs, "box"),
          .segmentation = output(outputs, "segmentation"),
          .keypoints = output(outputs, "keypoints"),
          .offsets = output(outputs, "offsets"),
          .loss = {},
          .embedding = {}};
}

}  // namespace

std::vector<std::array<double, 3>> true_losses(model::Predictor& predictor,
                                               TrainingSource& source,
                                               const TrueLossOptions& options) {
  const model::ModelConfig& config = predictor.config();
  const std::size_t count = source.count();
  const std::size_t batches = (count + options.batch - 1) / options.batch;
  const auto load = [&](std::size_t number) {
    LoadedBatch batch;
    const std::size_t first = number * options.batch;
    for (std::size_t i = first; i < std::min(count, first + options.batch); ++i) {
      model::Sample sample = source.load(i, 0);
      batch.targets.push_back(make_targets(sample, config));
      batch.images.push_back(std::move(sample.image));
    }
    return batch;
  };
  model::OrderedWorkers<LoadedBatch> loaded(load, 0, batches, options.workers, 4);
  const torch::NoGradGuard no_gradient;
  model::Criterion criterion(config, model::LossOptions{});
  const std::array head{config.heads.boxes, config.heads.segmentation, config.heads.keypoints};
  std::vector<std::array<double, 3>> losses;
  for (std::size_t number = 0; number < batches; ++number) {
    const LoadedBatch batch = loaded.take();
    std::vector<const model::InputImage*> images;
    for (const model::InputImage& image : batch.images) images.push_back(&image);
    const torch::Tensor input =
        model::normalised(model::byte_batch(images, false), config, predictor.device());
    const model::Outputs outputs = dense_outputs(predictor.outputs(input));
    if (config.heads.boxes && !outputs.center.defined()) {
      throw Error(Errc::kInvalidData,
                  {},
                  "this model gives detections; true losses need its dense outputs");
    }
    const model::BatchTargets targets = model::stack(batch.targets, config).to(predictor.device());
    const torch::Tensor values = criterion->forward(outputs, targets)
                                     .per_image.to(torch::kCPU, torch::kFloat64)
                                     .contiguous();
    const torch::Tensor has = targets.has.to(torch::kCPU, torch::kFloat64).contiguous();
    for (std::size_t i = 0; i < batch.images.size(); ++i) {
      std::array<double, 3>& here = losses.emplace_back();
      for (std::size_t task = 0; task < here.size(); ++task) {
        const std::size_t place = i * here.size() + task;
        here[task] = head[task] && has.data_ptr<double>()[place] > 0
                         ? values.data_ptr<double>()[place]
                         : std::numeric_limits<double>::quiet_NaN();
      }
    }
    if (options.progress) options.progress(losses.size(), count);
  }
  return losses;
}

}  // namespace labelloom::apps
