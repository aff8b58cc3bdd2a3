#include "convert/measure_rule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/error.h"

namespace labelloom::detail {
namespace {

using Slot = std::optional<std::size_t>;

Slot slot_of(const Category& category, const std::string& name) {
  const auto found = std::ranges::find(category.keypoints, name);
  if (found == category.keypoints.end()) return std::nullopt;
  return static_cast<std::size_t>(found - category.keypoints.begin());
}

/// The first and last key point, and the second of three or more.
CategoryRule default_rule(const Category& category) {
  CategoryRule rule;
  const std::size_t count = category.keypoints.size();
  if (count > 0) rule.head = 0;
  if (count > 1) rule.tail = count - 1;
  if (count > 2) rule.outer = 1;
  return rule;
}

CategoryRule category_rule(const Category& category, const MeasureOptions& options) {
  CategoryRule rule = default_rule(category);
  // A category without a key point of that name keeps what the order of its names says.
  const auto set = [&](Slot& slot, const std::optional<std::string>& name) {
    const Slot named = name ? slot_of(category, *name) : std::nullopt;
    if (named) slot = named;
    return named.has_value();
  };
  const bool head_named = set(rule.head, options.rule.head);
  const bool tail_named = set(rule.tail, options.rule.tail);
  const bool outer_named = set(rule.outer, options.rule.outer);
  // A named key point is not what the order made of it as well.
  const auto is_taken = [](const Slot& slot, const Slot& by, bool named) {
    return named && slot == by;
  };
  if (!head_named && (is_taken(rule.head, rule.tail, tail_named) ||
                      is_taken(rule.head, rule.outer, outer_named))) {
    rule.head.reset();
  }
  if (!tail_named && (is_taken(rule.tail, rule.head, head_named) ||
                      is_taken(rule.tail, rule.outer, outer_named))) {
    rule.tail.reset();
  }
  if (!outer_named && (is_taken(rule.outer, rule.head, head_named) ||
                       is_taken(rule.outer, rule.tail, tail_named))) {
    rule.outer.reset();
  }
  rule.wanted = options.categories.empty() ||
                std::ranges::find(options.categories, category.name) != options.categories.end();
  return rule;
}

void expect_keypoint(const Dataset& dataset,
                     const std::optional<std::string>& name,
                     const char* what) {
  if (!name) return;
  std::set<std::string> known;
  for (const Category& category : dataset.categories) {
    known.insert(category.keypoints.begin(), category.keypoints.end());
  }
  if (known.contains(*name)) return;
  throw Error(Errc::kArgument,
              {},
              fmt::format("no category has a key point {} ({}); there are: {}",
                          labelloom::quoted(*name),
                          what,
                          known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
}

void expect_categories(const Dataset& dataset, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (std::ranges::find(dataset.categories, name, &Category::name) != dataset.categories.end()) {
      continue;
    }
    std::vector<std::string> known;
    for (const Category& category : dataset.categories) known.push_back(category.name);
    throw Error(Errc::kArgument,
                {},
                fmt::format("there is no category {}; there are: {}",
                            labelloom::quoted(name),
                            fmt::join(known, ", ")));
  }
}

std::optional<Point2d> labelled_point(const Instance& instance, const Slot& slot) {
  if (!slot || *slot >= instance.keypoints.size()) return std::nullopt;
  const Keypoint& keypoint = instance.keypoints[*slot];
  if (keypoint.visibility == Visibility::kAbsent) return std::nullopt;
  return keypoint.point;
}

Point2d difference(Point2d a, Point2d b) { return {a.x - b.x, a.y - b.y}; }
Point2d middle(Point2d a, Point2d b) { return {(a.x + b.x) / 2, (a.y + b.y) / 2}; }

/// From tail to head as far as the key points say; the centroid stands for the one that is missing.
std::optional<Point2d> forward(const std::optional<Point2d>& head,
                               const std::optional<Point2d>& tail,
                               Point2d centroid) {
  if (!head && !tail) return std::nullopt;
  return difference(head.value_or(centroid), tail.value_or(centroid));
}

}  // namespace

std::vector<CategoryRule> category_rules(const Dataset& dataset, const MeasureOptions& options) {
  expect_categories(dataset, options.categories);
  expect_keypoint(dataset, options.rule.head, "head");
  expect_keypoint(dataset, options.rule.tail, "tail");
  expect_keypoint(dataset, options.rule.outer, "outer");
  std::vector<CategoryRule> rules;
  for (const Category& category : dataset.categories) {
    rules.push_back(category_rule(category, options));
  }
  return rules;
}

void set_configuration(ObjectMeasure& object,
                       const Moments& moments,
                       const Instance& instance,
                       const CategoryRule& rule,
                       const std::optional<AxisSide>& expected) {
  const PrincipalAxes axes = principal_axes(moments);
  object.area = moments.area;
  object.centroid = moments.centroid;
  object.length = axes.length;
  object.width = axes.width;
  object.elongation = axes.elongation;
  if (!(axes.elongation >= kLeastElongation)) return;
  object.axis_rad = axes.angle_rad;

  const auto head = labelled_point(instance, rule.head);
  const auto tail = labelled_point(instance, rule.tail);
  const auto along = forward(head, tail, moments.centroid);
  if (!along) return;
  Point2d axis{std::cos(axes.angle_rad), std::sin(axes.angle_rad)};
  const double agreement = axis.x * along->x + axis.y * along->y;
  if (agreement == 0) return;
  object.directed = true;
  if (agreement < 0) {
    axis = {-axis.x, -axis.y};
    *object.axis_rad += axes.angle_rad > 0 ? -std::numbers::pi : std::numbers::pi;
  }

  const auto outer = labelled_point(instance, rule.outer);
  if (!outer) return;
  const Point2d from = head && tail ? middle(*head, *tail) : moments.centroid;
  const Point2d to_outer = difference(*outer, from);
  // y grows down, so what the cross product calls positive is clockwise: to the right.
  object.outer_offset = axis.x * to_outer.y - axis.y * to_outer.x;
  if (*object.outer_offset == 0) return;
  object.outer_side = *object.outer_offset > 0 ? AxisSide::kRight : AxisSide::kLeft;
  if (!expected) return;
  object.placement = *object.outer_side == *expected ? ObjectMeasure::Placement::kCorrect
                                                     : ObjectMeasure::Placement::kWrong;
}

}  // namespace labelloom::detail
