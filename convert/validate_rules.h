#pragma once

// The parts `validate` is made of: the rules by name, and the collector that counts their breaches.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "convert/ring_crossing.h"
#include "convert/validate.h"
#include "formats/dataset.h"

namespace labelloom {

/// The rules, in the order of `rules()`.
enum class Rule : std::uint8_t {
  kDuplicateImageId,
  kDuplicateAnnotationId,
  kDuplicateCategoryId,
  kAnnotationIdBelowOne,
  kUnknownImage,
  kUnknownCategory,
  kImageSizeNotPositive,
  kNotFinite,
  kBoxNotPositive,
  kBoxOutsideImage,
  kAreaNotPositive,
  kRingTooShort,
  kMaskSizeDiffers,
  kMaskEmpty,
  kKeypointCountDiffers,
  kSkeletonOutOfRange,
  kImageMissing,
  kImageUnreadable,
  kImageSizeDiffers,
  kCategoryIdZero,
  kDuplicateCategoryName,
  kDuplicateKeypointName,
  kDuplicateFileName,
  kDuplicateInstance,
  kBoxLeavesImage,
  kBoxDiffersFromShape,
  kAreaDiffersFromShape,
  kRingWithoutArea,
  kRingCrossesItself,
  kRingOutsideImage,
  kRingLeavesImage,
  kCrowdWithPolygons,
  kCrowdWithoutMask,
  kMaskWithoutCrowd,
  kShapeMissing,
  kKeypointsMissing,
  kKeypointOutsideImage,
  kAbsentKeypointWithPosition,
  kImageAmbiguous,
  kCategoryUnused,
  kImageWithoutAnnotations,
  kRingNotChecked,
  kCount,
};
inline constexpr auto kRuleCount = static_cast<std::size_t>(Rule::kCount);

/// Counts breaches by rule and keeps the first examples of each.
class FindingCollector {
 public:
  explicit FindingCollector(std::size_t example_count) : example_count_(example_count) {}

  /// Counts one breach; `describe` makes its example and is only called while examples are kept.
  template <typename Describe>
  void add(Rule rule, Describe&& describe) {
    Entry& entry = entries_[static_cast<std::size_t>(rule)];
    ++entry.count;
    if (entry.examples.size() < example_count_) entry.examples.push_back(describe());
  }
  /// Appends what another collector found in later places.
  void merge(FindingCollector&& later);
  /// The rules that were broken, by severity, then in the order of the rules.
  [[nodiscard]] std::vector<Finding> take();

 private:
  struct Entry {
    std::uint64_t count = 0;
    std::vector<std::string> examples;
  };
  std::array<Entry, kRuleCount> entries_;
  std::size_t example_count_;
};

/// What the rules of one instance need to know of the data set around it.
struct InstanceContext {
  const Image& image;
  const Category* category = nullptr;  ///< null when the id is unknown
  bool shapes_expected = false;        ///< other instances have rings or masks
  bool keypoints_expected = false;     ///< other instances of the category have key points
};

/// Checks one instance by itself. Not for several threads; each has its own.
class InstanceValidator {
 public:
  InstanceValidator(const ValidateOptions& options, FindingCollector& collector)
      : options_(options), collector_(collector) {}

  void check(const Instance& instance, const InstanceContext& context);

 private:
  void check_box(const Instance& instance, const Image& image);
  void check_area(const Instance& instance, const Image& image);
  void check_rings(const Instance& instance, const Image& image);
  void check_mask(const Instance& instance, const Image& image);
  void check_shape_kind(const Instance& instance, const InstanceContext& context);
  void check_keypoints(const Instance& instance, const InstanceContext& context);
  void check_keypoint_positions(const Instance& instance, const Image& image);

  const ValidateOptions& options_;
  FindingCollector& collector_;
  RingCrossing crossing_;
};

/// `annotation 17 in "a.jpg"`.
[[nodiscard]] std::string place_of(const Instance& instance, const Image& image);

}  // namespace labelloom
