#include "samples/generator/annotate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "samples/generator/random.h"

namespace labelloom::samples {
namespace {

constexpr std::uint64_t kAnnotateStream = std::uint64_t{2} << 32U;
constexpr double kPi = std::numbers::pi;

double degrees(double angle_rad) {
  const double turned = std::fmod(angle_rad * 180 / kPi, 360.0);
  return turned < 0 ? turned + 360 : turned;
}

/// Every pixel whose centre lies on the part or next to it: a brush does not stop at the edge.
BrushMask brushed(const PlacedPart& part, Frame frame) {
  constexpr double kOverpaint = 0.8;
  const Bounds box = bounds(clip(image_from_part(part.pose, fine_outline(part.shape)), frame));
  const int top = std::max(0, static_cast<int>(box.y) - 3);
  const int bottom = std::min(frame.height, static_cast<int>(box.y + box.height) + 3);
  const int left = std::max(0, static_cast<int>(box.x) - 3);
  const int right = std::min(frame.width, static_cast<int>(box.x + box.width) + 3);
  BrushMask mask{frame, {}};
  for (int row = top; row < bottom; ++row) {
    int first = -1;
    for (int column = left; column <= right; ++column) {
      const Point centre = part.pose.part_from_image({column + 0.5, row + 0.5});
      const bool on = column < right && outline_distance(part.shape, centre) < kOverpaint;
      if (on && first < 0) first = column;
      if (!on && first >= 0) {
        mask.runs.push_back({row, first, column});
        first = -1;
      }
    }
  }
  return mask;
}

TurnedShape tight_rectangle(const PlacedPart& part) {
  const Bounds box = bounds(clicked_outline(part.shape));
  return {part.pose.image_from_part({box.x, box.y}),
          part.pose.scale * box.width,
          part.pose.scale * box.height,
          degrees(part.pose.angle_rad)};
}

Polygon corners(const TurnedShape& r) {
  const double c = std::cos(r.rotation_deg * kPi / 180);
  const double s = std::sin(r.rotation_deg * kPi / 180);
  const Point right{c * r.width, s * r.width};
  const Point down{-s * r.height, c * r.height};
  return {r.anchor, r.anchor + right, r.anchor + right + down, r.anchor + down};
}

Bounds ellipse_bounds(const TurnedShape& e) {
  const double c = std::cos(e.rotation_deg * kPi / 180);
  const double s = std::sin(e.rotation_deg * kPi / 180);
  const double x = std::hypot(e.width * c, e.height * s);
  const double y = std::hypot(e.width * s, e.height * c);
  return {e.anchor.x - x, e.anchor.y - y, 2 * x, 2 * y};
}

/// Fills in what the tool makes of the part.
void draw(TrueInstance& instance, const PlacedPart& part, Frame frame) {
  switch (instance.tool) {
    case Tool::kPolygon:
      instance.clipped = clip(instance.full, frame);
      break;
    case Tool::kRotatedBox:
      instance.shape = tight_rectangle(part);
      instance.clipped = corners(*instance.shape);
      break;
    case Tool::kBox: {
      instance.box = bounds(clip(instance.full, frame));
      instance.area = instance.box.width * instance.box.height;
      instance.shape =
          TurnedShape{{instance.box.x, instance.box.y}, instance.box.width, instance.box.height, 0};
      return;
    }
    case Tool::kEllipse: {
      const WasherSize& size = washer_size(part.shape.variant);
      const double radius = part.pose.scale * size.outer;
      instance.shape =
          TurnedShape{part.pose.centre, radius, radius * size.squash, degrees(part.pose.angle_rad)};
      instance.box = ellipse_bounds(*instance.shape);
      instance.area = kPi * instance.shape->width * instance.shape->height;
      return;
    }
    case Tool::kBrush:
      instance.mask = brushed(part, frame);
      instance.box = bounds(*instance.mask);
      instance.area = area(*instance.mask);
      return;
  }
  instance.box = bounds(instance.clipped);
  instance.area = area(instance.clipped);
}

TrueInstance true_instance(const Scene& scene, std::size_t index) {
  const PlacedPart& part = scene.parts[index];
  TrueInstance instance{.category = category_name(part.shape.kind),
                        .tool = part.tool,
                        .full = image_from_part(part.pose, clicked_outline(part.shape)),
                        .clipped = {},
                        .shape = {},
                        .mask = {},
                        .box = {},
                        .area = 0,
                        .keypoints = {}};
  draw(instance, part, scene.frame);
  for (const NamedPoint& keypoint : keypoints(part.shape)) {
    const Point at = part.pose.image_from_part(keypoint.point);
    Seen seen = Seen::kVisible;
    if (is_covered(scene, index, at)) seen = Seen::kHidden;
    if (!contains(scene.frame, at)) seen = Seen::kOutside;
    instance.keypoints.push_back({keypoint.name, at, seen});
  }
  return instance;
}

/// Region ids as Label Studio's front end draws them (nanoid of length 10).
std::string region_id(Random& random) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  std::string id;
  for (int i = 0; i < 10; ++i) id += kAlphabet[static_cast<std::size_t>(random.below(64))];
  return id;
}

Region region_of(const TrueInstance& instance, int owner, Random& random) {
  Region region;
  region.id = region_id(random);
  region.label = instance.category;
  region.owner = owner;
  region.points = instance.clipped;
  if (instance.shape) region.shape = *instance.shape;
  switch (instance.tool) {
    case Tool::kPolygon:
      region.type = Region::Type::kPolygon;
      region.control = "label";
      break;
    case Tool::kRotatedBox:
      region.type = Region::Type::kRectangle;
      region.control = "rect";
      break;
    case Tool::kBox:
      region.type = Region::Type::kRectangle;
      region.control = "bbox";
      break;
    case Tool::kEllipse:
      region.type = Region::Type::kEllipse;
      region.control = "ellipse";
      break;
    case Tool::kBrush:
      region.type = Region::Type::kBrush;
      region.control = "brush";
      region.rle = pack_brush(*instance.mask);
      break;
  }
  return region;
}

/// The careful annotation: every part, and every key point that can be seen, in no order.
std::vector<Region> careful_regions(const std::vector<TrueInstance>& truth,
                                    const Scene& scene,
                                    Random& random) {
  std::vector<Region> parts;
  std::vector<Region> points;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const int owner = static_cast<int>(i);
    parts.push_back(region_of(truth[i], owner, random));
    for (const TrueKeypoint& keypoint : truth[i].keypoints) {
      if (keypoint.seen != Seen::kVisible) continue;
      Region point;
      point.type = Region::Type::kKeypoint;
      point.id = region_id(random);
      point.control = "kp-1";
      point.label = keypoint.name;
      point.points = {keypoint.point};
      point.owner = owner;
      if (scene.story.parents) point.parent_id = parts.back().id;
      points.push_back(point);
    }
  }
  random.shuffle(points);
  // Some begin with the points: the order of the control keys differs between rows then.
  auto& first = scene.index % 3 == 2 ? points : parts;
  auto& second = scene.index % 3 == 2 ? parts : points;
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// The same in a hurry: fewer and shifted polygon points, key points forgotten.
std::vector<Region> sloppy_regions(const std::vector<Region>& careful,
                                   Frame frame,
                                   Random& random) {
  std::vector<Region> sloppy;
  for (const Region& original : careful) {
    const bool is_point = original.type == Region::Type::kKeypoint;
    if (is_point && random.chance(0.3)) continue;
    Region region = original;
    region.id = region_id(random);
    region.parent_id.clear();
    const Point shift{4 * random.bell(), 4 * random.bell()};
    region.points.clear();
    const std::size_t step = original.points.size() > 12 ? 2 : 1;
    for (std::size_t i = 0; i < original.points.size(); i += step) {
      const Point p = original.points[i] + shift + Point{2 * random.bell(), 2 * random.bell()};
      region.points.push_back(
          {std::clamp(p.x, 0.0, 1.0 * frame.width), std::clamp(p.y, 0.0, 1.0 * frame.height)});
    }
    region.shape.anchor = region.shape.anchor + shift;
    sloppy.push_back(region);
  }
  return sloppy;
}

/// ISO time of a working day, `minutes` after the project began.
std::string time_text(int minutes, Random& random) {
  constexpr int kDay = 8 * 60;
  using std::chrono::days;
  using std::chrono::sys_days;
  using std::chrono::year;
  const sys_days day = sys_days{year{2026} / 3 / 2} + days{minutes / kDay};
  const std::chrono::year_month_day date{day};
  const int minute = 8 * 60 + minutes % kDay;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                     static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()),
                     minute / 60,
                     minute % 60,
                     random.below(60),
                     random.below(1000000));
}

Annotation annotation(
    int id, int annotator, int minutes, std::vector<Region> regions, Random& random) {
  Annotation made{.id = id,
                  .annotator = annotator,
                  .created_at = time_text(minutes, random),
                  .updated_at = {},
                  .lead_time_s = 0,
                  .cancelled = false,
                  .regions = std::move(regions),
                  .relation = {}};
  made.updated_at = random.chance(0.5) ? time_text(minutes + 2, random) : made.created_at;
  made.lead_time_s = 4 + 9 * static_cast<double>(made.regions.size()) + random.below(4000) / 1e3;
  return made;
}

std::string percent_encoded(std::string_view name) {
  std::string text;
  for (const char c : name) text += c == ' ' ? std::string("%20") : std::string(1, c);
  return text;
}

}  // namespace

Task annotate(const Scene& scene, std::uint64_t seed) {
  Random random(seed, kAnnotateStream + static_cast<std::uint64_t>(scene.index));
  Task task{.id = 101 + scene.index,
            .file_name = scene.file_name,
            .image_url = {},
            .file_upload = {},
            .frame = scene.frame,
            .annotations = {},
            .truth = {}};
  if (scene.story.local_file) {
    task.image_url = "/data/local-files/?d=" + percent_encoded("engine parts/" + scene.file_name);
  } else {
    task.file_upload = fmt::format("{:08x}-{}", random.next(), scene.file_name);
    task.image_url = "/data/upload/1/" + task.file_upload;
  }
  // The order of drawing has nothing to do with what lies on what.
  std::vector<std::size_t> order(scene.parts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  random.shuffle(order);
  for (const std::size_t part : order) task.truth.push_back(true_instance(scene, part));

  const int id = 501 + 3 * scene.index;
  const int minutes = 7 * scene.index;
  task.annotations.push_back(
      annotation(id + 2, 1, minutes + 4, careful_regions(task.truth, scene, random), random));
  auto& careful = task.annotations.front();
  const auto point = std::ranges::find(careful.regions, Region::Type::kKeypoint, &Region::type);
  if (scene.story.relation && point != careful.regions.end()) {
    const auto part = std::ranges::find_if(careful.regions, [&](const Region& region) {
      return region.type != Region::Type::kKeypoint && region.owner == point->owner;
    });
    careful.relation = {point->id, part->id};
  }
  if (scene.story.second_annotator) {
    auto hasty = sloppy_regions(careful.regions, scene.frame, random);
    task.annotations.push_back(annotation(id + 1, 2, minutes, std::move(hasty), random));
  }
  if (scene.story.cancelled) {
    task.annotations.push_back(annotation(id + 1, 2, minutes, {}, random));
    task.annotations.back().cancelled = true;
  }
  return task;
}

}  // namespace labelloom::samples
