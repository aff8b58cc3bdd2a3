#pragma once

// What LongestMaxSize and SmallestMaxSize have in common.

#include <optional>
#include <vector>

#include "augment/transform.h"

namespace labelloom::augment {

/// Albumentations 2 writes null for the free one of max_size_hw, and for the parameter not used.
void adapt_max_size(Settings& settings, Dialect dialect);

/// @throws Error(kInvalidData) unless there are two sides, one of them not free.
void check_max_size_hw(const std::optional<std::vector<double>>& sides, const char* transform);

}  // namespace labelloom::augment
