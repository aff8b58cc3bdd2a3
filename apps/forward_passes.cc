#include "apps/forward_passes.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include <torch/torch.h>

#include "apps/cald_views.h"
#include "apps/window_crops.h"
#include "formats/error.h"
#include "model/input_batch.h"
#include "model/instance_mask.h"
#include "select/boxmask_score.h"
#include "select/class_target.h"

namespace labelloom::apps {
namespace {

using model::Detection;
using select::Cells;

torch::Tensor on_host(const torch::Tensor& tensor) {
  return tensor.defined() ? tensor.to(torch::kCPU, torch::kFloat32).contiguous() : tensor;
}

bool all_finite(const model::NamedOutputs& outputs) {
  return std::ranges::all_of(outputs, [](const auto& output) {
    const torch::Tensor& tensor = output.second;
    return !tensor.is_floating_point() || torch::isfinite(tensor).all().template item<bool>();
  });
}

/// Cells of one side whose centres are in [low, high).
std::pair<int, int> cells_between(double low, double high, int stride, int count) {
  const int first = std::max(0, static_cast<int>(std::ceil(low / stride - 0.5)));
  const int last = std::min(count, static_cast<int>(std::ceil(high / stride - 0.5)));
  if (first < last) return {first, last - first};
  const auto middle = static_cast<int>(std::floor((low + high) / 2 / stride));
  return {std::clamp(middle, 0, count - 1), 1};
}

select::ClassMap class_map(const model::ModelConfig& config) {
  return {static_cast<int>(config.seg_classes.size()), config.seg_of_class};
}

std::vector<select::CaldBox> cald_boxes(const std::vector<Detection>& detections) {
  std::vector<select::CaldBox> boxes;
  boxes.reserve(detections.size());
  for (const Detection& detection : detections) {
    boxes.push_back({detection.box,
                     detection.class_index,
                     detection.score,
                     select::with_background(detection.class_probabilities, detection.score)});
  }
  return boxes;
}

}  // namespace

Cells valid_cells(const model::Placement& placement, int stride, int columns, int rows) {
  const double width = placement.scale * placement.original.width;
  const double height = placement.scale * placement.original.height;
  const auto [x, across] =
      cells_between(placement.offset.x, placement.offset.x + width, stride, columns);
  const auto [y, down] =
      cells_between(placement.offset.y, placement.offset.y + height, stride, rows);
  return {x, y, across, down};
}

int window_alignment(const model::Predictor& predictor, int stride) {
  return std::lcm(std::max(1, predictor.multiple_of()), stride);
}

ForwardPasses::ForwardPasses(model::Predictor& predictor, const PoolScoringOptions& options)
    : model_(predictor, static_cast<std::int64_t>(options.batch)), options_(options) {}

std::optional<model::Prediction> ForwardPasses::predict(const torch::Tensor& images,
                                                        double min_score) {
  model::DecodeOptions decode = options_.decode;
  decode.min_score = min_score;
  try {
    return model_.predict(images, decode);
  } catch (const Error& error) {
    // Which picture it is, and whether it is only that, is asked when it costs nothing any more.
    if (error.code() != Errc::kInvalidData) throw;
    if (all_finite(model_.predictor().outputs(images))) throw;
    return std::nullopt;
  }
}

ForwardBatch ForwardPasses::run(const torch::Tensor& bytes,
                                std::span<const model::InputImage> pictures) {
  const torch::NoGradGuard guard;
  model::Predictor& predictor = model_.predictor();
  const torch::Tensor images = model::normalised(bytes, predictor.config(), predictor.device());
  ForwardBatch batch;
  const double min_score = options_.decode.min_score;
  std::optional<model::Prediction> predicted = predict(
      images, options_.columns.cald ? std::min(min_score, options_.cald_min_score) : min_score);
  batch.finite = predicted.has_value();
  if (!batch.finite) return batch;
  model::Prediction& prediction = *predicted;
  batch.stride = prediction.stride;
  batch.detections.resize(pictures.size());
  prediction.detections.resize(pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const model::Placement& placement = pictures[i].placement;
    if (options_.columns.cald) batch.boxes.push_back(cald_boxes(prediction.detections[i]));
    for (const Detection& detection : prediction.detections[i]) {
      const Box box = model::to_original(detection.box, placement);
      const bool meets = box.width > 0 && box.height > 0;
      if (meets && detection.score >= options_.decode.min_score)
        batch.detections[i].push_back(detection);
    }
    const Size size = pictures[i].size;
    batch.valid.push_back(valid_cells(
        placement, batch.stride, size.width / batch.stride, size.height / batch.stride));
  }
  if (options_.columns.boxmask) score_boxes(images, prediction.segmentation, batch);
  if (options_.columns.cald) {
    change_views(images, pictures, batch);
    if (!batch.finite) return batch;
  } else if (options_.columns.equal) {
    batch.mirrored = on_host(model_.segment(images.flip({3})));
  }
  batch.segmentation = on_host(prediction.segmentation);
  if (options_.columns.ll4al) batch.loss = on_host(prediction.loss);
  if (options_.columns.embedding) batch.embedding = on_host(prediction.embedding);
  if (!batch.crops.empty()) batch.crops.front() = batch.segmentation;
  return batch;
}

void ForwardPasses::score_boxes(const torch::Tensor& images,
                                const torch::Tensor& logits,
                                ForwardBatch& batch) {
  const model::ModelConfig& config = model_.predictor().config();
  const select::ClassMap map = class_map(config);
  select::ScoringJob& job = batch.job;
  job.stride = batch.stride;
  job.seg_classes = map.seg_classes;
  job.detectable = select::detectable_classes(map);
  for (const Cells& valid : batch.valid) job.images.push_back({valid, {}});

  const int alignment = window_alignment(model_.predictor(), batch.stride);
  select::WindowOptions window_options = options_.window;
  window_options.alignment = alignment;
  const Size input{static_cast<int>(images.size(3)), static_cast<int>(images.size(2))};
  std::vector<PictureWindow> windows;
  std::vector<std::size_t> box_of_window;
  for (std::size_t i = 0; i < batch.detections.size(); ++i) {
    for (const Detection& detection : batch.detections[i]) {
      select::BoxJob box;
      box.image = static_cast<int>(i);
      box.box = detection.box;
      box.seg_class = map.seg_of_class[static_cast<std::size_t>(detection.class_index)];
      if (box.seg_class >= 0) {
        box.target = select::class_target(detection.class_probabilities, map, options_.scoring);
        for (const Keypoint& keypoint : detection.keypoints) {
          if (keypoint.visibility != Visibility::kAbsent) box.keypoints.push_back(keypoint.point);
        }
        windows.push_back({box.image, select::window_of(detection.box, input, window_options)});
        box_of_window.push_back(job.boxes.size());
      }
      job.boxes.push_back(std::move(box));
    }
  }
  CroppedLogits cropped = segment_windows(model_, images, logits, batch.stride, windows, alignment);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    select::BoxJob& box = job.boxes[box_of_window[i]];
    box.crop_batch = cropped.places[i].batch;
    box.crop = cropped.places[i].crop;
    box.window = cropped.places[i].window;
  }
  batch.crop_count = cropped.crops;
  // On a GPU the logits are scored where they are.
  if (!logits.is_cpu() && options_.taus.empty())
    batch.components = select::score_boxmask(job, logits, cropped.batches, options_.scoring);
  for (std::size_t i = 0; i < cropped.batches.size(); ++i) {
    const bool is_wanted = i > 0 && (batch.components.empty() || options_.shapes);
    batch.crops.push_back(is_wanted ? on_host(cropped.batches[i]) : torch::Tensor());
  }
}

void ForwardPasses::change_views(const torch::Tensor& images,
                                 std::span<const model::InputImage> pictures,
                                 ForwardBatch& batch) {
  std::vector<std::vector<Box>> boxes;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    std::vector<Box>& own = boxes.emplace_back();
    for (const select::CaldBox& box : batch.boxes[i]) own.push_back(box.box);
    names.push_back(pictures[i].name);
  }
  model::Predictor& predictor = model_.predictor();
  batch.views.resize(pictures.size());
  std::vector<ChangedPictures> views =
      cald_views(images, boxes, names, predictor.config(), predictor.multiple_of(), options_.seed);
  for (std::size_t v = 0; v < views.size(); ++v) {
    std::optional<model::Prediction> prediction = predict(views[v].images, options_.cald_min_score);
    if (!prediction && pictures.size() > 1) {
      batch.finite = false;
      return;
    }
    batch.views_finite &= prediction.has_value();
    if (v == 0 && options_.columns.equal) {
      batch.mirrored =
          on_host(prediction ? prediction->segmentation : model_.segment(views[v].images));
    }
    if (!prediction) continue;
    prediction->detections.resize(pictures.size());
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      batch.views[i].push_back(
          {std::move(views[v].boxes[i]), cald_boxes(prediction->detections[i])});
    }
  }
}

}  // namespace labelloom::apps
