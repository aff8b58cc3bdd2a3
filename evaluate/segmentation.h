#pragma once

// Label maps against label maps: one confusion matrix over all pixels of all images.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "formats/png_values.h"

namespace labelloom::evaluate {

/// How often pixels of each class were taken for which class.
class ConfusionMatrix {
 public:
  static constexpr std::size_t kClasses = 256;
  /// Pixels that have this truth are left out.
  static constexpr std::uint8_t kIgnore = 255;

  explicit ConfusionMatrix(std::optional<std::uint8_t> ignore = kIgnore)
      : ignore_(ignore), counts_(kClasses * kClasses) {}

  /// @throws Error(kArgument) unless both have the same number of values, [height * width].
  void add(std::span<const std::uint8_t> truth, std::span<const std::uint8_t> predicted);
  void add(const ConfusionMatrix& other);

  [[nodiscard]] std::uint64_t count(std::size_t truth, std::size_t predicted) const {
    return counts_[truth * kClasses + predicted];
  }

 private:
  std::optional<std::uint8_t> ignore_;
  std::vector<std::uint64_t> counts_;  // [truth, predicted]
};

struct ClassIou {
  std::uint8_t label = 0;
  double iou = 0;               ///< TP / (TP + FP + FN)
  std::uint64_t truth = 0;      ///< pixels: TP + FN
  std::uint64_t predicted = 0;  ///< pixels: TP + FP
};

struct SegmentationScores {
  std::vector<ClassIou> classes;  ///< that occur in the truth or the prediction, by label
  /// Mean over the classes that occur in the truth; nothing when there are none.
  std::optional<double> mean_iou = {};
  /// Part of the pixels that are right; nothing without pixels.
  std::optional<double> pixel_accuracy = {};
  std::size_t images = 0;
};

struct SegmentationOptions {
  std::optional<std::uint8_t> ignore = ConfusionMatrix::kIgnore;  ///< truth that is left out
  /// Classes that do not count in the mean, e.g. the background; their pixels count as before.
  std::vector<std::uint8_t> excluded = {};
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

[[nodiscard]] SegmentationScores segmentation_scores(const ConfusionMatrix& matrix,
                                                     const SegmentationOptions& options = {});

/// Compares every PNG below `truth` with the one of the same relative name below `predicted`, on
/// all cores. Further files of `predicted` play no part.
/// @throws Error naming the file: for a missing prediction, maps of different sizes, what
/// read_label_map refuses, a folder without PNGs.
[[nodiscard]] SegmentationScores evaluate_folders(const std::filesystem::path& truth,
                                                  const std::filesystem::path& predicted,
                                                  const SegmentationOptions& options = {});

}  // namespace labelloom::evaluate
