#pragma once

// From what a network sees at once - mask and key points, and a depth image beside the picture - to
// how an object lies: which way its axis points, to which side it opens, how far away it is.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "formats/dataset.h"
#include "formats/report.h"

namespace labelloom {

enum class AxisSide : std::uint8_t { kLeft, kRight };

/// Which key points say how an object lies. A name holds for every category that has it; the others
/// keep what the order of their key points says.
struct MeasureRule {
  /// The axis points to `head` and away from `tail`. Not given: the category's first and last key
  /// point.
  std::optional<std::string> head = {};
  std::optional<std::string> tail = {};
  /// The object's outer side is the one where this key point lies. Not given: the category's second
  /// key point if it has three or more.
  std::optional<std::string> outer = {};
  /// Where the outer side has to be, seen along the axis.
  std::optional<AxisSide> expected = {};
};

struct DepthOptions {
  std::filesystem::path folder;  ///< of 16-bit PNGs: a/b.jpg has its depth in a/b.png
  double scale = 0.001;          ///< metres a count; counts of 0 are no measurement
};

struct MeasureOptions {
  MeasureRule rule = {};
  std::vector<std::string> categories = {};  ///< measure these only; all when empty
  std::optional<DepthOptions> depth = {};
  /// A depth image that is missing, damaged or of another size is a remark, not an error.
  bool skip_bad = false;
  std::function<void(std::size_t done, std::size_t total)> progress = {};  ///< images
};

/// Depth of what one object covers, in metres.
struct ObjectDepth {
  std::uint64_t pixels = 0;  ///< the object's own
  std::uint64_t valid = 0;   ///< those of them with a measurement
  // Of the valid ones; nothing if there is none.
  std::optional<double> mean = {};
  std::optional<double> median = {};     ///< of an even number: between the middle two
  std::optional<double> deviation = {};  ///< of the population: divided by `valid`
  /// At the pixel of each key point of the category, in its order; nothing for one that is not in
  /// sight (what covers it would be measured), outside the image, or where nothing was measured.
  std::vector<std::optional<double>> keypoints = {};
};

struct ObjectMeasure {
  enum class Shape : std::uint8_t { kBox, kPolygon, kMask };
  enum class Placement : std::uint8_t {
    kNotAsked,  ///< nothing is expected, or the category has no outer key point
    kCorrect,
    kWrong,
    kUnknown  ///< key points or axis are missing
  };

  std::size_t instance = 0;  ///< index in Dataset::instances
  std::size_t category = 0;  ///< index in Dataset::categories
  Shape shape = Shape::kBox;
  double area = 0;  ///< square pixels
  Point2d centroid;
  /// Axes of the ellipse with the same second moments, pixels. Nothing for boxes.
  std::optional<double> length = {};
  std::optional<double> width = {};
  std::optional<double> elongation = {};
  /// Of the long axis: radians, clockwise on the screen from the x axis. If directed, it points to
  /// the head and is in (-pi, pi], else in (-pi/2, pi/2]. Nothing for boxes and for round shapes,
  /// whose axis is chance: elongation below kLeastElongation.
  std::optional<double> axis_rad = {};
  bool directed = false;
  /// How far the outer key point lies to the right of the axis, pixels; negative to the left. From
  /// the parallel to the axis midway between head and tail if both are labelled, else from the axis
  /// itself, through the centroid.
  std::optional<double> outer_offset = {};
  std::optional<AxisSide> outer_side = {};
  Placement placement = Placement::kNotAsked;
  std::optional<ObjectDepth> depth = {};
};

inline constexpr double kLeastElongation = 1.02;

/// Measures every object that is no crowd, in the order of Dataset::instances. Remarks:
/// "no-area" (nothing is measured), "depth-missing", "depth-unreadable", "depth-size".
/// @throws Error(kArgument) for a category or key point name that the data set does not have, or a
/// scale that is not positive; Error naming the depth image and what is wrong with it.
[[nodiscard]] std::vector<ObjectMeasure> measure(const Dataset& dataset,
                                                 const MeasureOptions& options,
                                                 Report& report);

}  // namespace labelloom
