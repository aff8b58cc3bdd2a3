#pragma once

// Internal: a MeasureRule said in slots of each category, and what it makes of one object.

#include "convert/measure.h"
#include "convert/moments.h"

namespace labelloom::detail {

/// Slots of one category's key points.
struct CategoryRule {
  bool wanted = true;
  std::optional<std::size_t> head = {};
  std::optional<std::size_t> tail = {};
  std::optional<std::size_t> outer = {};
};

/// One rule for each of Dataset::categories.
/// @throws Error(kArgument) for names that no category has.
[[nodiscard]] std::vector<CategoryRule> category_rules(const Dataset& dataset,
                                                       const MeasureOptions& options);

/// Sets what the moments and key points say: axes, direction, outer side, placement.
void set_configuration(ObjectMeasure& object,
                       const Moments& moments,
                       const Instance& instance,
                       const CategoryRule& rule,
                       const std::optional<AxisSide>& expected);

}  // namespace labelloom::detail
