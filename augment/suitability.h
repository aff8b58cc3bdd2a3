#pragma once

#include <vector>

#include "augment/job.h"

namespace labelloom::augment {

/// What no variant or no one variant can be drawn for because of an image's size: one entry for the
/// image, or one for each such variant. No pixels are looked at.
[[nodiscard]] std::vector<SkippedImage> unsuitable_variants(JobContext& context, std::size_t image);

/// To be asked before anything is written.
/// @throws PlanError naming the first image when a pipeline suits none of the set; with
/// options.strict, naming the shard's first for which a variant cannot be drawn.
void refuse_unsuitable(JobContext& context, const JobOptions& options);

}  // namespace labelloom::augment
