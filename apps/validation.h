#pragma once

// How good a model is on a validation set, in the coordinates of the original pictures.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/training_source.h"
#include "formats/dataset.h"
#include "model/dense_map.h"
#include "model/detection.h"
#include "model/network.h"
#include "model/predictor.h"
#include "model/sample.h"

namespace labelloom::apps {

/// A task's numbers are missing when the model has not its head or the set no truth for it.
struct ValidationScores {
  std::optional<double> box_ap;  ///< COCO's, mean over IoU .50 to .95
  std::optional<double> box_ap50;
  std::optional<double> mean_iou;  ///< of the classes of pixels that occur
  std::optional<double> oks_ap50;

  /// What decides which weights are best: the mean of box AP50, mIoU and OKS-AP50.
  [[nodiscard]] double mean() const;
  /// Those that there are, by name.
  [[nodiscard]] std::vector<std::pair<std::string, double>> named() const;
};

/// A picture of a validation set that people are to see, and what the model says about it.
struct ValidationExample {
  const model::Sample& truth;
  std::vector<model::Detection> found;  ///< likely ones
  model::DenseMap segmentation;         ///< empty without that head
};

struct ValidationOptions {
  std::size_t batch = 16;  ///< at most; a training that has memory for fewer says so
  unsigned workers = 2;
  /// Called for `examples` pictures, spread over the set, in their order; may be empty.
  std::function<void(const ValidationExample&)> show = {};
  std::size_t examples = 12;
  /// COCO's precision needs all detections and key points that may be right.
  model::DecodeOptions decode{.min_score = 0.01, .min_keypoint_score = 0};
};

/// Runs a network in evaluation mode over a set and holds what it says against the truth. `source`
/// gives the pictures of `truth` without augmentation.
[[nodiscard]] ValidationScores validate_model(model::Network& network,
                                              const Dataset& truth,
                                              TrainingSource& source,
                                              const ValidationOptions& options);

}  // namespace labelloom::apps
