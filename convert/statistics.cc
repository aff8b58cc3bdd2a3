#include "convert/statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <unordered_map>

namespace labelloom {
namespace {

constexpr double kSmallArea = 32.0 * 32.0;  // pycocotools, COCOeval Params.areaRng
constexpr double kMediumArea = 96.0 * 96.0;

double quantile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

Quantiles quantiles(std::vector<double>& values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  return {.minimum = values.front(),
          .q05 = quantile(values, 0.05),
          .q25 = quantile(values, 0.25),
          .median = quantile(values, 0.5),
          .q75 = quantile(values, 0.75),
          .q95 = quantile(values, 0.95),
          .maximum = values.back()};
}

std::size_t outer_ring_count(const Rings& rings) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < rings.size(); ++i) count += rings.is_hole(i) ? 0U : 1U;
  return count;
}

/// One class while it is counted.
class ClassCounter {
 public:
  void add(const Instance& instance) {
    counts_.instances += 1;
    counts_.crowds += instance.iscrowd ? 1U : 0U;
    counts_.with_keypoints += labelled_count(instance.keypoints) > 0 ? 1U : 0U;
    if (instance.mask() != nullptr) {
      counts_.masks += 1;
    } else if (!instance.rings.empty()) {
      counts_.polygons += 1;
      counts_.multi_part += outer_ring_count(instance.rings) > 1 ? 1U : 0U;
      counts_.with_holes += instance.rings.has_holes() ? 1U : 0U;
    } else {
      counts_.box_only += 1;
    }
    if (instance.area < kSmallArea) {
      counts_.small += 1;
    } else if (instance.area < kMediumArea) {
      counts_.medium += 1;
    } else {
      counts_.large += 1;
    }
    areas_.push_back(instance.area);
    sides_.push_back(std::sqrt(std::max(instance.bbox.area(), 0.0)));
  }

  /// Counts the image once, however many instances it has; images must come one after another.
  void add_image(std::size_t image_index) {
    if (last_image_ == image_index) return;
    last_image_ = image_index;
    counts_.images += 1;
  }

  [[nodiscard]] ClassStatistics take() {
    counts_.area = quantiles(areas_);
    counts_.side = quantiles(sides_);
    return std::move(counts_);
  }

 private:
  ClassStatistics counts_;
  std::vector<double> areas_;
  std::vector<double> sides_;
  std::optional<std::size_t> last_image_;
};

std::vector<std::pair<Size, std::uint64_t>> count_sizes(const Dataset& dataset) {
  std::map<std::pair<int, int>, std::uint64_t> counts;
  for (const Image& image : dataset.images) {
    counts[{image.size.width, image.size.height}] += 1;
  }
  std::vector<std::pair<Size, std::uint64_t>> sizes;
  sizes.reserve(counts.size());
  for (const auto& [sides, count] : counts) sizes.push_back({{sides.first, sides.second}, count});
  std::ranges::stable_sort(sizes, std::greater<>{}, &std::pair<Size, std::uint64_t>::second);
  return sizes;
}

/// Visibility of every key point slot of every category.
class KeypointCounter {
 public:
  explicit KeypointCounter(const std::vector<Category>& categories) {
    for (const Category& category : categories) {
      first_of_.push_back(slots_.size());
      for (const std::string& name : category.keypoints) {
        slots_.push_back({.category_id = category.id, .category = category.name, .name = name});
      }
    }
    first_of_.push_back(slots_.size());
  }

  void add(std::size_t category_index, const std::vector<Keypoint>& keypoints) {
    const std::size_t first = first_of_[category_index];
    const std::size_t count = std::min(keypoints.size(), first_of_[category_index + 1] - first);
    for (std::size_t i = 0; i < count; ++i) {
      KeypointStatistics& slot = slots_[first + i];
      switch (keypoints[i].visibility) {
        case Visibility::kAbsent:
          slot.absent += 1;
          break;
        case Visibility::kHidden:
          slot.hidden += 1;
          break;
        case Visibility::kVisible:
          slot.visible += 1;
          break;
      }
    }
  }

  [[nodiscard]] std::vector<KeypointStatistics> take() { return std::move(slots_); }

 private:
  std::vector<KeypointStatistics> slots_;
  std::vector<std::size_t> first_of_;  // [categories + 1]
};

}  // namespace

Statistics statistics(const Dataset& dataset) {
  std::unordered_map<std::int64_t, std::size_t> category_index;
  for (std::size_t i = 0; i < dataset.categories.size(); ++i) {
    category_index.emplace(dataset.categories[i].id, i);
  }
  ClassCounter total;
  std::vector<ClassCounter> classes(dataset.categories.size());
  KeypointCounter keypoints(dataset.categories);
  const InstancesByImage by_image(dataset);
  Statistics result;
  result.images = dataset.images.size();
  for (std::size_t image = 0; image < dataset.images.size(); ++image) {
    const auto indexes = by_image[image];
    result.instances_per_image[indexes.size()] += 1;
    for (const std::uint32_t index : indexes) {
      const Instance& instance = dataset.instances[index];
      total.add(instance);
      total.add_image(image);
      const auto found = category_index.find(instance.category_id);
      if (found == category_index.end()) continue;
      classes[found->second].add(instance);
      classes[found->second].add_image(image);
      keypoints.add(found->second, instance.keypoints);
    }
  }
  result.total = total.take();
  result.images_without_instances = result.images - result.total.images;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    result.classes.push_back(classes[i].take());
    result.classes.back().category_id = dataset.categories[i].id;
    result.classes.back().name = dataset.categories[i].name;
  }
  result.keypoints = keypoints.take();
  result.image_sizes = count_sizes(dataset);
  return result;
}

}  // namespace labelloom
