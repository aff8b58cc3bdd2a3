#pragma once

// How well BoxMasks fit true masks inside the boxes: BoxMask's Table 2.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "formats/dataset.h"
#include "select/score_row.h"

namespace labelloom::apps {

/// Of the boxes that have found an object with a shape.
struct MaskScores {
  std::size_t boxes = 0;      ///< that have found one
  std::size_t empty = 0;      ///< of these: the BoxMask is empty
  double accuracy = 0;        ///< mean over boxes: pixels of the box that are on the right side
  double iou = 0;             ///< mean over boxes, inside the box
  double label_accuracy = 0;  ///< the same of the picture's own segmentation instead
  double label_iou = 0;
};

/// Adds up over the rows of a pool.
class MaskAccuracy {
 public:
  /// Both must outlive this.
  MaskAccuracy(const Dataset& truth, const select::ScoreHeader& header);

  /// A box finds the object of its class, not found by a better box, with the greatest IoU of at
  /// least 0.5. Compared are the pixels whose centres lie in box and picture. The row needs its
  /// shapes; boxes of a class that the truth lacks, and pictures whose logits are not numbers,
  /// count for nothing. @throws Error(kInvalidData) for an image that the truth does not have.
  void add(const select::ScoreRow& row);

  /// Classes of boxes that the truth does not have.
  [[nodiscard]] const std::vector<std::string>& missing_classes() const { return missing_; }

  [[nodiscard]] MaskScores scores() const;

 private:
  void compare(const select::PredictedBox& box,
               const select::PredictedSegmentation& segmentation,
               const Instance& object,
               Size size);

  const Dataset& truth_;
  const select::ScoreHeader& header_;
  std::unordered_map<std::string, std::size_t> image_of_;
  InstancesByImage by_image_;
  std::vector<std::optional<std::int64_t>> category_of_;  // of the header's classes
  std::vector<std::string> missing_;
  MaskScores sums_;
};

/// A row a threshold.
[[nodiscard]] std::string mask_markdown(const std::vector<std::pair<double, MaskScores>>& rows);
[[nodiscard]] std::string mask_csv(const std::vector<std::pair<double, MaskScores>>& rows);

}  // namespace labelloom::apps
