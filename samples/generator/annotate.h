#pragma once

// What the annotators of the invented Label Studio project draw on a scene, and the truth behind
// it. Region geometry is kept in pixels; only the writers know about per cent.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samples/generator/brush_rle.h"
#include "samples/generator/plane.h"
#include "samples/generator/scene.h"

namespace labelloom::samples {

enum class Seen { kVisible, kHidden, kOutside };

struct TrueKeypoint {
  std::string_view name;
  Point point;
  Seen seen = Seen::kVisible;
};

/// An ellipse or a turned rectangle as Label Studio's tools hold it.
struct TurnedShape {
  Point anchor;             ///< the ellipse's centre, the rectangle's corner about which it turns
  double width = 0;         ///< of the ellipse: the first radius
  double height = 0;        ///< of the ellipse: the second radius
  double rotation_deg = 0;  ///< clockwise on the screen, [0, 360)
};

/// One part as it should come out of a conversion. Parts are outlined as a whole, also where
/// another part covers them, but only as far as the frame goes.
struct TrueInstance {
  std::string_view category;
  Tool tool = Tool::kPolygon;
  Polygon full;                      ///< not cut by the frame
  Polygon clipped;                   ///< what was drawn; empty for box, ellipse and brush
  std::optional<TurnedShape> shape;  ///< rectangles and ellipses
  std::optional<BrushMask> mask;
  Bounds box;
  double area = 0;
  std::vector<TrueKeypoint> keypoints;
};

/// One entry of a Label Studio `result` list.
struct Region {
  enum class Type { kPolygon, kRectangle, kEllipse, kBrush, kKeypoint };
  Type type = Type::kPolygon;
  std::string id;
  std::string_view control;  ///< `from_name`
  std::string_view label;
  Polygon points;  ///< polygon, or the one key point
  TurnedShape shape;
  std::vector<std::uint8_t> rle;
  std::string parent_id;  ///< may be empty
  int owner = -1;         ///< index of the true instance
};

struct Annotation {
  int id = 0;
  int annotator = 0;
  std::string created_at;
  std::string updated_at;
  double lead_time_s = 0;
  bool cancelled = false;
  std::vector<Region> regions;
  std::optional<std::pair<std::string, std::string>> relation;  ///< region ids: from, to
};

struct Task {
  int id = 0;
  std::string file_name;
  std::string image_url;    ///< as Label Studio stores it
  std::string file_upload;  ///< empty for images from local storage
  Frame frame;
  std::vector<Annotation> annotations;  ///< newest first
  std::vector<TrueInstance> truth;      ///< of the newest annotation
};

/// Tells the story of one scene. The same seed gives the same task.
[[nodiscard]] Task annotate(const Scene& scene, std::uint64_t seed);

}  // namespace labelloom::samples
