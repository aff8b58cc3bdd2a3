#pragma once

#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

#include "samples/generator/training_scene.h"

namespace labelloom::samples {

/// The surface of one part, drawn once and looked up for every picture.
struct Relief {
  struct Texel {
    float tone = 0;  ///< brightness of its own finish, about 1
    float normal_x = 0;
    float normal_y = 0;
    float gloss = 0;
  };
  int columns = 0;
  int rows = 0;
  double step = 1;  ///< part units
  Point origin;     ///< part coordinates of the first texel's corner
  std::vector<Texel> texels;

  [[nodiscard]] const Texel& at(Point part) const;
};

/// Draws training scenes of one size. Safe to be used by several threads.
class TrainingPainter {
 public:
  explicit TrainingPainter(Frame frame);
  /// 8-bit BGR of the scene's size. The same scene and seed give the same pixels.
  [[nodiscard]] cv::Mat paint(const TrainingScene& scene, std::uint64_t seed) const;

 private:
  void lay_part(cv::Mat3f& image, const TrainingScene& scene, const TrainingPart& part) const;

  std::vector<Relief> reliefs_;  // by part_index
};

/// What a depth camera gives: 16-bit millimetres with a noise of 1 mm, and 0 for the 2 % of pixels
/// where it could not measure.
[[nodiscard]] cv::Mat1w paint_depth(const TrainingScene& scene,
                                    const OwnerMap& owners,
                                    std::uint64_t seed);

}  // namespace labelloom::samples
