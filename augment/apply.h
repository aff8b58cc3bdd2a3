#pragma once

#include "augment/donors.h"
#include "augment/point_set.h"

namespace labelloom::augment {

/// Does to the annotations what the effect does to the pixels. Maps move every point; straight
/// edges under curved maps are divided until they bend as their pixels do (to 0.1 px); then all is
/// cut at the new frame. Mirroring maps are noted by the sign of their determinant.
/// `donors` may be null when no effect mixes images.
void apply(const Effect& effect, Labels& labels, const Donors* donors, BoxOutline outline);

/// All effects of all steps, in order.
void apply(const Plan& plan, Labels& labels, const Donors* donors, BoxOutline outline);

}  // namespace labelloom::augment
