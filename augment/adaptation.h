#pragma once

// What several transforms have in common when they read files of other dialects.

#include "augment/setting.h"
#include "augment/transform.h"

namespace labelloom::augment {

/// Albumentations 1 reflects pictures at their border where 2 fills with a colour.
void reflect_by_default(Settings& settings, Dialect dialect);

/// Albumentations 2 says `size` = (height, width) where 1 has two parameters.
void split_size(Settings& settings, Dialect dialect);

/// The range with the other sign: of a number, a pair.
[[nodiscard]] Setting negated(const Setting& range);

}  // namespace labelloom::augment
