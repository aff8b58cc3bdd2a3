#pragma once

// Configurations, samples and made-up outputs that the tests of the model share.

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "model/batch_targets.h"
#include "model/network.h"

namespace labelloom::model::test {

inline ModelConfig small_config(NetworkSize size = NetworkSize::kSmall) {
  ModelConfig config;
  config.size = size;
  config.classes = {"bolt", "nut"};
  config.seg_classes = {"background", "bolt", "nut"};
  config.seg_of_class = {1, 2};
  config.keypoints = {{.class_index = 0, .name = "head", .mirrored = 0},
                      {.class_index = 0, .name = "tip", .mirrored = 1}};
  config.input = {64, 64};
  return config;
}

/// 64x64 with one object of a class at a place, of 16 pixels, and its labels.
inline Sample sample_of(int class_index, double x, double y) {
  Sample sample;
  sample.image.size = {64, 64};
  TargetObject object{.class_index = class_index, .box = {x, y, 16, 16}, .keypoints = {}};
  object.keypoints.resize(2);
  if (class_index == 0) {
    object.keypoints[0] = {{x + 2, y + 2}, Visibility::kVisible};
    object.keypoints[1] = {{x + 14, y + 13}, Visibility::kVisible};
  }
  sample.objects = {object};
  sample.labels.assign(std::size_t{64} * 64, 0);
  for (int row = static_cast<int>(y); row < static_cast<int>(y) + 16; ++row) {
    for (int column = static_cast<int>(x); column < static_cast<int>(x) + 16; ++column) {
      const int index = row * 64 + column;
      sample.labels[static_cast<std::size_t>(index)] = static_cast<std::uint8_t>(class_index + 1);
    }
  }
  return sample;
}

inline BatchTargets targets_of(const std::vector<Sample>& samples, const ModelConfig& config) {
  std::vector<Targets> targets;
  targets.reserve(samples.size());
  for (const Sample& sample : samples) targets.push_back(make_targets(sample, config));
  return stack(targets, config);
}

/// Outputs of N pictures of 64x64 as if a network had given them; they take gradients.
inline Outputs made_up_outputs(std::int64_t count) {
  torch::manual_seed(3);
  const auto map = [count](std::int64_t channels) {
    return torch::randn({count, channels, 16, 16}, torch::requires_grad());
  };
  Outputs out;
  out.center = map(1);
  out.classes = map(2);
  out.box = torch::rand({count, 4, 16, 16}).add_(0.5).set_requires_grad(true);
  out.segmentation = map(3);
  out.keypoints = map(2);
  out.offsets = map(4);
  out.loss = torch::randn({count, 3}, torch::requires_grad());
  return out;
}

}  // namespace labelloom::model::test
