#include "samples/generator/training_truth.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace labelloom::samples {
namespace {

/// Direction of the long axis of a part's outline in part coordinates, towards the first key point;
/// zeros for parts without two key points. By counting squares of one unit: these numbers are what
/// measuring is tested against, so they must not be made the same way.
Point long_axis(PartShape shape) {
  const auto points = keypoints(shape);
  if (points.size() < 2) return {};
  const Point half = half_extent(shape);
  double count = 0;
  Point mean;
  double xx = 0;
  double xy = 0;
  double yy = 0;
  for (double y = -std::ceil(half.y) + 0.5; y < half.y; ++y) {
    for (double x = -std::ceil(half.x) + 0.5; x < half.x; ++x) {
      if (outline_distance(shape, {x, y}) >= 0) continue;
      count += 1;
      mean = mean + Point{x, y};
      xx += x * x;
      xy += x * y;
      yy += y * y;
    }
  }
  mean = (1 / count) * mean;
  xx = xx / count - mean.x * mean.x;
  xy = xy / count - mean.x * mean.y;
  yy = yy / count - mean.y * mean.y;
  const double angle = 0.5 * std::atan2(2 * xy, xx - yy);
  const Point axis{std::cos(angle), std::sin(angle)};
  const Point forward = points.front().point - points.back().point;
  return dot(axis, forward) < 0 ? -1.0 * axis : axis;
}

const std::array<Point, kPartShapes>& long_axes() {
  static const auto all = [] {
    std::array<Point, kPartShapes> axes;
    for (int i = 0; i < kPartShapes; ++i) {
      axes[static_cast<std::size_t>(i)] = long_axis(part_shape(i));
    }
    return axes;
  }();
  return all;
}

double wrapped(double angle_rad) { return std::remainder(angle_rad, 2 * std::numbers::pi); }

/// Positive if `b` is clockwise of `a` on the screen.
double cross(Point a, Point b) { return a.x * b.y - a.y * b.x; }

void add_configuration(SceneInstance& instance, const TrainingPart& part) {
  instance.orientation_rad = wrapped(part.pose.angle_rad);
  const auto points = keypoints(part.shape);
  if (points.size() < 2) return;
  const Point axis =
      part.pose.image_from_part(long_axes()[static_cast<std::size_t>(part_index(part.shape))]) -
      part.pose.centre;
  instance.axis_rad = std::atan2(axis.y, axis.x);
  if (points.size() < 3) return;
  const auto at = [&](std::size_t i) { return part.pose.image_from_part(points[i].point); };
  instance.outer_is_left = cross(axis, at(1) - 0.5 * (at(0) + at(2))) < 0;
}

void add_keypoints(SceneInstance& instance, const TrainingScene& scene, std::size_t index) {
  const TrainingPart& part = scene.parts[index];
  for (const NamedPoint& named : keypoints(part.shape)) {
    const Point at = part.pose.image_from_part(named.point);
    SceneKeypoint keypoint;
    if (contains(scene.frame, at)) {
      const bool covered =
          std::any_of(scene.parts.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                      scene.parts.end(),
                      [&](const TrainingPart& above) { return covers(above, at); });
      keypoint = {at, covered ? 1 : 2, part_depth_mm(scene, part, at)};
    }
    instance.keypoints.push_back(keypoint);
  }
}

/// Column-major runs of what belongs to `owner`; the first run counts other pixels.
std::vector<unsigned> column_runs(const OwnerMap& owners, int owner) {
  std::vector<unsigned> counts{0};
  bool inside = false;
  for (int column = 0; column < owners.frame().width; ++column) {
    for (int row = 0; row < owners.frame().height; ++row) {
      if ((owners.owner(row, column) == owner) != inside) {
        inside = !inside;
        counts.push_back(0);
      }
      ++counts.back();
    }
  }
  return counts;
}

void add_pixels(SceneInstance& instance,
                const TrainingScene& scene,
                const OwnerMap& owners,
                std::size_t index) {
  const int owner = static_cast<int>(index);
  const TrainingPart& part = scene.parts[index];
  Polygon corners;
  double depth = 0;
  for (int row = 0; row < owners.frame().height; ++row) {
    for (int column = 0; column < owners.frame().width; ++column) {
      if (owners.owner(row, column) != owner) continue;
      ++instance.pixels;
      corners.push_back({static_cast<double>(column), static_cast<double>(row)});
      depth += part_depth_mm(scene, part, {column + 0.5, row + 0.5});
    }
  }
  if (instance.pixels == 0) return;
  instance.box = bounds(corners);
  instance.box.width += 1;
  instance.box.height += 1;
  instance.depth_mm = depth / instance.pixels;
  instance.counts = column_runs(owners, owner);
  OwnerMap alone(scene.frame);
  instance.seen_share = static_cast<double>(instance.pixels) / alone.lay(part, 0);
}

}  // namespace

std::string scene_stem(int index) { return fmt::format("scene_{:06}", index); }

SceneTruth scene_truth(const TrainingScene& scene,
                       const OwnerMap& owners,
                       const std::string& ending) {
  SceneTruth truth{.file_name = scene_stem(scene.index) + ending,
                   .index = scene.index,
                   .duplicate_of = {},
                   .frame = scene.frame,
                   .instances = {}};
  if (scene.duplicate_of) truth.duplicate_of = scene_stem(*scene.duplicate_of) + ending;
  for (std::size_t i = 0; i < scene.parts.size(); ++i) {
    SceneInstance instance;
    instance.kind = scene.parts[i].shape.kind;
    instance.layer = scene.parts[i].layer;
    add_pixels(instance, scene, owners, i);
    if (instance.pixels == 0) continue;
    add_keypoints(instance, scene, i);
    add_configuration(instance, scene.parts[i]);
    truth.instances.push_back(std::move(instance));
  }
  return truth;
}

}  // namespace labelloom::samples
