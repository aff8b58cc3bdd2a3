#include "samples/generator/parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace labelloom::samples {
namespace {

constexpr std::array<RockerSize, kVariantsPerKind> kRockers{{
    {.boss = 31,
     .adjuster = {-86, -14},
     .adjuster_radius = 21,
     .pad = {84, -12},
     .pad_angle = 0.25},
    {.boss = 28, .adjuster = {-74, -8}, .adjuster_radius = 19, .pad = {96, -20}, .pad_angle = 0.35},
    {.boss = 34, .adjuster = {-92, 4}, .adjuster_radius = 22, .pad = {88, -26}, .pad_angle = 0.45},
    {.boss = 26, .adjuster = {-70, -18}, .adjuster_radius = 18, .pad = {78, -8}, .pad_angle = 0.15},
}};
constexpr std::array<BoltSize, kVariantsPerKind> kBolts{{
    {150, 22, 24, 12.5, 38, false},
    {118, 20, 22, 11.5, 20, true},
    {182, 25, 27, 14.0, 62, true},
    {96, 18, 19, 10.0, 10, false},
}};
constexpr std::array<PushRodSize, kVariantsPerKind> kPushRods{{
    {470, 8.0, 11.5, 26, 9.5},
    {430, 9.0, 12.5, 30, 11.0},
    {520, 8.5, 12.0, 24, 10.5},
    {395, 7.5, 10.5, 28, 9.0},
}};
constexpr std::array<PushRodSize, kStoutRods> kStoutPushRods{{
    {178, 11.0, 17.0, 30, 16.0},
    {150, 12.0, 18.5, 26, 17.0},
}};
constexpr std::array<WasherSize, kVariantsPerKind> kWashers{{
    {36, 19, 1.0},
    {29, 14, 1.0},
    {42, 23, 0.80},
    {33, 16, 0.88},
}};

template <typename T>
const T& pick(const std::array<T, kVariantsPerKind>& table, int variant) {
  return table[static_cast<std::size_t>(variant % kVariantsPerKind)];
}

double box(Point p, Point half) {
  const Point d{std::abs(p.x) - half.x, std::abs(p.y) - half.y};
  return length({std::max(d.x, 0.0), std::max(d.y, 0.0)}) + std::min(std::max(d.x, d.y), 0.0);
}

double rounded_box(Point p, Point half, double radius) {
  return box(p, {half.x - radius, half.y - radius}) - radius;
}

/// A capsule whose radius goes from `ra` at `a` to `rb` at `b`.
double tapered(Point p, Point a, Point b, double ra, double rb) {
  const Point along = b - a;
  const double t = std::clamp(dot(p - a, along) / dot(along, along), 0.0, 1.0);
  return length(p - (a + t * along)) - (ra + t * (rb - ra));
}

/// Union with a fillet of about `fillet` where the shapes meet (polynomial smooth minimum).
double blend(double a, double b, double fillet) {
  const double h = std::max(fillet - std::abs(a - b), 0.0) / fillet;
  return std::min(a, b) - h * h * fillet / 4;
}

Point turned(Point p, double angle) {
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  return {c * p.x + s * p.y, c * p.y - s * p.x};
}

double rocker_distance(const RockerSize& size, Point p) {
  const double boss = length(p) - size.boss;
  const double adjuster = length(p - size.adjuster) - size.adjuster_radius;
  const double pad = rounded_box(turned(p - size.pad, size.pad_angle), {19, 14}, 6);
  const double waist = 0.62 * size.boss;
  const double left = tapered(p, {0, 0}, size.adjuster, waist, 0.66 * size.adjuster_radius);
  const double right = tapered(p, {0, 0}, size.pad, waist, 9.5);
  const double body = blend(blend(left, right, 10), boss, 9);
  return blend(blend(body, adjuster, 8), pad, 8);
}

double bolt_distance(const BoltSize& size, Point p) {
  const double left = -size.length / 2;
  const double head_middle = left + size.head_length / 2;
  const double head =
      rounded_box({p.x - head_middle, p.y}, {size.head_length / 2, size.head_radius}, 3.0);
  const double shank_middle = (left + size.head_length + size.length / 2) / 2 - 2;
  const double shank_half = size.length / 2 - shank_middle;
  // The thread starts with a chamfer: the tip is cut at 45 degrees.
  const double block = box({p.x - shank_middle, p.y}, {shank_half, size.shank_radius});
  const double chamfer =
      (p.x - size.length / 2 + std::abs(p.y) - 0.62 * size.shank_radius) * std::sqrt(0.5);
  double distance = std::min(head, std::max(block, chamfer));
  if (size.flange) {
    const double at = left + size.head_length - 2.5;
    distance = std::min(distance, rounded_box({p.x - at, p.y}, {3.5, 1.2 * size.head_radius}, 2.0));
  }
  return distance;
}

double push_rod_distance(const PushRodSize& size, Point p) {
  const double half = size.length / 2;
  const double ball = length({p.x - (half - size.ball_radius), p.y}) - size.ball_radius;
  const double cup = rounded_box(
      {p.x + half - size.cup_length / 2, p.y}, {size.cup_length / 2, size.cup_radius}, 3.0);
  const double neck_end = half - 1.6 * size.ball_radius;
  const double middle = (neck_end - half) / 2;
  const double rod = box({p.x - middle, p.y}, {(neck_end + half) / 2, size.radius});
  return std::min(blend(rod, ball, 3.0), cup);
}

double washer_distance(const WasherSize& size, Point p) {
  return (length({p.x, p.y / size.squash}) - size.outer) * size.squash;
}

Polygon traced(PartShape shape, double tolerance) {
  const auto distance = [shape](Point p) { return outline_distance(shape, p); };
  return simplify(trace_contour(distance, {0, 0}, 0.2), tolerance);
}

struct Outlines {
  Polygon clicked;
  Polygon fine;
  Point half_extent;
};

Point reach(const Polygon& polygon) {
  const Bounds box = bounds(polygon);
  return {std::max(-box.x, box.x + box.width), std::max(-box.y, box.y + box.height)};
}

// Tracing takes milliseconds and big exports place parts hundreds of thousands of times.
const Outlines& outlines(PartShape shape) {
  static const std::vector<Outlines> all = [] {
    std::vector<Outlines> made;
    for (int i = 0; i < kPartShapes; ++i) {
      const PartShape each = part_shape(i);
      Polygon fine = traced(each, 0.05);
      const Point half = reach(fine);
      made.push_back({traced(each, 0.8), std::move(fine), half});
    }
    return made;
  }();
  return all.at(static_cast<std::size_t>(part_index(shape)));
}

}  // namespace

PartShape part_shape(int index) {
  const int stout = index - 4 * kVariantsPerKind;
  if (stout >= 0) return {PartKind::kPushRod, kFirstStoutRod + stout};
  return {static_cast<PartKind>(index / kVariantsPerKind), index % kVariantsPerKind};
}

int part_index(PartShape shape) {
  if (shape.variant >= kFirstStoutRod) return 3 * kVariantsPerKind + shape.variant;
  return static_cast<int>(shape.kind) * kVariantsPerKind + shape.variant;
}

const RockerSize& rocker_size(int variant) { return pick(kRockers, variant); }
const BoltSize& bolt_size(int variant) { return pick(kBolts, variant); }
const PushRodSize& push_rod_size(int variant) {
  if (variant < kFirstStoutRod) return pick(kPushRods, variant);
  return kStoutPushRods.at(static_cast<std::size_t>(variant - kFirstStoutRod));
}
const WasherSize& washer_size(int variant) { return pick(kWashers, variant); }

std::string_view category_name(PartKind kind) {
  switch (kind) {
    case PartKind::kRockerArm:
      return "RockerArm";
    case PartKind::kBolt:
      return "Bolt";
    case PartKind::kPushRod:
      return "PushRod";
    case PartKind::kWasher:
      break;
  }
  return "Washer";
}

double outline_distance(PartShape shape, Point point) {
  switch (shape.kind) {
    case PartKind::kRockerArm:
      return rocker_distance(rocker_size(shape.variant), point);
    case PartKind::kBolt:
      return bolt_distance(bolt_size(shape.variant), point);
    case PartKind::kPushRod:
      return push_rod_distance(push_rod_size(shape.variant), point);
    case PartKind::kWasher:
      break;
  }
  return washer_distance(washer_size(shape.variant), point);
}

const Polygon& clicked_outline(PartShape shape) { return outlines(shape).clicked; }
const Polygon& fine_outline(PartShape shape) { return outlines(shape).fine; }

std::vector<NamedPoint> keypoints(PartShape shape) {
  switch (shape.kind) {
    case PartKind::kRockerArm: {
      const RockerSize& size = rocker_size(shape.variant);
      return {{"pad", size.pad}, {"pivot", {0, 0}}, {"adjuster", size.adjuster}};
    }
    case PartKind::kBolt: {
      const BoltSize& size = bolt_size(shape.variant);
      return {{"head", {-size.length / 2 + size.head_length / 2, 0}},
              {"tip", {size.length / 2 - 3, 0}}};
    }
    case PartKind::kPushRod: {
      const PushRodSize& size = push_rod_size(shape.variant);
      return {{"cup", {-size.length / 2 + 7, 0}},
              {"ball", {size.length / 2 - size.ball_radius, 0}}};
    }
    case PartKind::kWasher:
      break;
  }
  return {};
}

Point half_extent(PartShape shape) { return outlines(shape).half_extent; }

}  // namespace labelloom::samples
