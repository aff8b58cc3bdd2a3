#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "formats/coco_results.h"
#include "formats/dataset.h"
#include "model/detection.h"
#include "model/model_config.h"
#include "model/sample.h"

namespace labelloom::apps {

/// Ids of a data set's categories for the classes of a model, matched by name.
/// @throws Error(kInvalidData) naming a class that the data set does not have.
[[nodiscard]] std::vector<std::int64_t> category_ids(std::span<const Category> categories,
                                                     const model::ModelConfig& config);

/// What a network found in a picture, in the coordinates of the original and as COCO has it. Boxes
/// are cut at the picture's borders; those of which nothing is left are dropped. Key points that
/// are absent or beyond the borders have confidence 0, and the place where they would be.
/// @param category_of_class see `category_ids`
[[nodiscard]] std::vector<labelloom::Detection> in_original(
    std::span<const model::Detection> found,
    const model::Placement& placement,
    const model::ModelConfig& config,
    std::int64_t image_id,
    std::span<const std::int64_t> category_of_class);

/// The sigmas of a model's key points, by category, for `evaluate_coco`.
[[nodiscard]] std::map<std::string, std::vector<double>, std::less<>> sigmas_by_class(
    const model::ModelConfig& config);

}  // namespace labelloom::apps
