#pragma once

#include "augment/donors.h"
#include "augment/point_set.h"

namespace labelloom::augment {

// What effects that mix pictures do to the annotations. Instances of the picture come first, then
// those of the other images, in the order in which the effect names them; `render` keeps masks in
// the same order.

void apply(const Collage& effect, Labels& labels, const Donors& donors, BoxOutline outline);
void apply(const Blend& effect, Labels& labels, const Donors& donors, BoxOutline outline);
/// What is pasted, along its rings or masks, cuts rings and box outlines of what lies under it; key
/// points there are hidden.
/// Self-intersecting rings stay whole: they have no one difference.
void apply(const Paste& effect, Labels& labels, const Donors& donors, BoxOutline outline);

/// The instances of `all` that a Paste names.
[[nodiscard]] std::vector<const Instance*> chosen(const Paste& effect, const Donors& donors);

}  // namespace labelloom::augment
