#pragma once

#include <string>

#include "augment/transform.h"

namespace labelloom::augment {

/// A table of all transforms, a line each: name, kind, summary.
[[nodiscard]] std::string describe_transforms();

/// All there is to know about one: every parameter with type, default, bounds, other names and
/// meaning, and how a pipeline says it.
[[nodiscard]] std::string describe_transform(const TransformEntry& entry);

}  // namespace labelloom::augment
