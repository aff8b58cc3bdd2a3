#include "convert/validate_rules.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace labelloom {
namespace {

struct Entry {
  Rule rule;
  RuleText text;
};

// clang-format off
constexpr Entry kErrors[] = {
    {Rule::kDuplicateImageId, {"duplicate-image-id", Severity::kError,
     "pycocotools keeps only the last image of an id, with the annotations of all of them"}},
    {Rule::kDuplicateAnnotationId, {"duplicate-annotation-id", Severity::kError,
     "pycocotools keeps only the last annotation of an id; Detectron2 refuses the file"}},
    {Rule::kDuplicateCategoryId, {"duplicate-category-id", Severity::kError,
     "pycocotools keeps only the last category of an id"}},
    {Rule::kAnnotationIdBelowOne, {"annotation-id-below-1", Severity::kError,
     "COCOeval marks a match with the annotation's id, so that a matched id 0 counts as a miss"}},
    {Rule::kUnknownImage, {"unknown-image", Severity::kError,
     "pycocotools never shows these annotations, and raises KeyError for their masks"}},
    {Rule::kUnknownCategory, {"unknown-category", Severity::kError,
     "Detectron2 stops with a KeyError; COCOeval leaves these annotations out"}},
    {Rule::kImageSizeNotPositive, {"image-size-not-positive", Severity::kError,
     "pycocotools needs width and height to paint polygons; relative coordinates divide by them"}},
    {Rule::kNotFinite, {"not-finite", Severity::kError,
     "JSON has no NaN or infinity: strict parsers refuse the file, and a loss becomes NaN"}},
    {Rule::kBoxNotPositive, {"box-not-positive", Severity::kError,
     "torchvision's detectors raise \"All bounding boxes should have positive height and width\""}},
    {Rule::kBoxOutsideImage, {"box-outside-image", Severity::kError,
     "cut to the image nothing is left: Albumentations raises, torchvision sees an empty box"}},
    {Rule::kAreaNotPositive, {"area-not-positive", Severity::kError,
     "COCOeval divides key point distances by the area, so no prediction can match; AP counts the"
     " object as small"}},
    {Rule::kRingTooShort, {"ring-too-short", Severity::kError,
     "pycocotools takes a polygon of 4 numbers for a box and raises on fewer; Detectron2 drops it"}},
    {Rule::kMaskSizeDiffers, {"mask-size-differs", Severity::kError,
     "pycocotools' IoU and torch.stack need all masks of an image to have one size"}},
    {Rule::kMaskEmpty, {"mask-empty", Severity::kError,
     "torchvision.ops.masks_to_boxes raises on a mask without foreground"}},
    {Rule::kKeypointCountDiffers, {"keypoint-count-differs", Severity::kError,
     "COCOeval raises when the numbers of key points differ; others read the wrong joint"}},
    {Rule::kSkeletonOutOfRange, {"skeleton-out-of-range", Severity::kError,
     "pycocotools' showAnns raises IndexError, and joins the wrong points for 0: skeletons count"
     " from 1"}},
    {Rule::kImageMissing, {"image-missing", Severity::kError,
     "every trainer stops when it opens the file"}},
    {Rule::kImageUnreadable, {"image-unreadable", Severity::kError,
     "every trainer stops when it opens the file"}},
    {Rule::kImageSizeDiffers, {"image-size-differs", Severity::kError,
     "annotations and pixels do not fit; Detectron2 raises SizeMismatchError (sizes compared with"
     " the EXIF orientation applied)"}},
};

constexpr Entry kWarnings[] = {
    {Rule::kCategoryIdZero, {"category-id-zero", Severity::kWarning,
     "torchvision's detectors take label 0 for the background"}},
    {Rule::kDuplicateCategoryName, {"duplicate-category-name", Severity::kWarning,
     "tools that know classes by name (YOLO, Label Studio, merging) make them one"}},
    {Rule::kDuplicateKeypointName, {"duplicate-keypoint-name", Severity::kWarning,
     "tools that know key points by name confuse them"}},
    {Rule::kDuplicateFileName, {"duplicate-file-name", Severity::kWarning,
     "the picture counts twice, each time with a part of its objects unlabelled, and may land in"
     " both train and val"}},
    {Rule::kDuplicateInstance, {"duplicate-instance", Severity::kWarning,
     "one of the two can never be matched: recall drops"}},
    {Rule::kBoxLeavesImage, {"box-leaves-image", Severity::kWarning,
     "Albumentations raises unless told to clip; Ultralytics calls a label file with values above 1"
     " corrupt"}},
    {Rule::kBoxDiffersFromShape, {"box-differs-from-shape", Severity::kWarning,
     "the box is not the extent of the polygon or mask: the tasks are trained on different objects"}},
    {Rule::kAreaDiffersFromShape, {"area-differs-from-shape", Severity::kWarning,
     "area is neither that of the rings nor the pixel count: it decides small/medium/large and"
     " scales key point AP"}},
    {Rule::kRingWithoutArea, {"ring-without-area", Severity::kWarning,
     "all its points lie on a line: its mask is empty"}},
    {Rule::kRingCrossesItself, {"ring-crosses-itself", Severity::kWarning,
     "rasterisers fill the loops differently, and loops count negative in the ring's area"}},
    {Rule::kRingOutsideImage, {"ring-outside-image", Severity::kWarning,
     "it has no pixel in the image; its mask is empty"}},
    {Rule::kRingLeavesImage, {"ring-leaves-image", Severity::kWarning,
     "masks are cut at the image's border, box and area are not"}},
    {Rule::kCrowdWithPolygons, {"crowd-with-polygons", Severity::kWarning,
     "COCO's crowds are masks; tools that decode them as RLE (Datumaro, older CVAT) fail"}},
    {Rule::kCrowdWithoutMask, {"crowd-without-mask", Severity::kWarning,
     "pycocotools' annToRLE raises IndexError on an empty segmentation; boxes alone work"}},
    {Rule::kMaskWithoutCrowd, {"mask-without-crowd", Severity::kWarning,
     "correct COCO, but Datumaro and supervision take RLE for crowds, and Detectron2 needs"
     " INPUT.MASK_FORMAT = \"bitmask\""}},
    {Rule::kShapeMissing, {"shape-missing", Severity::kWarning,
     "a box without polygon or mask among instances that have one: mask AP and mask training stop"
     " at it"}},
    {Rule::kKeypointsMissing, {"keypoints-missing", Severity::kWarning,
     "an instance without key points of a category that has them: COCOeval raises KeyError unless"
     " they are written as zeros"}},
    {Rule::kKeypointOutsideImage, {"keypoint-outside-image", Severity::kWarning,
     "a labelled key point that no heat map can show"}},
    {Rule::kAbsentKeypointWithPosition, {"absent-keypoint-with-position", Severity::kWarning,
     "v = 0 means not labelled, yet it has a position: tools that look at x and y only train on it"}},
    {Rule::kImageAmbiguous, {"image-ambiguous", Severity::kWarning,
     "several files fit the name; which one a tool opens depends on its root folder"}},
};

constexpr Entry kInfos[] = {
    {Rule::kCategoryUnused, {"category-unused", Severity::kInfo,
     "a class without instances: a model cannot learn it, COCOeval reports -1"}},
    {Rule::kImageWithoutAnnotations, {"image-without-annotations", Severity::kInfo,
     "Detectron2 leaves these out by default, torchvision needs boxes of shape [0, 4] for them"}},
    {Rule::kRingNotChecked, {"ring-not-checked", Severity::kInfo,
     "the ring is too tangled to look for edges that cross in reasonable time"}},
};
// clang-format on

const std::array<RuleText, kRuleCount>& table() {
  static const std::array<RuleText, kRuleCount> texts = [] {
    std::array<RuleText, kRuleCount> result = {};
    const auto fill = [&](std::span<const Entry> entries) {
      for (const Entry& entry : entries) result[static_cast<std::size_t>(entry.rule)] = entry.text;
    };
    fill(kErrors);
    fill(kWarnings);
    fill(kInfos);
    return result;
  }();
  return texts;
}

// Every rule has its text: the tables are as long as the enumeration.
static_assert(std::size(kErrors) + std::size(kWarnings) + std::size(kInfos) == kRuleCount);

}  // namespace

const char* name(Severity severity) {
  constexpr const char* kNames[] = {"error", "warning", "info"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::span<const RuleText> rules() { return table(); }

void FindingCollector::merge(FindingCollector&& later) {
  for (std::size_t i = 0; i < kRuleCount; ++i) {
    entries_[i].count += later.entries_[i].count;
    for (std::string& example : later.entries_[i].examples) {
      if (entries_[i].examples.size() < example_count_) {
        entries_[i].examples.push_back(std::move(example));
      }
    }
  }
}

std::vector<Finding> FindingCollector::take() {
  std::vector<Finding> result;
  for (std::size_t i = 0; i < kRuleCount; ++i) {
    if (entries_[i].count == 0) continue;
    const RuleText& text = table()[i];
    result.push_back({.rule = text.name,
                      .severity = text.severity,
                      .reason = text.reason,
                      .count = entries_[i].count,
                      .examples = std::move(entries_[i].examples)});
  }
  std::ranges::stable_sort(result, {}, &Finding::severity);
  return result;
}

std::vector<Finding> findings(const Report& report) {
  constexpr RuleText kReaderRules[] = {
      {"skipped-bad-record",
       Severity::kError,
       "records that cannot be meant: most tools stop at them; left out here, and all that belongs"
       " to them"},
      {"bbox-computed",
       Severity::kError,
       "Detectron2 and torchvision's reference code raise KeyError without a bbox"},
      {"area-computed", Severity::kError, "COCOeval raises KeyError without an area"},
      {"iscrowd-missing", Severity::kError, "COCOeval raises KeyError without iscrowd"},
      {"num-keypoints-missing",
       Severity::kError,
       "COCOeval raises KeyError on key points without num_keypoints"},
      {"num-keypoints-wrong",
       Severity::kWarning,
       "COCOeval leaves instances out by num_keypoints, not by their key points"},
  };
  std::vector<Finding> result;
  for (const Report::Kind& kind : report.kinds()) {
    const auto known = std::ranges::find(
        kReaderRules, std::string_view(kind.name), [](const RuleText& text) { return text.name; });
    const bool is_known = known != std::end(kReaderRules);
    result.push_back({.rule = kind.name,
                      .severity = is_known ? known->severity : Severity::kWarning,
                      .reason = is_known ? known->reason : "the reader remarked this",
                      .count = kind.count,
                      .examples = kind.examples});
  }
  std::ranges::stable_sort(result, {}, &Finding::severity);
  return result;
}

std::string place_of(const Instance& instance, const Image& image) {
  if (image.file_name.empty()) {
    return fmt::format("annotation {} in image {}", instance.id, instance.image_id);
  }
  return fmt::format("annotation {} in {}", instance.id, labelloom::quoted(image.file_name));
}

}  // namespace labelloom
