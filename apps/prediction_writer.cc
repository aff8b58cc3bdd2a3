#include "apps/prediction_writer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "formats/coco.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/png_values.h"
#include "model/instance_mask.h"
#include "model/label_map.h"

namespace labelloom::apps {
namespace {

/// A class's key points of all the network's slots, in original coordinates.
std::vector<Keypoint> own_keypoints(const model::Detection& detection,
                                    const model::ModelConfig& config,
                                    const model::Placement& placement) {
  std::vector<Keypoint> keypoints;
  for (std::size_t slot = 0; slot < detection.keypoints.size(); ++slot) {
    if (config.keypoints[slot].class_index != detection.class_index) continue;
    keypoints.push_back(model::to_original(detection.keypoints[slot], placement));
  }
  return keypoints;
}

/// Below a folder of label maps.
std::filesystem::path label_map_name(const std::string& picture) {
  return safe_relative_path(picture).replace_extension(".png");
}

/// Classes' values instead of their indexes.
LabelMap with_values(LabelMap labels, const std::vector<int>& values) {
  if (values.empty()) return labels;
  std::array<std::uint8_t, 256> value_of{};
  std::ranges::transform(
      values, value_of.begin(), [](int value) { return static_cast<std::uint8_t>(value); });
  for (std::uint8_t& label : labels.values) label = value_of[label];
  return labels;
}

}  // namespace

std::filesystem::path PredictionFolder::label_map(const std::string& picture) const {
  return folder / "segmentation" / label_map_name(picture);
}

void require_own_label_maps(const std::deque<Image>& images) {
  std::unordered_map<std::string, const std::string*> pictures;
  for (const Image& image : images) {
    const std::string map = label_map_name(image.file_name).lexically_normal().string();
    const auto [other, is_new] = pictures.emplace(map, &image.file_name);
    if (is_new || *other->second == image.file_name) continue;
    throw Error(Errc::kInvalidData,
                {.file = image.file_name},
                fmt::format("its label map would replace that of {}; rename one, or leave label "
                            "maps out",
                            *other->second));
  }
}

std::vector<Category> categories_of(const model::ModelConfig& config) {
  std::vector<Category> categories;
  for (std::size_t i = 0; i < config.classes.size(); ++i) {
    Category category;
    category.id = static_cast<std::int64_t>(i) + 1;
    category.name = config.classes[i];
    if (config.heads.keypoints) {
      for (const model::KeypointSlot& slot : config.keypoints) {
        if (slot.class_index == static_cast<int>(i)) category.keypoints.push_back(slot.name);
      }
    }
    categories.push_back(std::move(category));
  }
  return categories;
}

PredictionWriter::PredictionWriter(std::filesystem::path folder,
                                   const model::ModelConfig& config,
                                   const PredictionWriterOptions& options)
    : folder_{std::move(folder)}, config_(config), options_(options) {
  dataset_.categories = categories_of(config_);
}

PredictedPicture PredictionWriter::picture(const model::InputImage& image,
                                           std::span<const model::Detection> detections,
                                           const model::DenseMap& segmentation) const {
  const model::Placement& placement = image.placement;
  const std::filesystem::path png = folder_.label_map(image.name);
  std::vector<Rle> masks(detections.size());
  if (!segmentation.empty() && (!detections.empty() || options_.segmentation)) {
    try {
      LabelMap labels = model::label_map(segmentation, image.size, placement);
      masks = model::instance_masks(labels, detections, config_, placement);
      if (options_.segmentation) {
        write_label_map(png, with_values(std::move(labels), config_.seg_values));
      }
    } catch (const Error& error) {
      if (!error.where().file.empty()) throw;
      throw Error(error.code(), {.file = image.name}, error.message());
    }
  }
  PredictedPicture result;
  result.image.file_name = image.name;
  result.image.size = placement.original;
  for (std::size_t i = 0; i < detections.size(); ++i) {
    add_instance(detections[i], placement, std::move(masks[i]), result.instances);
  }
  return result;
}

void PredictionWriter::append(PredictedPicture picture) {
  picture.image.id = static_cast<std::int64_t>(dataset_.images.size()) + 1;
  for (Instance& instance : picture.instances) {
    instance.id = static_cast<std::int64_t>(dataset_.instances.size()) + 1;
    instance.image_id = picture.image.id;
    dataset_.instances.push_back(std::move(instance));
  }
  dataset_.images.push_back(std::move(picture.image));
}

void PredictionWriter::add_instance(const model::Detection& detection,
                                    const model::Placement& placement,
                                    Rle mask,
                                    std::vector<Instance>& instances) const {
  const Box box = model::to_original(detection.box, placement);
  if (box.width <= 0 || box.height <= 0) return;  // wholly in the filling
  Instance instance;
  instance.category_id = detection.class_index + 1;
  instance.bbox = box;
  instance.area = box.area();
  if (!detection.keypoints.empty()) {
    instance.keypoints = own_keypoints(detection, config_, placement);
  }
  InstanceExtra& extra = instance.ensure_extra();
  extra.score = detection.score;
  const std::uint64_t pixels = mask.counts.empty() ? 0 : pixel_count(mask);
  if (pixels > 0) {  // an object the segmentation does not see keeps its box
    instance.area = static_cast<double>(pixels);
    extra.mask = std::move(mask);
  }
  instances.push_back(std::move(instance));
}

void PredictionWriter::finish() {
  for (Instance& instance : dataset_.instances) {
    for (Keypoint& keypoint : instance.keypoints) {
      if (keypoint.visibility == Visibility::kAbsent) keypoint = {};
    }
  }
  write_coco(dataset_, folder_.dataset());
}

}  // namespace labelloom::apps
