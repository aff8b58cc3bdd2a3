#pragma once

// What is true of a training scene, and how a COCO file says it.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "samples/generator/training_scene.h"

namespace labelloom::samples {

struct SceneKeypoint {
  Point point;                     ///< zeros if it is outside the picture
  int visibility = 0;              ///< 0 outside the picture, 1 covered by another part, 2 in sight
  std::optional<double> depth_mm;  ///< of its part's top there; nothing outside the picture
};

/// One part as far as it can be seen.
struct SceneInstance {
  PartKind kind = PartKind::kRockerArm;
  std::vector<unsigned> counts;  ///< COCO's run lengths of the pixels in sight
  int pixels = 0;
  Bounds box;             ///< around the pixels in sight
  double seen_share = 0;  ///< of the part's pixels, covered ones and those outside the picture too
  std::vector<SceneKeypoint> keypoints;
  double orientation_rad = 0;  ///< of the part's own x axis, clockwise on the screen
  /// Of the long principal axis of the whole outline, pointing to the head (the first key point).
  std::optional<double> axis_rad;     ///< nothing for washers
  std::optional<bool> outer_is_left;  ///< of rocker arms: where the pivot lies, seen along the axis
  int layer = 0;
  double depth_mm = 0;  ///< mean over the pixels in sight
};

struct SceneTruth {
  std::string file_name;
  int index = 0;
  std::optional<std::string> duplicate_of;  ///< a file name
  Frame frame;
  std::vector<SceneInstance> instances;
};

/// Name without ending: "scene_000017".
[[nodiscard]] std::string scene_stem(int index);
/// `ending` with its dot.
[[nodiscard]] SceneTruth scene_truth(const TrainingScene& scene,
                                     const OwnerMap& owners,
                                     const std::string& ending);
/// One combined COCO file: boxes, masks (compressed RLE) and key points.
/// @throws std::runtime_error if it cannot be written.
void write_scenes_coco(const std::filesystem::path& path, const std::vector<SceneTruth>& scenes);

}  // namespace labelloom::samples
