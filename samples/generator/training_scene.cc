#include "samples/generator/training_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "samples/generator/random.h"

namespace labelloom::samples {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr int kMostParts = 6;
constexpr int kTries = 40;
constexpr double kTrialSide = 64;
/// No part's middle is nearer to the border, as a share of the picture's sides.
constexpr double kBorder = 0.1;
/// How far a part of one layer lies above those of the layer below.
constexpr double kLayerHeightMm = 12;
/// Of every part at least this share stays in sight, cut by the frame or covered.
constexpr double kLeastSeen = 0.5;
/// Nearest centres of two boxes, as a share of the picture's shorter side: a detector of coarse
/// cells cannot tell nearer ones apart.
constexpr double kLeastApart = 0.14;

// Scenes and the camera's second look at them draw from different streams.
constexpr std::uint64_t kSceneStream = std::uint64_t{1} << 40U;
constexpr std::uint64_t kDuplicateStream = std::uint64_t{1} << 41U;

int rounded(double value) { return static_cast<int>(std::lround(value)); }
double shorter_side(Frame frame) { return std::min(frame.width, frame.height); }

Colour varied(Colour paint, double strength, Random& random) {
  const double bright = 1 + 0.9 * strength * random.uniform(-1, 1);
  const auto channel = [&](double value) {
    return std::clamp(value * bright * (1 + strength * random.uniform(-1, 1)), 0.01, 0.95);
  };
  const double r = channel(paint.r);
  const double g = channel(paint.g);
  const double b = channel(paint.b);
  return {r, g, b};
}

Colour paint_of(PartKind kind) {
  switch (kind) {
    case PartKind::kRockerArm:
      return {0.42, 0.10, 0.06};  // red primer
    case PartKind::kBolt:
      return {0.07, 0.13, 0.34};  // blued
    case PartKind::kPushRod:
      return {0.52, 0.55, 0.57};  // bright steel
    case PartKind::kWasher:
      break;
  }
  return {0.66, 0.45, 0.07};  // yellow zinc
}

PartShape draw_shape(double rare_share, Random& random) {
  if (random.chance(rare_share)) return {PartKind::kWasher, random.below(kVariantsPerKind)};
  const auto kind = static_cast<PartKind>(random.below(3));
  if (kind == PartKind::kPushRod) return {kind, kFirstStoutRod + random.below(kStoutRods)};
  return {kind, random.below(kVariantsPerKind)};
}

/// What can be seen of one part.
struct View {
  int pixels = 0;
  int left = 0;
  int top = 0;
  int right = 0;  // last column
  int bottom = 0;
  [[nodiscard]] Point middle() const {
    return {(left + right + 1) / 2.0, (top + bottom + 1) / 2.0};
  }
};

std::vector<View> views(const OwnerMap& map, std::size_t parts) {
  std::vector<View> all(parts);
  for (int row = 0; row < map.frame().height; ++row) {
    for (int column = 0; column < map.frame().width; ++column) {
      const int owner = map.owner(row, column);
      if (owner < 0) continue;
      View& view = all[static_cast<std::size_t>(owner)];
      if (view.pixels++ == 0) view = {1, column, row, column, row};
      view.left = std::min(view.left, column);
      view.right = std::max(view.right, column);
      view.bottom = row;
    }
  }
  return all;
}

/// Whether all parts stay recognisable and apart.
bool is_readable(const OwnerMap& map, std::span<const int> whole_pixels) {
  const auto all = views(map, whole_pixels.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].pixels < kLeastSeen * whole_pixels[i]) return false;
    for (std::size_t k = 0; k < i; ++k) {
      const double apart = length(all[i].middle() - all[k].middle());
      if (apart < kLeastApart * shorter_side(map.frame())) return false;
    }
  }
  return true;
}

/// The highest layer among the parts that the new one would lie on.
int layer_on(const OwnerMap& below, const OwnerMap& with, const TrainingScene& scene, int owner) {
  int layer = 0;
  for (std::size_t i = 0; i < below.owners().size(); ++i) {
    const int under = below.owners()[i];
    if (with.owners()[i] != owner || under < 0) continue;
    layer = std::max(layer, scene.parts[static_cast<std::size_t>(under)].layer + 1);
  }
  return layer;
}

/// Places parts in a picture of shorter side 64, whatever the frame: trying costs time.
void place_parts(TrainingScene& scene, double rare_share, Random& random) {
  const double magnified = shorter_side(scene.frame) / kTrialSide;
  const Frame trial{rounded(scene.frame.width / magnified),
                    rounded(scene.frame.height / magnified)};
  const int count = 1 + random.below(kMostParts);
  const double crowding = count <= 2 ? 1.15 : (count <= 4 ? 1.0 : 0.92);
  const double scale = 0.2 * crowding * random.uniform(0.88, 1.2);
  OwnerMap map(trial);
  std::vector<int> whole_pixels;
  for (int number = 0; number < count; ++number) {
    TrainingPart part{.shape = draw_shape(rare_share, random), .pose = {}, .paint = {}};
    part.paint = varied(paint_of(part.shape.kind), 0.22, random);
    part.seed = random.next() >> 8U;
    for (int i = 0; i < kTries; ++i) {
      part.pose = {.centre = {trial.width * random.uniform(kBorder, 1 - kBorder),
                              trial.height * random.uniform(kBorder, 1 - kBorder)},
                   .angle_rad = random.uniform(-kPi, kPi),
                   .scale = scale * random.uniform(0.94, 1.06),
                   .mirrored = part.shape.kind == PartKind::kRockerArm && random.chance(0.5)};
      OwnerMap with = map;
      const int owner = static_cast<int>(scene.parts.size());
      whole_pixels.push_back(with.lay(part, owner));
      part.layer = layer_on(map, with, scene, owner);
      if (part.layer <= 2 && is_readable(with, whole_pixels)) {
        scene.parts.push_back(part);
        map = std::move(with);
        break;
      }
      whole_pixels.pop_back();
    }
  }
  for (TrainingPart& part : scene.parts) {
    part.pose.centre = magnified * part.pose.centre;
    part.pose.scale *= magnified;
  }
}

TrainingScene make_original(const TrainingOptions& options, int index) {
  Random random(options.seed, kSceneStream + static_cast<std::uint64_t>(index));
  TrainingScene scene{.index = index,
                      .duplicate_of = {},
                      .frame = options.frame,
                      .bench = {},
                      .light = {},
                      .parts = {}};
  scene.bench = {
      .kind = static_cast<BenchKind>(random.below(6)),
      .seed = random.next() >> 8U,
      .pose = {.centre = {random.uniform(0, 1000), random.uniform(0, 1000)},
               .angle_rad = random.uniform(-kPi, kPi),
               .scale = shorter_side(options.frame) / kTrialSide * random.uniform(0.16, 0.26)},
      .depth_mm = random.uniform(650, 950),
      .tilt_x = random.uniform(-30, 30),
      .tilt_y = random.uniform(-30, 30)};
  scene.light = {.azimuth_rad = random.uniform(-kPi, kPi),
                 .elevation_rad = random.uniform(0.2, 0.38) * kPi,
                 .brightness = random.uniform(0.65, 1.35),
                 .warmth = random.uniform(-0.8, 1.0)};
  place_parts(scene, options.rare_share, random);
  return scene;
}

/// Turns, moves and magnifies the picture a little about its middle.
Pose seen_again(const Pose& pose, const Pose& camera, Point middle) {
  Pose moved = pose;
  moved.centre = camera.image_from_part(pose.centre - middle);
  moved.angle_rad += camera.angle_rad;
  moved.scale *= camera.scale;
  return moved;
}

/// The earlier scene that scene `index` nearly repeats, if it does; never a repetition itself.
std::optional<int> repeated_scene(const TrainingOptions& options, int index) {
  const int first = index - index % kDuplicateBlock;
  std::optional<int> source;
  // A repetition of a repetition repeats the original.
  for (int at = index; at > first;) {
    Random random(options.seed, kDuplicateStream + static_cast<std::uint64_t>(at));
    if (!random.chance(options.near_duplicates)) break;
    at = first + random.below(at - first);
    source = at;
  }
  return source;
}

TrainingScene look_again(const TrainingOptions& options, int index, int source) {
  TrainingScene scene = make_original(options, source);
  scene.index = index;
  scene.duplicate_of = source;
  Random random(options.seed, kSceneStream + static_cast<std::uint64_t>(index));
  const Point middle{scene.frame.width / 2.0, scene.frame.height / 2.0};
  const double shift = 0.02 * shorter_side(scene.frame);
  const Pose camera{
      .centre = middle + Point{shift * random.uniform(-1, 1), shift * random.uniform(-1, 1)},
      .angle_rad = 0.03 * random.uniform(-1, 1),
      .scale = 1 + 0.02 * random.uniform(-1, 1)};
  scene.bench.pose = seen_again(scene.bench.pose, camera, middle);
  for (TrainingPart& part : scene.parts) part.pose = seen_again(part.pose, camera, middle);
  scene.bench.depth_mm /= camera.scale;
  scene.light.azimuth_rad += 0.1 * random.uniform(-1, 1);
  scene.light.brightness *= 1 + 0.06 * random.uniform(-1, 1);
  scene.light.warmth += 0.08 * random.uniform(-1, 1);
  return scene;
}

}  // namespace

TrainingScene make_training_scene(const TrainingOptions& options, int index) {
  const std::optional<int> source = repeated_scene(options, index);
  return source ? look_again(options, index, *source) : make_original(options, index);
}

bool covers(const TrainingPart& part, Point image) {
  const Point at = part.pose.part_from_image(image);
  if (outline_distance(part.shape, at) >= 0) return false;
  if (part.shape.kind != PartKind::kWasher) return true;
  const WasherSize& size = washer_size(part.shape.variant);
  return length({at.x, at.y / size.squash}) >= size.inner;
}

double height_mm(PartKind kind) {
  switch (kind) {
    case PartKind::kRockerArm:
      return 34;
    case PartKind::kBolt:
      return 18;
    case PartKind::kPushRod:
      return 25;
    case PartKind::kWasher:
      break;
  }
  return 5;
}

double bench_depth_mm(const TrainingScene& scene, Point image) {
  return scene.bench.depth_mm + scene.bench.tilt_x * (image.x / scene.frame.width - 0.5) +
         scene.bench.tilt_y * (image.y / scene.frame.height - 0.5);
}

double part_depth_mm(const TrainingScene& scene, const TrainingPart& part, Point image) {
  return bench_depth_mm(scene, image) - height_mm(part.shape.kind) - kLayerHeightMm * part.layer;
}

OwnerMap::OwnerMap(Frame frame)
    : frame_(frame),
      owners_(static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height), -1) {}

int OwnerMap::lay(const TrainingPart& part, int owner) {
  const Bounds box = bounds(image_from_part(part.pose, fine_outline(part.shape)));
  const int first_row = static_cast<int>(std::floor(box.y));
  const int first_column = static_cast<int>(std::floor(box.x));
  const int last_row = static_cast<int>(std::ceil(box.y + box.height));
  const int last_column = static_cast<int>(std::ceil(box.x + box.width));
  int covered = 0;
  for (int row = first_row; row < last_row; ++row) {
    for (int column = first_column; column < last_column; ++column) {
      if (!covers(part, {column + 0.5, row + 0.5})) continue;
      ++covered;
      if (row < 0 || column < 0 || row >= frame_.height || column >= frame_.width) continue;
      owners_[static_cast<std::size_t>(row) * static_cast<std::size_t>(frame_.width) +
              static_cast<std::size_t>(column)] = owner;
    }
  }
  return covered;
}

OwnerMap owner_map(const TrainingScene& scene) {
  OwnerMap map(scene.frame);
  for (std::size_t i = 0; i < scene.parts.size(); ++i) {
    map.lay(scene.parts[i], static_cast<int>(i));
  }
  return map;
}

}  // namespace labelloom::samples
