#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/decode.h"

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

}  // namespace labelloom::test
