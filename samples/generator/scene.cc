#include "samples/generator/scene.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numbers>
#include <optional>

#include <fmt/format.h>

#include "samples/generator/random.h"

namespace labelloom::samples {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr int kMostTries = 600;

/// How many parts of which kind, and how they lie and are marked.
struct Recipe {
  const char* name = "";  // {} is the scene's number
  GroundKind ground = GroundKind::kWood;
  std::array<int, 4> counts{};  // by PartKind
  bool stacked = false;
  int cut = 0;  // parts that the frame cuts
  double zoom = 1;
  Tool bolt_tool = Tool::kPolygon;
  int brushed = 0;
  TaskStory story = {};
};

const std::array<Recipe, 12>& recipes() {
  static const std::array<Recipe, 12> all{{
      {.name = "bench-{:02}-rocker_arms.jpg",
       .ground = GroundKind::kWood,
       .counts = {3, 0, 0, 0},
       .zoom = 1.75},
      {.name = "bench {:02} bolts and washers.jpg",
       .ground = GroundKind::kRubber,
       .counts = {0, 5, 0, 4},
       .zoom = 1.6,
       .story = {.local_file = true}},
      {.name = "bench-{:02}-rocker_arms-pile.jpg",
       .ground = GroundKind::kCuttingMat,
       .counts = {6, 1, 0, 0},
       .stacked = true,
       .zoom = 1.45,
       .story = {.parents = true}},
      {.name = "tray-{:02}-push_rods.jpg",
       .ground = GroundKind::kSteel,
       .counts = {0, 2, 4, 0},
       .stacked = true,
       .zoom = 1.5},
      {.name = "close_up-{:02}-cut_off.jpg",
       .ground = GroundKind::kCardboard,
       .counts = {3, 3, 1, 0},
       .cut = 4,
       .zoom = 1.9},
      {.name = "bench-{:02}-empty.jpg", .ground = GroundKind::kWood, .counts = {0, 0, 0, 0}},
      {.name = "fixture-{:02}-bolts.jpg",
       .ground = GroundKind::kSteel,
       .counts = {1, 6, 0, 2},
       .zoom = 1.45,
       .bolt_tool = Tool::kRotatedBox},
      {.name = "bench-{:02}-rocker_arms-two-people.jpg",
       .ground = GroundKind::kRubber,
       .counts = {4, 2, 0, 0},
       .stacked = true,
       .zoom = 1.55,
       .story = {.second_annotator = true, .relation = true}},
      {.name = "mat-{:02}-brushed.jpg",
       .ground = GroundKind::kCuttingMat,
       .counts = {3, 0, 1, 1},
       .zoom = 1.5,
       .brushed = 2},
      {.name = "box-{:02}-quick_boxes.jpg",
       .ground = GroundKind::kCardboard,
       .counts = {2, 5, 0, 0},
       .zoom = 1.5,
       .bolt_tool = Tool::kBox,
       .story = {.cancelled = true}},
      {.name = "bench-{:02}-crowded.jpg",
       .ground = GroundKind::kWood,
       .counts = {5, 4, 2, 2},
       .stacked = true,
       .cut = 2,
       .zoom = 1.3,
       .story = {.parents = true}},
      {.name = "tray-{:02}-mixed.jpg",
       .ground = GroundKind::kSteel,
       .counts = {3, 3, 2, 2},
       .stacked = true,
       .cut = 1,
       .zoom = 1.35,
       .story = {.second_annotator = true}},
  }};
  return all;
}

/// The axis of a capsule around the part, in the image, and the capsule's radius.
struct Spine {
  Point a;
  Point b;
  double radius = 0;
};

Spine spine_of(const PlacedPart& part) {
  const Point half = half_extent(part.shape);
  const double reach = std::max(half.x - half.y, 0.0);
  return {part.pose.image_from_part({-reach, 0}),
          part.pose.image_from_part({reach, 0}),
          half.y * part.pose.scale};
}

double distance_to_segment(Point p, Point a, Point b) {
  const Point along = b - a;
  const double square = dot(along, along);
  const double t = square > 0 ? std::clamp(dot(p - a, along) / square, 0.0, 1.0) : 0.0;
  return length(p - (a + t * along));
}

bool cross(Point a, Point b, Point c, Point d) {
  const auto side = [](Point p, Point q, Point r) {
    return (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x) > 0;
  };
  return side(a, b, c) != side(a, b, d) && side(c, d, a) != side(c, d, b);
}

/// Distance between the capsules around two parts, negative when they overlap.
double gap(const PlacedPart& one, const PlacedPart& other) {
  const Spine s = spine_of(one);
  const Spine t = spine_of(other);
  double apart = 0;
  if (!cross(s.a, s.b, t.a, t.b)) {
    apart = std::min({distance_to_segment(s.a, t.a, t.b),
                      distance_to_segment(s.b, t.a, t.b),
                      distance_to_segment(t.a, s.a, s.b),
                      distance_to_segment(t.b, s.a, s.b)});
  }
  return apart - s.radius - t.radius;
}

/// Whether the outlines meet, or nearly. Long thin parts that cross have no point in each other.
bool touch(const PlacedPart& one, const PlacedPart& other) {
  const Spine s = spine_of(one);
  const Spine t = spine_of(other);
  if (cross(s.a, s.b, t.a, t.b)) return true;
  const auto reaches = [](const PlacedPart& from, const PlacedPart& to) {
    return std::ranges::any_of(clicked_outline(from.shape), [&](Point p) {
      const Point at = to.pose.part_from_image(from.pose.image_from_part(p));
      return outline_distance(to.shape, at) < 2;
    });
  };
  return reaches(one, other) || reaches(other, one);
}

/// Whether all of the part is in the picture, the corners of a turned rectangle around it too.
bool is_inside(const PlacedPart& part, Frame frame, double margin) {
  const Bounds own = bounds(clicked_outline(part.shape));
  const Polygon corners{{own.x, own.y},
                        {own.x + own.width, own.y},
                        {own.x + own.width, own.y + own.height},
                        {own.x, own.y + own.height}};
  const Bounds box = bounds(image_from_part(part.pose, corners));
  return box.x >= margin && box.y >= margin && box.x + box.width <= frame.width - margin &&
         box.y + box.height <= frame.height - margin;
}

/// A clean cut: one piece stays, neither a sliver nor nearly all.
bool is_cut_well(const PlacedPart& part, Frame frame) {
  for (const Polygon* outline : {&clicked_outline(part.shape), &fine_outline(part.shape)}) {
    const Polygon full = image_from_part(part.pose, *outline);
    if (frame_crossings(full, frame) != 2) return false;
    const double share = area(clip(full, frame)) / area(full);
    if (share < 0.35 || share > 0.85) return false;
  }
  return true;
}

/// Key points of lower parts stay visible for the most part: an annotator would not take a
/// photograph in which a part cannot be recognised.
bool leaves_others_recognisable(const Scene& scene, const PlacedPart& next) {
  for (const PlacedPart& below : scene.parts) {
    int hidden = 0;
    for (const NamedPoint& keypoint : keypoints(below.shape)) {
      const Point at = below.pose.image_from_part(keypoint.point);
      hidden += outline_distance(next.shape, next.pose.part_from_image(at)) < 2 ? 1 : 0;
    }
    const double apart = length(below.pose.centre - next.pose.centre);
    if (hidden > 1 || apart < 70 * next.pose.scale) return false;
  }
  return true;
}

/// Whether the part may lie there; sets its layer.
bool may_lie(const Scene& scene, const Recipe& recipe, PlacedPart& part, bool cut) {
  if (cut ? !is_cut_well(part, scene.frame) : !is_inside(part, scene.frame, 5)) return false;
  int overlaps = 0;
  part.layer = 0;
  for (const PlacedPart& below : scene.parts) {
    if (gap(below, part) > 5 * part.pose.scale) continue;
    if (!recipe.stacked) return false;
    if (!touch(below, part)) continue;
    ++overlaps;
    part.layer = std::max(part.layer, below.layer + 1);
  }
  if (overlaps > 2 || part.layer > 2) return false;
  return overlaps == 0 || leaves_others_recognisable(scene, part);
}

Tool tool_for(const Recipe& recipe, PartKind kind, int number) {
  if (kind == PartKind::kWasher) return Tool::kEllipse;
  if (kind == PartKind::kBolt) return recipe.bolt_tool;
  if (kind == PartKind::kRockerArm && number < recipe.brushed) return Tool::kBrush;
  return Tool::kPolygon;
}

std::optional<PlacedPart> place(
    const Scene& scene, const Recipe& recipe, PartShape shape, bool cut, Random& random) {
  const double scale = recipe.zoom * scene.frame.height / 720.0;
  const bool on_others = recipe.stacked && random.chance(0.65);
  for (int i = 0; i < kMostTries; ++i) {
    PlacedPart part{.shape = shape, .pose = {}};
    part.pose.scale = scale * random.uniform(0.94, 1.06);
    part.pose.centre = {random.uniform(0, scene.frame.width),
                        random.uniform(0, scene.frame.height)};
    if (recipe.stacked && !cut) {
      // Heaps have a middle.
      part.pose.centre = {scene.frame.width * (0.5 + 0.20 * random.bell()),
                          scene.frame.height * (0.5 + 0.20 * random.bell())};
    }
    part.pose.angle_rad = random.uniform(-kPi, kPi);
    if (shape.kind == PartKind::kPushRod) {
      // Rods in a tray lie about parallel, either way round.
      part.pose.angle_rad = random.uniform(-0.45, 0.45) + (random.chance(0.5) ? kPi : 0);
    }
    if (shape.kind == PartKind::kWasher) part.pose.angle_rad = random.uniform(-0.6, 0.6);
    part.pose.mirrored = shape.kind == PartKind::kRockerArm && random.chance(0.5);
    if (!may_lie(scene, recipe, part, cut)) continue;
    if (!on_others || part.layer > 0 || scene.parts.empty() || i > kMostTries / 2) return part;
  }
  return std::nullopt;
}

/// Long parts first: they need the room. What is on top of what is left to chance otherwise.
std::vector<PartShape> shapes_of(const Recipe& recipe, Random& random) {
  std::vector<PartShape> rods;
  std::vector<PartShape> others;
  for (const PartKind kind :
       {PartKind::kPushRod, PartKind::kRockerArm, PartKind::kBolt, PartKind::kWasher}) {
    for (int i = 0; i < recipe.counts[static_cast<std::size_t>(kind)]; ++i) {
      auto& list = kind == PartKind::kPushRod ? rods : others;
      list.push_back({kind, random.below(kVariantsPerKind)});
    }
  }
  random.shuffle(others);
  rods.insert(rods.end(), others.begin(), others.end());
  return rods;
}

}  // namespace

Scene make_scene(std::uint64_t seed, int index, Frame frame) {
  const auto& all = recipes();
  const Recipe& recipe = all[static_cast<std::size_t>(index) % all.size()];
  Random random(seed, static_cast<std::uint64_t>(index));
  Scene scene{.index = index,
              .file_name = fmt::format(fmt::runtime(recipe.name), index + 1),
              .frame = frame,
              .ground = recipe.ground,
              .light_azimuth_rad = random.uniform(-0.85 * kPi, -0.15 * kPi),
              .light_elevation_rad = random.uniform(0.19, 0.26) * kPi,
              .warmth = random.uniform(-0.8, 1.0),
              .parts = {},
              .story = recipe.story};
  int to_cut = recipe.cut;
  std::array<int, 4> numbers{};
  for (const PartShape shape : shapes_of(recipe, random)) {
    const bool cuttable = shape.kind != PartKind::kWasher;
    auto part = place(scene, recipe, shape, cuttable && to_cut > 0, random);
    if (!part) continue;
    if (cuttable && to_cut > 0) --to_cut;
    part->tool = tool_for(recipe, shape.kind, numbers[static_cast<std::size_t>(shape.kind)]++);
    scene.parts.push_back(*part);
  }
  return scene;
}

bool is_covered(const Scene& scene, std::size_t part_index, Point point) {
  for (std::size_t i = part_index + 1; i < scene.parts.size(); ++i) {
    const PlacedPart& above = scene.parts[i];
    if (outline_distance(above.shape, above.pose.part_from_image(point)) < 0) return true;
  }
  return false;
}

}  // namespace labelloom::samples
