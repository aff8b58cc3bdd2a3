#include "apps/score_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <torch/types.h>

#include "formats/json_members.h"
#include "model/instance_mask.h"
#include "select/box_statistics.h"
#include "select/boxmask_score.h"
#include "select/cell_statistics.h"
#include "select/flip_consistency.h"

namespace labelloom::apps {
namespace {

namespace column = select::column;
namespace vector_column = select::vector_column;
using model::Detection;
using select::LogitBatch;
using select::ScoreRow;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

LogitBatch view(const torch::Tensor& logits) {
  const auto size = [&](std::int64_t d) { return static_cast<int>(logits.size(d)); };
  return {logits.data_ptr<float>(),
          size(0),
          size(1),
          size(2),
          size(3),
          logits.stride(0),
          logits.stride(1),
          logits.stride(2),
          logits.stride(3)};
}

std::vector<float> row_of(const torch::Tensor& table, std::size_t index) {
  const torch::Tensor row = table[static_cast<std::int64_t>(index)];
  const float* const values = row.data_ptr<float>();
  return {values, values + row.numel()};
}

std::optional<std::int64_t> integer(const JsonMembers& members, std::string_view name) {
  const auto json = find_member(members, name);
  if (!json) return std::nullopt;
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(json->data(), json->data() + json->size(), value);
  if (error != std::errc{} || stop != json->data() + json->size()) return std::nullopt;
  return value;
}

/// Slots of the model are those of all classes; those of a row are the class's own.
std::vector<int> slots_in_class(const model::ModelConfig& config) {
  std::vector<int> used(config.classes.size(), 0);
  std::vector<int> slots;
  for (const model::KeypointSlot& slot : config.keypoints)
    slots.push_back(used[static_cast<std::size_t>(slot.class_index)]++);
  return slots;
}

select::PredictedBox predicted_box(const Detection& detection,
                                   const model::Placement& placement,
                                   const std::vector<int>& slots) {
  select::PredictedBox box;
  box.box = model::to_original(detection.box, placement);
  box.class_index = detection.class_index;
  box.score = detection.score;
  box.class_probabilities = detection.class_probabilities;
  for (std::size_t k = 0; k < detection.keypoints.size(); ++k) {
    const Keypoint& keypoint = detection.keypoints[k];
    if (keypoint.visibility == Visibility::kAbsent) continue;
    const auto score = static_cast<double>(detection.keypoint_scores.at(k));
    box.keypoints.push_back({slots.at(k), placement.to_original(keypoint.point), score});
  }
  return box;
}

select::Grid2d grid_of(const select::Cells& valid, int stride, const model::Placement& placement) {
  const Point2d corner{static_cast<double>(valid.x) * stride,
                       static_cast<double>(valid.y) * stride};
  const double side = stride / placement.scale;
  return {valid.width, valid.height, placement.to_original(corner), side, side};
}

}  // namespace

RowMaker::RowMaker(const model::ModelConfig& config, const PoolScoringOptions& options)
    : config_(config), options_(options) {}

ScoreRow RowMaker::empty_row(const Image& image, Size size) const {
  const ScoreColumns& columns = options_.columns;
  ScoreRow row;
  row.key = image.file_name;
  row.size = size;
  if (options_.has_ids) {
    row.image_id = image.id;
    row.source_image_id = integer(image.extra, kSourceImageId);
    row.source_file_name = find_plain_string(image.extra, "source_file_name");
    row.variant = integer(image.extra, "variant");
  }
  const auto unknown = [&](bool is_wanted, std::initializer_list<std::string_view> names) {
    if (!is_wanted) return;
    for (const std::string_view name : names) row.scores.emplace(name, kNaN);
  };
  const bool cells = options_.columns.uncertainty && config_.heads.segmentation;
  const bool boxes = options_.columns.uncertainty && config_.heads.boxes;
  unknown(cells,
          {column::kEntropySegmentation,
           column::kMarginSegmentation,
           column::kLeastConfidenceSegmentation});
  unknown(boxes, {column::kEntropyBoxes, column::kMarginBoxes, column::kLeastConfidenceBoxes});
  unknown(columns.cald, {column::kCald});
  unknown(columns.equal, {column::kEqualKl, column::kEqualEntropy});
  if (columns.ll4al) {
    for (const auto& [index, name] : loss_columns(config_.heads, options_.columns.loss_tasks))
      row.scores.emplace(name, kNaN);
  }
  if (columns.boxmask) {
    row.boxmask.emplace();
    row.boxmask->finite = false;
    row.boxmask->has_jensen_shannon = options_.scoring.jensen_shannon;
  }
  return row;
}

std::vector<ScoreRow> RowMaker::rows(ForwardBatch& batch,
                                     std::span<const Image* const> images,
                                     std::span<const model::InputImage> pictures) const {
  const bool score_here = options_.columns.boxmask && batch.finite && batch.components.empty();
  if (score_here) {
    batch.components =
        select::score_boxmask(batch.job, batch.segmentation, batch.crops, options_.scoring);
  }
  LogitBatch logits;
  std::vector<LogitBatch> crops;
  std::optional<select::BlamedCells> blamed;
  if (options_.columns.boxmask && options_.shapes && batch.finite) {
    logits = view(batch.segmentation);
    for (const torch::Tensor& crop : batch.crops) crops.push_back(view(crop));
    blamed.emplace(batch.job, logits, crops, options_.scoring);
  }
  std::vector<ScoreRow> rows(pictures.size());
  tbb::parallel_for(std::size_t{0}, rows.size(), [&](std::size_t i) {
    ScoreRow row = empty_row(*images[i], pictures[i].placement.original);
    if (batch.finite) {
      add_columns(batch, i, row);
      add_predictions(batch, i, pictures[i], blamed ? &*blamed : nullptr, row);
    }
    rows[i] = std::move(row);
  });
  if (score_here) batch.components.clear();  // another maker has other options
  return rows;
}

void RowMaker::add_columns(const ForwardBatch& batch, std::size_t index, ScoreRow& row) const {
  const ScoreColumns& columns = options_.columns;
  const auto set = [&row](std::string_view name, double value) {
    row.scores.insert_or_assign(std::string(name), value);
  };
  const auto set_vector = [&row](std::string_view name, std::vector<float> values) {
    row.vectors.insert_or_assign(std::string(name), std::move(values));
  };
  if (config_.heads.boxes && (columns.uncertainty || columns.cdal)) {
    std::vector<std::vector<float>> distributions;
    for (const Detection& detection : batch.detections[index])
      distributions.push_back(detection.class_probabilities);
    select::BoxStatistics boxes =
        select::box_statistics(distributions, static_cast<int>(config_.classes.size()));
    if (columns.uncertainty) {
      set(column::kEntropyBoxes, boxes.entropy);
      set(column::kMarginBoxes, boxes.margin);
      set(column::kLeastConfidenceBoxes, boxes.least_confidence);
    }
    if (columns.cdal) set_vector(vector_column::kCdalBoxes, std::move(boxes.profile));
  }
  if (batch.segmentation.defined() && (columns.uncertainty || columns.cdal || columns.equal)) {
    const LogitBatch logits = view(batch.segmentation);
    const select::PictureLogits picture{&logits, static_cast<int>(index), batch.valid[index]};
    if (columns.uncertainty || columns.cdal) {
      select::CellStatistics cells = select::cell_statistics(picture, columns.cdal);
      if (columns.uncertainty) {
        set(column::kEntropySegmentation, cells.entropy);
        set(column::kMarginSegmentation, cells.margin);
        set(column::kLeastConfidenceSegmentation, cells.least_confidence);
      }
      if (columns.cdal && cells.finite)
        set_vector(vector_column::kCdalSegmentation, std::move(cells.profile));
    }
    if (columns.equal) {
      const LogitBatch mirrored = view(batch.mirrored);
      const select::FlipConsistency flip =
          select::flip_consistency(picture, {&mirrored, static_cast<int>(index), {}});
      set(column::kEqualKl, flip.divergence);
      set(column::kEqualEntropy, flip.entropy);
    }
  }
  if (columns.cald && batch.views_finite) {
    const auto classes = static_cast<int>(config_.classes.size());
    set(column::kCald, select::cald_consistency(batch.boxes[index], batch.views[index]));
    set_vector(vector_column::kCaldClasses,
               select::cald_classes(batch.boxes[index], batch.views[index], classes));
  }
  if (batch.loss.defined()) {
    const std::vector<float> losses = row_of(batch.loss, index);
    for (const auto& [task, name] : loss_columns(config_.heads, losses.size()))
      set(name, static_cast<double>(losses[task]));
  }
  if (batch.embedding.defined())
    set_vector(vector_column::kEmbedding, row_of(batch.embedding, index));
}

void RowMaker::add_predictions(const ForwardBatch& batch,
                               std::size_t index,
                               const model::InputImage& picture,
                               const select::BlamedCells* cells,
                               ScoreRow& row) const {
  const std::vector<int> slots = slots_in_class(config_);
  for (const Detection& detection : batch.detections[index])
    row.boxes.push_back(predicted_box(detection, picture.placement, slots));
  if (options_.columns.boxmask) {
    row.boxmask = batch.components[index];
    row.boxmask->union_mask.clear();
  }
  if (!options_.shapes || !batch.segmentation.defined()) return;
  const LogitBatch logits = view(batch.segmentation);
  const select::Cells& valid = batch.valid[index];
  const std::vector<int> labels = select::cell_labels({&logits, static_cast<int>(index), valid});
  select::PredictedSegmentation segmentation;
  segmentation.grid = grid_of(valid, batch.stride, picture.placement);
  segmentation.labels = select::label_runs(labels);
  if (cells != nullptr && row.boxmask->finite) {
    select::BlamedPicture blamed = cells->of_picture(index, labels);
    segmentation.detectable_outside = std::move(blamed.detectable_outside);
    for (std::size_t i = 0; i < row.boxes.size(); ++i) {
      row.boxes[i].mask = std::move(blamed.boxes[i].mask);
      row.boxes[i].mislabelled = std::move(blamed.boxes[i].mislabelled);
      row.boxes[i].divergent = std::move(blamed.boxes[i].divergent);
    }
  }
  row.segmentation = std::move(segmentation);
}

std::vector<std::pair<std::size_t, std::string>> loss_columns(const model::Heads& heads,
                                                              std::size_t tasks) {
  const std::array known{std::pair(column::kLossBoxes, heads.boxes),
                         std::pair(column::kLossSegmentation, heads.segmentation),
                         std::pair(column::kLossKeypoints, heads.keypoints)};
  std::vector<std::pair<std::size_t, std::string>> names;
  for (std::size_t i = 0; i < tasks; ++i) {
    if (tasks != known.size()) {
      names.emplace_back(i, fmt::format("{}{}", column::kLossPrefix, i + 1));
    } else if (known.at(i).second) {
      names.emplace_back(i, known.at(i).first);
    }
  }
  return names;
}

bool is_finite(const ScoreRow& row) {
  const bool scores =
      std::ranges::all_of(row.scores, [](const auto& s) { return std::isfinite(s.second); });
  return scores && (!row.boxmask || row.boxmask->finite);
}

}  // namespace labelloom::apps
