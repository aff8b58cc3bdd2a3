#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "augment/job.h"

namespace labelloom::augment {

/// What cannot be drawn for an image because of its size: one entry for the image when no variant
/// can be, otherwise one for each that cannot. No pixels are looked at. Where none of the first
/// `enough` variants is such a one, none is.
[[nodiscard]] std::vector<SkippedImage> unsuitable_variants(
    JobContext& context,
    std::size_t image,
    std::uint32_t enough = std::numeric_limits<std::uint32_t>::max());

/// To be asked before anything is written.
/// @throws PlanError naming the first image when a pipeline suits none of the set; with
/// options.strict, naming the shard's first for which a variant cannot be drawn.
void refuse_unsuitable(JobContext& context, const JobOptions& options);

}  // namespace labelloom::augment
