#pragma once

// Small scenes that a network can learn in minutes: one to six parts, large in a small picture.
// What is where; training_paint.h makes pixels of it, write_scenes.h the truth.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "samples/generator/parts.h"
#include "samples/generator/plane.h"
#include "samples/generator/surface.h"

namespace labelloom::samples {

enum class BenchKind { kWood, kSteel, kRubber, kCuttingMat, kCardboard, kPaper };

struct TrainingPart {
  PartShape shape;
  Pose pose;
  int layer = 0;  ///< 0 on the bench, 1 on a part of layer 0, ...
  Colour paint;   ///< what it is coated with: kinds differ in colour, individuals a little
  std::uint32_t seed = 0;
};

struct TrainingLight {
  double azimuth_rad = 0;
  double elevation_rad = 0;
  double brightness = 1;
  double warmth = 0;  ///< colour cast, -1 cold to 1 warm
};

/// The bench as the camera sees it. Depths are millimetres along the optical axis.
struct TrainingBench {
  BenchKind kind = BenchKind::kWood;
  std::uint32_t seed = 0;
  Pose pose;            ///< image from bench, which is measured in the parts' units
  double depth_mm = 0;  ///< in the middle of the picture
  double tilt_x = 0;    ///< millimetres from one border of the picture to the other
  double tilt_y = 0;
};

struct TrainingScene {
  int index = 0;
  std::optional<int> duplicate_of;  ///< the scene that this one nearly repeats
  Frame frame;
  TrainingBench bench;
  TrainingLight light;
  std::vector<TrainingPart> parts;  ///< from the bench up
};

struct TrainingOptions {
  std::uint64_t seed = 1;
  Frame frame{128, 128};
  double rare_share = 0.25;    ///< of the parts, how many are washers
  double near_duplicates = 0;  ///< share of scenes that nearly repeat an earlier one
};

/// A near duplicate repeats a scene of its own hundred: sets that begin at different hundreds
/// (training and test scenes) share none.
inline constexpr int kDuplicateBlock = 100;

/// Scene `index` of these options; the same whatever other scenes are made.
[[nodiscard]] TrainingScene make_training_scene(const TrainingOptions& options, int index);

/// Whether the part covers a point of the image; the hole of a washer shows what is below.
[[nodiscard]] bool covers(const TrainingPart& part, Point image);
/// How high the part's top lies above what it lies on.
[[nodiscard]] double height_mm(PartKind kind);
/// Depth of the bench at a point of the image.
[[nodiscard]] double bench_depth_mm(const TrainingScene& scene, Point image);
/// Depth of the part's top at a point of the image.
[[nodiscard]] double part_depth_mm(const TrainingScene& scene,
                                   const TrainingPart& part,
                                   Point image);

/// For every pixel, row by row, the index of the part at its centre, -1 for the bench.
class OwnerMap {
 public:
  explicit OwnerMap(Frame frame);
  /// Lays a part on top. Returns how many pixels it covers, the frame not counted as a limit.
  int lay(const TrainingPart& part, int owner);
  [[nodiscard]] std::span<const int> owners() const { return owners_; }
  [[nodiscard]] int owner(int row, int column) const {
    return owners_[static_cast<std::size_t>(row) * static_cast<std::size_t>(frame_.width) +
                   static_cast<std::size_t>(column)];
  }
  [[nodiscard]] Frame frame() const { return frame_; }

 private:
  Frame frame_;
  std::vector<int> owners_;
};

[[nodiscard]] OwnerMap owner_map(const TrainingScene& scene);

}  // namespace labelloom::samples
