#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "formats/dataset.h"
#include "formats/geometry.h"

namespace labelloom::model {

/// How a picture was brought to the network's input: scaled, then shifted, the rest filled.
/// input = scale * original + offset, continuous coordinates.
struct Placement {
  Size original;
  double scale = 1;
  Point2d offset;

  [[nodiscard]] Point2d to_original(Point2d input) const {
    return {(input.x - offset.x) / scale, (input.y - offset.y) / scale};
  }
};

/// A picture as the network takes it.
struct InputImage {
  std::string name;
  Size size;                      ///< of the input; multiples of ModelConfig::kStride
  std::vector<std::uint8_t> rgb;  ///< [height, width, 3]; what is filled has the mean colour
  Placement placement;
};

/// An object in input coordinates.
struct TargetObject {
  int class_index = 0;
  Box box;
  /// One a slot of ModelConfig::keypoints; slots of other classes are absent. Empty: none labelled.
  std::vector<Keypoint> keypoints;
  /// A crowd or what is not to be learnt: no loss inside its box.
  bool ignored = false;
};

/// Pixels of Sample::labels that nothing is known about.
inline constexpr std::uint8_t kIgnoredLabel = 255;

/// A picture and what is known about it. What is not labelled at all is left out of the loss.
struct Sample {
  InputImage image;
  std::vector<TargetObject> objects;
  std::vector<std::uint8_t> labels;  ///< [height, width] class index or kIgnoredLabel; may be empty
  bool has_boxes = true;
  bool has_segmentation = true;
  bool has_keypoints = true;
};

/// Where training and validation get their samples; worker threads call it at the same time.
class SampleSource {
 public:
  SampleSource() = default;
  SampleSource(const SampleSource&) = delete;
  SampleSource& operator=(const SampleSource&) = delete;
  virtual ~SampleSource() = default;

  [[nodiscard]] virtual std::size_t count() const = 0;
  /// The sample as that epoch sees it: the same arguments give the same sample, on any thread.
  /// @throws Error naming the file.
  [[nodiscard]] virtual Sample load(std::size_t index, std::uint64_t epoch) = 0;
};

/// Where prediction gets its pictures; worker threads call it at the same time.
class ImageSource {
 public:
  ImageSource() = default;
  ImageSource(const ImageSource&) = delete;
  ImageSource& operator=(const ImageSource&) = delete;
  virtual ~ImageSource() = default;

  [[nodiscard]] virtual std::size_t count() const = 0;
  /// @throws Error naming the file.
  [[nodiscard]] virtual InputImage load(std::size_t index) = 0;
};

}  // namespace labelloom::model
