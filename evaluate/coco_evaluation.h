#pragma once

// COCO's average precision and recall, as pycocotools 2.0 computes them, to the last digits: the
// same order of ties, crowds, area ranges and cuts. Two differences: an annotation with id 0 can be
// matched (pycocotools takes 0 for "unmatched"), and key points are counted rather than
// `num_keypoints` believed.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/coco_results.h"
#include "formats/dataset.h"
#include "formats/error.h"

namespace labelloom::evaluate {

/// What is compared: boxes and masks by intersection over union, key points by their similarity
/// (OKS).
enum class Task : std::uint8_t { kBoxes, kMasks, kKeypoints };

/// COCO's names: "bbox", "segm", "keypoints".
[[nodiscard]] std::string_view name(Task task);

/// Objects of `least` to `most` square pixels, both included.
struct AreaRange {
  std::string name;
  double least = 0;
  double most = 0;
};

/// 0.5, 0.55, ..., 0.95, to the last bit as numpy.linspace has them.
[[nodiscard]] std::vector<double> coco_thresholds();
/// 0, 0.01, ..., 1, likewise.
[[nodiscard]] std::vector<double> coco_recalls();
/// all, small, medium, large; no small ones for key points.
[[nodiscard]] std::vector<AreaRange> coco_areas(Task task);
/// 1, 10, 100; 20 for key points.
[[nodiscard]] std::vector<int> coco_max_detections(Task task);
/// The spread of each key point: COCO's 17, or `kDefaultSigma` for each where there are not 17.
[[nodiscard]] std::vector<double> coco_sigmas(std::size_t keypoints);
inline constexpr double kDefaultSigma = 0.05;

struct CocoOptions {
  Task task = Task::kBoxes;
  std::vector<double> thresholds = coco_thresholds();  ///< of the overlap; ascending, at most 32
  std::vector<double> recalls = coco_recalls();        ///< ascending
  std::vector<AreaRange> areas = {};                   ///< empty: COCO's for the task
  std::vector<int> max_detections = {};                ///< empty: COCO's; ascending
  /// Category name to sigmas, one a key point, for those that are not to have coco_sigmas.
  std::map<std::string, std::vector<double>, std::less<>> sigmas = {};
  /// Count a detection that is matched to the annotation with id 0 as wrong, as pycocotools does.
  bool zero_id_never_matches = false;
  /// The place of a detection in its file, for messages; its index when not given.
  std::function<Where(std::size_t detection)> place = {};
};

/// What is averaged over; every part that is not given stands for its whole range, or for what
/// COCO's summary takes.
struct Choice {
  std::optional<double> threshold = {};        ///< one of the thresholds
  std::size_t area = 0;                        ///< index in areas
  std::optional<std::size_t> detections = {};  ///< index in max_detections; the last
  std::optional<std::size_t> category = {};    ///< index in categories; all that have truth
};

/// Precision and recall of every setting; -1 where there is no truth, as in pycocotools.
struct CocoScores {
  struct CategoryName {
    std::int64_t id = 0;
    std::string name;
  };
  Task task = Task::kBoxes;
  std::vector<double> thresholds;
  std::vector<double> recalls;
  std::vector<AreaRange> areas;
  std::vector<int> max_detections;
  std::vector<CategoryName> categories;  ///< by ascending id
  /// [thresholds, recalls, categories, areas, max_detections], pycocotools' `eval["precision"]`.
  std::vector<double> precision;
  /// [thresholds, categories, areas, max_detections], the largest recall reached.
  std::vector<double> recall;
  std::size_t images = 0;
  /// Detections of categories that the truth does not have; they play no part.
  std::size_t unknown_category = 0;

  /// Mean over what the choice leaves open; -1 where there is nothing to average.
  [[nodiscard]] double average_precision(const Choice& choice = {}) const;
  [[nodiscard]] double average_recall(const Choice& choice = {}) const;
  /// Average precision at an overlap of 0.5, if that is one of the thresholds.
  [[nodiscard]] double ap50() const { return average_precision({.threshold = 0.5}); }
};

/// Holds detections against the truth. Detections of one image and category count in the order of
/// their scores, equal ones in the order given. Uses all cores; the result does not depend on them.
/// Truth that is a crowd, or has no labelled key points where those are compared, is ignored.
/// @throws Error(kInvalidData) for a detection of an image that the truth does not have, one that
/// lacks what is compared, a mask of another size than the truth's, truth without a region where
/// masks are compared; Error(kArgument) for options that make no sense.
[[nodiscard]] CocoScores evaluate_coco(const Dataset& truth,
                                       std::span<const Detection> detections,
                                       const CocoOptions& options = {});

}  // namespace labelloom::evaluate
