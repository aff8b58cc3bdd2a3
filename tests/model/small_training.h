#pragma once

// A tiny world to train on: coloured squares of two classes on grey, with a key point in the
// middle.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "model/model_config.h"
#include "model/sample.h"

namespace labelloom::model::test_support {

inline ModelConfig squares_config(int side = 64) {
  ModelConfig config;
  config.classes = {"red", "blue"};
  config.seg_classes = {"background", "red", "blue"};
  config.seg_of_class = {1, 2};
  config.keypoints = {{.class_index = 0, .name = "middle", .mirrored = 0},
                      {.class_index = 1, .name = "middle", .mirrored = 1}};
  config.input = {side, side};
  return config;
}

/// Sample `index` as `epoch` sees it: one square, elsewhere every epoch if `moving`.
class Squares final : public SampleSource {
 public:
  explicit Squares(std::size_t count, int side = 64, bool moving = true)
      : count_(count), side_(side), moving_(moving) {}

  [[nodiscard]] std::size_t count() const override { return count_; }
  [[nodiscard]] Sample load(std::size_t index, std::uint64_t epoch) override {
    ++loaded;
    const std::size_t key = index * 7919 + (moving_ ? epoch * 104729 : 0);
    const int size = 16 + static_cast<int>(key % 3) * 6;
    const int room = side_ - size;
    const int left = static_cast<int>(key * 31 % static_cast<std::size_t>(room));
    const int top = static_cast<int>(key * 17 % static_cast<std::size_t>(room));
    const int class_index = static_cast<int>(index % 2);
    Sample sample;
    sample.image.name = "square" + std::to_string(index) + ".png";
    sample.image.size = {side_, side_};
    const auto side = static_cast<std::size_t>(side_);
    sample.image.rgb.assign(side * side * 3, 120);
    sample.labels.assign(side * side, 0);
    for (int y = top; y < top + size; ++y) {
      for (int x = left; x < left + size; ++x) {
        const std::size_t at = static_cast<std::size_t>(y) * side + static_cast<std::size_t>(x);
        sample.image.rgb[3 * at + (class_index == 0 ? 0 : 2)] = 250;
        sample.labels[at] = static_cast<std::uint8_t>(class_index + 1);
      }
    }
    TargetObject object;
    object.class_index = class_index;
    object.box = {static_cast<double>(left),
                  static_cast<double>(top),
                  static_cast<double>(size),
                  static_cast<double>(size)};
    object.keypoints.resize(2);
    object.keypoints[static_cast<std::size_t>(class_index)] = {
        {left + size / 2.0, top + size / 2.0}, Visibility::kVisible};
    sample.objects.push_back(object);
    if (spoil) spoil(sample, index);
    return sample;
  }

  std::function<void(Sample&, std::size_t index)> spoil;  ///< set before training
  std::atomic<std::size_t> loaded = 0;

 private:
  std::size_t count_;
  int side_;
  bool moving_;
};

}  // namespace labelloom::model::test_support
