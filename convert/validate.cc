#include "convert/validate.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include "convert/validate_rules.h"
#include "formats/image_folder.h"

namespace labelloom {
namespace {

constexpr std::uint32_t kUnknown = static_cast<std::uint32_t>(-1);

std::string place_of(const Image& image) {
  return fmt::format("image {} {}", image.id, labelloom::quoted(image.file_name));
}

std::string place_of(const Category& category) {
  return fmt::format("category {} {}", category.id, labelloom::quoted(category.name));
}

/// Calls `check(index, collector)` for 0..count-1 on all cores; findings stay in order.
template <typename Check>
void for_each_parallel(std::size_t count,
                       FindingCollector& collector,
                       const FindingCollector& none,
                       const Check& make_check) {
  constexpr std::size_t kChunk = 2048;
  std::vector<FindingCollector> parts((count + kChunk - 1) / kChunk, none);
  tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t part) {
    auto check = make_check(parts[part]);
    const std::size_t end = std::min(count, (part + 1) * kChunk);
    for (std::size_t i = part * kChunk; i < end; ++i) check(i);
  });
  for (FindingCollector& part : parts) collector.merge(std::move(part));
}

/// 64 bits that equal instances share and others hardly do.
class ContentHash {
 public:
  void add(std::uint64_t value) {
    // The finaliser of MurmurHash3, so that nearby numbers spread over all bits.
    hash_ ^= value + 0x9E3779B97F4A7C15U + (hash_ << 6) + (hash_ >> 2);
    hash_ ^= hash_ >> 33;
    hash_ *= 0xFF51AFD7ED558CCDU;
    hash_ ^= hash_ >> 33;
  }
  void add(std::int64_t value) { add(std::bit_cast<std::uint64_t>(value)); }
  void add(double value) { add(std::bit_cast<std::uint64_t>(value + 0.0)); }  // -0 is 0
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0;
};

std::uint64_t content_hash(const Instance& instance) {
  ContentHash hash;
  hash.add(instance.image_id);
  hash.add(instance.category_id);
  for (const double value :
       {instance.bbox.x, instance.bbox.y, instance.bbox.width, instance.bbox.height}) {
    hash.add(value);
  }
  for (const Point2d& p : instance.rings.points()) {
    hash.add(p.x);
    hash.add(p.y);
  }
  for (const Keypoint& k : instance.keypoints) {
    hash.add(k.point.x);
    hash.add(k.point.y);
  }
  if (const Rle* mask = instance.mask()) {
    for (const std::uint32_t count : mask->counts) hash.add(std::uint64_t{count});
  }
  return hash.value();
}

/// Whether two instances label the same thing in the same way; ids and extra members may differ.
bool same_content(const Instance& a, const Instance& b) {
  const Rle* mask_a = a.mask();
  const Rle* mask_b = b.mask();
  if ((mask_a == nullptr) != (mask_b == nullptr)) return false;
  return a.image_id == b.image_id && a.category_id == b.category_id && a.bbox == b.bbox &&
         a.iscrowd == b.iscrowd && a.rings == b.rings && a.keypoints == b.keypoints &&
         (mask_a == nullptr || *mask_a == *mask_b);
}

/// Checks a whole data set: ids and what ids refer to here, single instances by InstanceValidator.
class DatasetValidator {
 public:
  DatasetValidator(const Dataset& dataset, const ValidateOptions& options)
      : dataset_(dataset),
        options_(options),
        none_(options.example_count),
        collector_(options.example_count) {}

  std::vector<Finding> run() {
    check_categories();
    check_images();
    check_references();
    check_instances();
    check_duplicate_instances();
    if (options_.images) check_files(*options_.images);
    return collector_.take();
  }

 private:
  void check_categories();
  void check_keypoint_names(const Category& category);
  void check_images();
  void check_references();
  void check_unused();
  void check_instances();
  void check_duplicate_instances();
  void check_files(const std::filesystem::path& root);
  static void check_file(const ImageFolder& folder,
                         const Image& image,
                         FindingCollector& collector);

  [[nodiscard]] const Image* image_of(std::size_t instance_index) const {
    const std::uint32_t index = image_index_[instance_index];
    return index == kUnknown ? nullptr : &dataset_.images[index];
  }

  const Dataset& dataset_;
  const ValidateOptions& options_;
  const FindingCollector none_;
  FindingCollector collector_;
  std::unordered_map<std::int64_t, std::uint32_t> category_by_id_;
  std::unordered_map<std::int64_t, std::uint32_t> image_by_id_;
  std::vector<std::uint32_t> image_index_;     // [instances]
  std::vector<std::uint32_t> category_index_;  // [instances]
  std::vector<bool> category_has_keypoints_;   // [categories]
  bool has_shapes_ = false;
  std::vector<std::uint64_t> hashes_;  // [instances]
};

void DatasetValidator::check_categories() {
  std::unordered_set<std::string_view> names;
  for (std::size_t i = 0; i < dataset_.categories.size(); ++i) {
    const Category& category = dataset_.categories[i];
    const auto describe = [&] { return place_of(category); };
    if (!category_by_id_.emplace(category.id, static_cast<std::uint32_t>(i)).second) {
      collector_.add(Rule::kDuplicateCategoryId, describe);
    }
    if (!names.insert(category.name).second) {
      collector_.add(Rule::kDuplicateCategoryName, describe);
    }
    if (category.id == 0) collector_.add(Rule::kCategoryIdZero, describe);
    check_keypoint_names(category);
  }
}

void DatasetValidator::check_keypoint_names(const Category& category) {
  std::unordered_set<std::string_view> names;
  for (const std::string& keypoint : category.keypoints) {
    if (names.insert(keypoint).second) continue;
    collector_.add(Rule::kDuplicateKeypointName, [&] {
      return fmt::format("{}: {}", place_of(category), labelloom::quoted(keypoint));
    });
  }
  const auto count = static_cast<std::int64_t>(category.keypoints.size());
  for (const auto& [from, to] : category.skeleton) {
    if (from >= 1 && to >= 1 && from <= count && to <= count) continue;
    collector_.add(Rule::kSkeletonOutOfRange, [&, a = from, b = to] {
      return fmt::format("{}: [{}, {}], {} key points", place_of(category), a, b, count);
    });
  }
}

void DatasetValidator::check_images() {
  std::unordered_map<std::string_view, std::int64_t> names;
  names.reserve(dataset_.images.size());
  image_by_id_.reserve(dataset_.images.size());
  for (std::size_t i = 0; i < dataset_.images.size(); ++i) {
    const Image& image = dataset_.images[i];
    if (!image_by_id_.emplace(image.id, static_cast<std::uint32_t>(i)).second) {
      collector_.add(Rule::kDuplicateImageId, [&] { return place_of(image); });
    }
    const auto [first, is_new] = names.emplace(image.file_name, image.id);
    if (!is_new) {
      collector_.add(Rule::kDuplicateFileName, [&, id = first->second] {
        return fmt::format("{}, as image {}", place_of(image), id);
      });
    }
    if (image.size.width <= 0 || image.size.height <= 0) {
      collector_.add(Rule::kImageSizeNotPositive, [&] {
        return fmt::format("{}: {} x {}", place_of(image), image.size.width, image.size.height);
      });
    }
  }
}

void DatasetValidator::check_references() {
  const std::size_t count = dataset_.instances.size();
  image_index_.assign(count, kUnknown);
  category_index_.assign(count, kUnknown);
  category_has_keypoints_.assign(dataset_.categories.size(), false);
  std::unordered_set<std::int64_t> ids;
  ids.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Instance& instance = dataset_.instances[i];
    const auto image = image_by_id_.find(instance.image_id);
    if (image != image_by_id_.end()) image_index_[i] = image->second;
    const auto category = category_by_id_.find(instance.category_id);
    if (category != category_by_id_.end()) {
      category_index_[i] = category->second;
      if (!instance.keypoints.empty() && !dataset_.categories[category->second].keypoints.empty()) {
        category_has_keypoints_[category->second] = true;
      }
    }
    has_shapes_ |= instance.mask() != nullptr || !instance.rings.empty();
    const auto describe = [&] { return fmt::format("annotation {}", instance.id); };
    if (!ids.insert(instance.id).second) collector_.add(Rule::kDuplicateAnnotationId, describe);
    if (instance.id < 1) collector_.add(Rule::kAnnotationIdBelowOne, describe);
    if (image_index_[i] == kUnknown) {
      collector_.add(Rule::kUnknownImage, [&] {
        return fmt::format("annotation {}: image_id {}", instance.id, instance.image_id);
      });
    }
    if (category_index_[i] == kUnknown) {
      collector_.add(Rule::kUnknownCategory, [&] {
        return fmt::format("annotation {}: category_id {}", instance.id, instance.category_id);
      });
    }
  }
  check_unused();
}

void DatasetValidator::check_unused() {
  std::vector<bool> image_used(dataset_.images.size(), false);
  std::vector<bool> category_used(dataset_.categories.size(), false);
  for (const std::uint32_t index : image_index_) {
    if (index != kUnknown) image_used[index] = true;
  }
  for (const std::uint32_t index : category_index_) {
    if (index != kUnknown) category_used[index] = true;
  }
  for (std::size_t i = 0; i < image_used.size(); ++i) {
    if (image_used[i]) continue;
    collector_.add(Rule::kImageWithoutAnnotations, [&] { return place_of(dataset_.images[i]); });
  }
  for (std::size_t i = 0; i < category_used.size(); ++i) {
    if (category_used[i]) continue;
    collector_.add(Rule::kCategoryUnused, [&] { return place_of(dataset_.categories[i]); });
  }
}

void DatasetValidator::check_instances() {
  hashes_.resize(dataset_.instances.size());
  for_each_parallel(dataset_.instances.size(), collector_, none_, [&](FindingCollector& collector) {
    return [&, validator = InstanceValidator(options_, collector)](std::size_t i) mutable {
      const Instance& instance = dataset_.instances[i];
      hashes_[i] = content_hash(instance);
      // An unknown image has no size, so that the rules about the frame do not apply.
      const Image unknown;
      const Image* image = image_of(i);
      const std::uint32_t category = category_index_[i];
      const bool known = category != kUnknown;
      validator.check(instance,
                      {.image = image != nullptr ? *image : unknown,
                       .category = known ? &dataset_.categories[category] : nullptr,
                       .shapes_expected = has_shapes_,
                       .keypoints_expected = known && category_has_keypoints_[category]});
    };
  });
}

void DatasetValidator::check_duplicate_instances() {
  std::unordered_map<std::uint64_t, std::uint32_t> first_of;
  first_of.reserve(hashes_.size());
  for (std::size_t i = 0; i < hashes_.size(); ++i) {
    const auto [found, is_new] = first_of.emplace(hashes_[i], static_cast<std::uint32_t>(i));
    if (is_new) continue;
    const Instance& instance = dataset_.instances[i];
    const Instance& first = dataset_.instances[found->second];
    if (!same_content(instance, first)) continue;
    const Image* image = image_of(i);
    collector_.add(Rule::kDuplicateInstance, [&] {
      return fmt::format("{}: the same as annotation {}",
                         place_of(instance, image != nullptr ? *image : Image{}),
                         first.id);
    });
  }
}

void DatasetValidator::check_files(const std::filesystem::path& root) {
  const ImageFolder folder(root);
  for_each_parallel(dataset_.images.size(), collector_, none_, [&](FindingCollector& collector) {
    return [&](std::size_t i) { check_file(folder, dataset_.images[i], collector); };
  });
}

void DatasetValidator::check_file(const ImageFolder& folder,
                                  const Image& image,
                                  FindingCollector& collector) {
  const ImageFolder::Found found = folder.find(image.file_name);
  if (found.match == ImageFolder::Match::kNone) {
    collector.add(Rule::kImageMissing, [&] { return place_of(image); });
    return;
  }
  if (found.match == ImageFolder::Match::kSeveral) {
    collector.add(Rule::kImageAmbiguous, [&] { return place_of(image); });
    return;
  }
  try {
    const Size size = read_image_size(folder.path(found.relative));
    if (size == image.size) return;
    collector.add(Rule::kImageSizeDiffers, [&] {
      return fmt::format("{}: {} x {}, the file has {} x {}",
                         place_of(image),
                         image.size.width,
                         image.size.height,
                         size.width,
                         size.height);
    });
  } catch (const Error& error) {
    collector.add(Rule::kImageUnreadable,
                  [&] { return fmt::format("{}: {}", place_of(image), error.message()); });
  }
}

}  // namespace

std::vector<Finding> validate(const Dataset& dataset, const ValidateOptions& options) {
  return DatasetValidator(dataset, options).run();
}

}  // namespace labelloom
