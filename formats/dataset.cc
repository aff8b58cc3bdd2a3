#include "formats/dataset.h"

#include <algorithm>
#include <unordered_map>

namespace labelloom {

// Four of them fill a deque's node of 512 bytes without a gap.
static_assert(sizeof(Instance) <= 128 || sizeof(void*) != 8);

InstanceExtra& Instance::ensure_extra() {
  if (!extra) extra = std::make_unique<InstanceExtra>();
  return *extra;
}

Instance::Instance(const Instance& other)
    : id(other.id),
      image_id(other.image_id),
      category_id(other.category_id),
      bbox(other.bbox),
      area(other.area),
      rings(other.rings),
      keypoints(other.keypoints),
      extra(other.extra ? std::make_unique<InstanceExtra>(*other.extra) : nullptr),
      iscrowd(other.iscrowd) {}

Instance& Instance::operator=(const Instance& other) {
  if (this != &other) *this = Instance(other);
  return *this;
}

double signed_distance(const Instance& instance, Point2d point) {
  if (instance.mask() != nullptr) return signed_distance(*instance.mask(), point);
  if (!instance.rings.empty()) return signed_distance(instance.rings, point);
  return signed_distance(instance.bbox, point);
}

int labelled_count(const std::vector<Keypoint>& keypoints) {
  return static_cast<int>(std::ranges::count_if(
      keypoints, [](const Keypoint& k) { return k.visibility != Visibility::kAbsent; }));
}

InstancesByImage::InstancesByImage(const Dataset& dataset) {
  std::unordered_map<std::int64_t, std::uint32_t> index_of;
  index_of.reserve(dataset.images.size());
  for (std::size_t i = 0; i < dataset.images.size(); ++i) {
    index_of.emplace(dataset.images[i].id, static_cast<std::uint32_t>(i));
  }
  constexpr auto kNone = static_cast<std::uint32_t>(-1);
  std::vector<std::uint32_t> image_index(dataset.instances.size(), kNone);
  starts_.assign(dataset.images.size() + 1, 0);
  auto found = index_of.end();
  for (std::size_t i = 0; i < dataset.instances.size(); ++i) {
    // Most lie in the image of the one before.
    const std::int64_t image_id = dataset.instances[i].image_id;
    if (found == index_of.end() || found->first != image_id) found = index_of.find(image_id);
    if (found == index_of.end()) continue;
    image_index[i] = found->second;
    ++starts_[found->second + 1];
  }
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  indexes_.resize(starts_.back());
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (std::size_t i = 0; i < image_index.size(); ++i) {
    if (image_index[i] != kNone) indexes_[next[image_index[i]]++] = static_cast<std::uint32_t>(i);
  }
}

std::span<const std::uint32_t> InstancesByImage::operator[](std::size_t image_index) const {
  return std::span(indexes_).subspan(starts_[image_index],
                                     starts_[image_index + 1] - starts_[image_index]);
}

}  // namespace labelloom
