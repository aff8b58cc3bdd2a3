#pragma once

// The engine parts, each in its own coordinates: one unit is one pixel of a 1280 x 720 photograph,
// x along the part. Shapes are signed distances, so that the painter and the annotator agree on
// the outline to a fraction of a pixel.

#include <string_view>
#include <vector>

#include "samples/generator/plane.h"

namespace labelloom::samples {

enum class PartKind { kRockerArm, kBolt, kPushRod, kWasher };

/// A part out of the box: the variants of a kind differ in size and finish.
struct PartShape {
  PartKind kind = PartKind::kRockerArm;
  int variant = 0;
};

inline constexpr int kVariantsPerKind = 4;
/// Variants of push rods from here on are short and stout, for small pictures only: a long rod is
/// a pixel wide there.
inline constexpr int kFirstStoutRod = kVariantsPerKind;
inline constexpr int kStoutRods = 2;
inline constexpr int kPartShapes = 4 * kVariantsPerKind + kStoutRods;

/// All shapes in one row: the kinds' variants, then the stout rods.
[[nodiscard]] PartShape part_shape(int index);
[[nodiscard]] int part_index(PartShape shape);

struct NamedPoint {
  std::string_view name;
  Point point;
};

struct RockerSize {
  double boss = 0;  ///< radius of the pivot boss at the origin
  Point adjuster;   ///< centre of the adjuster's boss
  double adjuster_radius = 0;
  Point pad;             ///< centre of the valve pad
  double pad_angle = 0;  ///< radians
};
struct BoltSize {
  double length = 0;
  double head_length = 0;
  double head_radius = 0;  ///< half the width across corners
  double shank_radius = 0;
  double smooth = 0;  ///< length of the shank without thread
  bool flange = false;
};
struct PushRodSize {
  double length = 0;
  double radius = 0;
  double cup_radius = 0;
  double cup_length = 0;
  double ball_radius = 0;
};
struct WasherSize {
  double outer = 0;
  double inner = 0;
  double squash = 0;  ///< height by width as seen from above; below 1 for one that leans
};

[[nodiscard]] const RockerSize& rocker_size(int variant);
[[nodiscard]] const BoltSize& bolt_size(int variant);
[[nodiscard]] const PushRodSize& push_rod_size(int variant);
[[nodiscard]] const WasherSize& washer_size(int variant);

/// The category's name in the export.
[[nodiscard]] std::string_view category_name(PartKind kind);
/// Signed distance to the outline, negative inside. A lower bound where shapes are blended.
[[nodiscard]] double outline_distance(PartShape shape, Point point);
/// The outline as an annotator clicks it: 15 to 42 points within 0.8 units of the true one.
[[nodiscard]] const Polygon& clicked_outline(PartShape shape);
/// The same within 0.05 units, for masks.
[[nodiscard]] const Polygon& fine_outline(PartShape shape);
[[nodiscard]] std::vector<NamedPoint> keypoints(PartShape shape);
/// Half the extent along x and y; the part lies inside this box about its origin.
[[nodiscard]] Point half_extent(PartShape shape);

}  // namespace labelloom::samples
