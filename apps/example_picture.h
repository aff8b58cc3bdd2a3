#pragma once

// What a network says about a picture beside what is true, for people.

#include <span>
#include <string>

#include "model/dense_map.h"
#include "model/detection.h"
#include "model/model_config.h"
#include "model/sample.h"

namespace labelloom::apps {

/// A JPEG file: the picture with its labels on the left, with the prediction on the right. Pixels
/// have the colours of their classes, objects their boxes and key points. What the letterbox filled
/// is cut off; the two halves together are about kExampleWidth pixels wide.
/// @param found objects to draw, in input coordinates
/// @param segmentation logits [C,h,w], or empty without that head
/// @throws Error(kInvalidData) if the segmentation does not fit `config`
[[nodiscard]] std::string example_jpeg(const model::Sample& truth,
                                       std::span<const model::Detection> found,
                                       const model::DenseMap& segmentation,
                                       const model::ModelConfig& config);

inline constexpr int kExampleWidth = 720;

}  // namespace labelloom::apps
