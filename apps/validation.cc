#include "apps/validation.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <torch/torch.h>

#include "apps/detections.h"
#include "evaluate/coco_evaluation.h"
#include "evaluate/segmentation.h"
#include "model/decode.h"
#include "model/dense_map.h"
#include "model/input_batch.h"
#include "model/label_map.h"
#include "model/ordered_workers.h"

namespace labelloom::apps {
namespace {

using evaluate::ConfusionMatrix;
using model::InputImage;

/// Pictures with label maps of their full size are large.
constexpr std::size_t kMostPicturesAhead = 64;

struct LoadedBatch {
  std::size_t first = 0;
  std::vector<model::Sample> samples;
  std::vector<LabelMap> truths;  ///< of originals; empty maps where nothing is known
};

/// One output of a batch, on the CPU.
class DenseBatch {
 public:
  explicit DenseBatch(const torch::Tensor& output) {
    if (output.defined()) values_ = output.to(torch::kCPU, torch::kFloat32).contiguous();
  }

  /// Of one picture; empty without that output.
  [[nodiscard]] model::DenseMap operator[](std::size_t index) const {
    if (!values_.defined()) return {};
    const torch::Tensor one = values_[static_cast<std::int64_t>(index)];
    return {{one.data_ptr<float>(), static_cast<std::size_t>(one.numel())},
            static_cast<int>(one.size(0)),
            static_cast<int>(one.size(1)),
            static_cast<int>(one.size(2))};
  }

 private:
  torch::Tensor values_;
};

/// Whether picture `index` of `count` is one of `examples` that are spread evenly.
bool is_example(std::size_t index, std::size_t count, std::size_t examples) {
  const std::size_t wanted = std::min(examples, count);
  return (index + 1) * wanted / count > index * wanted / count;
}

std::vector<model::Detection> likely(const std::vector<model::Detection>& found) {
  std::vector<model::Detection> kept;
  const double min_score = model::DecodeOptions{}.min_score;
  std::ranges::copy_if(
      found, std::back_inserter(kept), [&](const auto& one) { return one.score >= min_score; });
  return kept;
}

/// What a model says about a set, held against the truth as it comes.
class Judge {
 public:
  Judge(const Dataset& truth, const model::ModelConfig& config) : truth_(truth), config_(config) {
    if (config.heads.boxes) ids_ = category_ids(truth.categories, config);
  }

  void add(const LoadedBatch& batch,
           const model::Outputs& outputs,
           const ValidationOptions& options) {
    const DenseBatch center(outputs.center);
    const DenseBatch classes(outputs.classes);
    const DenseBatch box(outputs.box);
    const DenseBatch keypoints(outputs.keypoints);
    const DenseBatch offsets(outputs.offsets);
    const DenseBatch segmentation(outputs.segmentation);
    for (std::size_t i = 0; i < batch.samples.size(); ++i) {
      const InputImage& image = batch.samples[i].image;
      std::vector<model::Detection> found;
      if (config_.heads.boxes) {
        found = model::decode({.center = center[i],
                               .classes = classes[i],
                               .box = box[i],
                               .keypoints = keypoints[i],
                               .offsets = offsets[i],
                               .input = image.size},
                              config_,
                              options.decode);
      }
      if (options.show && is_example(batch.first + i, truth_.images.size(), options.examples)) {
        options.show({batch.samples[i], likely(found), segmentation[i]});
      }
      const std::int64_t id = truth_.images[batch.first + i].id;
      std::ranges::move(in_original(found, image.placement, config_, id, ids_),
                        std::back_inserter(detections_));
    }
    add_labels(batch, segmentation);
  }

  [[nodiscard]] ValidationScores scores() const {
    ValidationScores scores;
    if (config_.heads.boxes) {
      const evaluate::CocoScores boxes = evaluate::evaluate_coco(truth_, detections_);
      scores.box_ap = known(boxes.average_precision());
      scores.box_ap50 = known(boxes.ap50());
    }
    if (config_.heads.keypoints) scores.oks_ap50 = known(keypoint_ap50());
    if (config_.heads.segmentation) {
      scores.mean_iou = evaluate::segmentation_scores(matrix_).mean_iou;
    }
    return scores;
  }

 private:
  static std::optional<double> known(double value) {
    return value < 0 ? std::nullopt : std::optional(value);
  }

  void add_labels(const LoadedBatch& batch, const DenseBatch& segmentation) {
    for (std::size_t i = 0; i < batch.samples.size(); ++i) {
      const InputImage& image = batch.samples[i].image;
      if (batch.truths[i].values.empty()) continue;
      matrix_.add(batch.truths[i].values,
                  model::label_map(segmentation[i], image.size, image.placement).values);
    }
  }

  /// Of the categories that have key points.
  [[nodiscard]] double keypoint_ap50() const {
    std::vector<labelloom::Detection> detections;
    for (const labelloom::Detection& one : detections_) {
      if (!one.keypoints.empty()) detections.push_back(one);
    }
    evaluate::CocoOptions options;
    options.task = evaluate::Task::kKeypoints;
    options.sigmas = sigmas_by_class(config_);
    return evaluate::evaluate_coco(truth_, detections, options).ap50();
  }

  const Dataset& truth_;
  const model::ModelConfig& config_;
  std::vector<std::int64_t> ids_;
  std::vector<labelloom::Detection> detections_;
  ConfusionMatrix matrix_;
};

}  // namespace

double ValidationScores::mean() const {
  double sum = 0;
  int count = 0;
  for (const std::optional<double>& score : {box_ap50, mean_iou, oks_ap50}) {
    if (!score) continue;
    sum += *score;
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

std::vector<std::pair<std::string, double>> ValidationScores::named() const {
  std::vector<std::pair<std::string, double>> scores;
  const auto add = [&](const char* name, const std::optional<double>& score) {
    if (score) scores.emplace_back(name, *score);
  };
  add("mAP", box_ap);
  add("mAP50", box_ap50);
  add("mIoU", mean_iou);
  add("OKS-AP50", oks_ap50);
  return scores;
}

ValidationScores validate_model(model::Network& network,
                                const Dataset& truth,
                                TrainingSource& source,
                                const ValidationOptions& options) {
  const model::ModelConfig& config = network->config();
  const std::size_t count = source.count();
  const std::size_t batches = (count + options.batch - 1) / options.batch;
  const auto load = [&](std::size_t number) {
    LoadedBatch batch;
    batch.first = number * options.batch;
    for (std::size_t i = batch.first; i < std::min(count, batch.first + options.batch); ++i) {
      batch.samples.push_back(source.load(i, 0));
      batch.truths.push_back(config.heads.segmentation ? source.original_labels(i) : LabelMap{});
    }
    return batch;
  };
  const std::size_t ahead = std::max<std::size_t>(
      2, std::min<std::size_t>(options.workers + 1, kMostPicturesAhead / options.batch));
  model::OrderedWorkers<LoadedBatch> loaded(load, 0, batches, options.workers, ahead);
  Judge judge(truth, config);
  const torch::NoGradGuard no_grad;
  const torch::Device device = network->parameters().front().device();
  for (std::size_t number = 0; number < batches; ++number) {
    const LoadedBatch batch = loaded.take();
    std::vector<const InputImage*> images;
    for (const model::Sample& sample : batch.samples) images.push_back(&sample.image);
    const torch::Tensor input = model::normalised(model::byte_batch(images, false), config, device);
    judge.add(batch, network->forward(input), options);
  }
  return judge.scores();
}

}  // namespace labelloom::apps
