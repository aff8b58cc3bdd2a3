#pragma once

// What is where in a scene, before there are any pixels.

#include <cstdint>
#include <string>
#include <vector>

#include "samples/generator/parts.h"
#include "samples/generator/plane.h"

namespace labelloom::samples {

/// What the parts lie on.
enum class GroundKind { kWood, kSteel, kRubber, kCuttingMat, kCardboard };

/// With which tool of Label Studio the annotator marked a part.
enum class Tool { kPolygon, kRotatedBox, kBox, kEllipse, kBrush };

struct PlacedPart {
  PartShape shape;
  Pose pose;
  int layer = 0;  ///< 0 on the ground, 1 on a part of layer 0, ...
  Tool tool = Tool::kPolygon;
};

/// What else there is to the scene's task in the Label Studio project.
struct TaskStory {
  bool second_annotator = false;  ///< an older, sloppy annotation by somebody else
  bool parents = false;           ///< key points were dragged under their part in the side panel
  bool relation = false;          ///< a key point was joined to its part by a relation
  bool cancelled = false;         ///< somebody else skipped the task
  bool local_file = false;        ///< imported from local storage, not uploaded
};

struct Scene {
  int index = 0;
  std::string file_name;
  Frame frame;
  GroundKind ground = GroundKind::kWood;
  double light_azimuth_rad = 0;
  double light_elevation_rad = 0;
  double warmth = 0;              ///< colour cast, -1 cold to 1 warm
  std::vector<PlacedPart> parts;  ///< from the ground up
  TaskStory story;
};

/// Scene `index` of a seed; the same whatever other scenes are made. The first twelve indexes have
/// a recipe each, later ones repeat the recipes with other parts in other places.
[[nodiscard]] Scene make_scene(std::uint64_t seed, int index, Frame frame);

/// Whether a part above `part_index` covers the point.
[[nodiscard]] bool is_covered(const Scene& scene, std::size_t part_index, Point point);

}  // namespace labelloom::samples
