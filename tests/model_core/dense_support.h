#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "model/decode.h"
#include "model/targets.h"

namespace labelloom::test {

/// A dense output that owns its values and can be written cell by cell.
struct Dense {
  Dense(int channel_count, int rows, int columns, float fill = 0)
      : channels(channel_count),
        height(rows),
        width(columns),
        values(static_cast<std::size_t>(channel_count) * static_cast<std::size_t>(rows) *
                   static_cast<std::size_t>(columns),
               fill) {}

  float& at(int channel, int row, int column) {
    return values[(static_cast<std::size_t>(channel) * static_cast<std::size_t>(height) +
                   static_cast<std::size_t>(row)) *
                      static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(column)];
  }
  [[nodiscard]] model::DenseMap map() const { return {values, channels, height, width}; }

  int channels;
  int height;
  int width;
  std::vector<float> values;
};

/// Two classes, "bolt" with the key points head and foot, "nut" with one; 8x8 cells of 4 pixels on
/// which nothing is found.
struct Scene {
  Scene() {
    config.classes = {"bolt", "nut"};
    config.seg_classes = {"background", "bolt", "nut"};
    config.seg_of_class = {1, 2};
    config.keypoints = {{0, "head", 0}, {0, "foot", 1}, {1, "hole", 2}};
    config.input = {32, 32};
  }

  /// An object in this cell with these sides (cells).
  void put(int row, int column, int class_index, float logit, std::vector<float> ltrb) {
    center.at(0, row, column) = logit;
    classes.at(class_index, row, column) = 10;
    for (int side = 0; side < 4; ++side) {
      box.at(side, row, column) = ltrb[static_cast<std::size_t>(side)];
    }
  }

  [[nodiscard]] model::DenseOutputs outputs() const {
    return {.center = center.map(),
            .classes = classes.map(),
            .box = box.map(),
            .keypoints = keypoints.map(),
            .offsets = offsets.map(),
            .input = {32, 32}};
  }
  [[nodiscard]] std::vector<model::Detection> decode(
      const model::DecodeOptions& options = {}) const {
    return model::decode(outputs(), config, options);
  }

  model::ModelConfig config;
  Dense center{1, 8, 8, -8};
  Dense classes{2, 8, 8};
  Dense box{4, 8, 8, 1};
  Dense keypoints{3, 8, 8, -8};
  Dense offsets{6, 8, 8};
};

/// What a network would say that has learnt its targets by heart.
struct IdealOutputs {
  IdealOutputs(const model::Targets& targets, const model::ModelConfig& config)
      : input(targets.input),
        center(1, targets.cells.height, targets.cells.width),
        classes(int(config.classes.size()), targets.cells.height, targets.cells.width),
        box(4, targets.cells.height, targets.cells.width, 1),
        keypoints(int(config.keypoints.size()), targets.cells.height, targets.cells.width),
        offsets(2 * int(config.keypoints.size()), targets.cells.height, targets.cells.width) {
    std::ranges::transform(targets.center, center.values.begin(), logit);
    std::ranges::transform(targets.keypoints, keypoints.values.begin(), logit);
    const int width = targets.cells.width;
    for (const model::BoxCell& cell : targets.boxes) {
      const int row = cell.cell / width;
      const int column = cell.cell % width;
      classes.at(cell.class_index, row, column) = 12;
      box.at(0, row, column) = cell.left;
      box.at(1, row, column) = cell.top;
      box.at(2, row, column) = cell.right;
      box.at(3, row, column) = cell.bottom;
    }
    for (const model::OffsetCell& cell : targets.offsets) {
      offsets.at(2 * cell.slot, cell.cell / width, cell.cell % width) = cell.x;
      offsets.at(2 * cell.slot + 1, cell.cell / width, cell.cell % width) = cell.y;
    }
  }

  static float logit(float p) {
    const double clamped = std::clamp(static_cast<double>(p), 1e-4, 1 - 1e-4);
    return static_cast<float>(std::log(clamped / (1 - clamped)));
  }

  [[nodiscard]] model::DenseOutputs outputs() const {
    return {.center = center.map(),
            .classes = classes.map(),
            .box = box.map(),
            .keypoints = keypoints.map(),
            .offsets = offsets.map(),
            .input = input};
  }

  Size input;
  Dense center;
  Dense classes;
  Dense box;
  Dense keypoints;
  Dense offsets;
};

}  // namespace labelloom::test
