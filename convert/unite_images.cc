#include "convert/unite_images.h"

#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace labelloom {

void unite_images(Dataset& dataset, std::span<LooseKeypoint> keypoints) {
  std::unordered_map<std::string_view, std::int64_t> id_of_name;
  std::unordered_map<std::int64_t, std::int64_t> new_ids;
  std::vector<std::size_t> first;
  for (std::size_t i = 0; i < dataset.images.size(); ++i) {
    const auto next = static_cast<std::int64_t>(first.size()) + 1;
    const auto [entry, is_new] = id_of_name.try_emplace(dataset.images[i].file_name, next);
    if (is_new) first.push_back(i);
    new_ids.emplace(dataset.images[i].id, entry->second);
  }
  std::deque<Image> images;
  for (const std::size_t i : first) {
    images.push_back(std::move(dataset.images[i]));
    images.back().id = static_cast<std::int64_t>(images.size());
  }
  dataset.images = std::move(images);
  const auto renumber = [&](std::int64_t& id) {
    const auto found = new_ids.find(id);
    if (found != new_ids.end()) id = found->second;
  };
  for (Instance& instance : dataset.instances) renumber(instance.image_id);
  for (LooseKeypoint& keypoint : dataset.loose_keypoints) renumber(keypoint.image_id);
  for (LooseKeypoint& keypoint : keypoints) renumber(keypoint.image_id);
}

}  // namespace labelloom
