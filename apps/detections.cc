#include "apps/detections.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/error.h"
#include "model/instance_mask.h"

namespace labelloom::apps {
namespace {

std::vector<DetectedKeypoint> keypoints_of(const model::Detection& found,
                                           const model::Placement& placement,
                                           const model::ModelConfig& config) {
  std::vector<DetectedKeypoint> keypoints;
  for (std::size_t slot = 0; slot < config.keypoints.size(); ++slot) {
    if (config.keypoints[slot].class_index != found.class_index) continue;
    if (slot >= found.keypoints.size()) break;  // the model has no such head
    const Keypoint keypoint = model::to_original(found.keypoints[slot], placement);
    const bool absent = keypoint.visibility == Visibility::kAbsent;
    keypoints.push_back(
        {keypoint.point, absent ? 0 : static_cast<double>(found.keypoint_scores[slot])});
  }
  return keypoints;
}

}  // namespace

std::vector<std::int64_t> category_ids(std::span<const Category> categories,
                                       const model::ModelConfig& config) {
  std::vector<std::int64_t> ids;
  for (const std::string& name : config.classes) {
    const auto found = std::ranges::find(categories, name, &Category::name);
    if (found == categories.end()) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("the model's class {} is not one of the data set's categories",
                              labelloom::quoted(name)));
    }
    ids.push_back(found->id);
  }
  return ids;
}

std::vector<labelloom::Detection> in_original(std::span<const model::Detection> found,
                                              const model::Placement& placement,
                                              const model::ModelConfig& config,
                                              std::int64_t image_id,
                                              std::span<const std::int64_t> category_of_class) {
  std::vector<labelloom::Detection> detections;
  for (const model::Detection& one : found) {
    labelloom::Detection detection;
    detection.bbox = model::to_original(one.box, placement);
    if (detection.bbox.area() <= 0) continue;
    detection.image_id = image_id;
    detection.category_id = category_of_class[static_cast<std::size_t>(one.class_index)];
    detection.score = one.score;
    detection.area = detection.bbox.area();
    detection.keypoints = keypoints_of(one, placement, config);
    detections.push_back(std::move(detection));
  }
  return detections;
}

std::map<std::string, std::vector<double>, std::less<>> sigmas_by_class(
    const model::ModelConfig& config) {
  std::map<std::string, std::vector<double>, std::less<>> sigmas;
  for (const model::KeypointSlot& slot : config.keypoints) {
    sigmas[config.classes[static_cast<std::size_t>(slot.class_index)]].push_back(slot.sigma);
  }
  return sigmas;
}

}  // namespace labelloom::apps
