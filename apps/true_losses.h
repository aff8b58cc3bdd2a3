#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "apps/training_source.h"
#include "model/predictor.h"

namespace labelloom::apps {

struct TrueLossOptions {
  std::size_t batch = 8;
  unsigned workers = 2;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// What the trainer's losses are for every picture of `source`: of boxes, segmentation and key
/// points, unweighted; NaN where the picture has no labels of the task or the model no such head.
/// @throws Error(kInvalidData) for a model that gives detections and no dense outputs.
[[nodiscard]] std::vector<std::array<double, 3>> true_losses(model::Predictor& predictor,
                                                             TrainingSource& source,
                                                             const TrueLossOptions& options);

}  // namespace labelloom::apps
