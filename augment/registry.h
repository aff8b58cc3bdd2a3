#pragma once

#include <span>
#include <string_view>

#include "augment/transform.h"

namespace labelloom::augment {

/// All transforms, by name.
[[nodiscard]] std::span<const TransformEntry> transforms();

/// Null when there is none of that name.
[[nodiscard]] const TransformEntry* find_transform(std::string_view name);

/// Of the names in the table, the one most like `name` (edit distance), for messages.
[[nodiscard]] std::string_view nearest_transform(std::string_view name);

}  // namespace labelloom::augment
