#pragma once

#include <span>
#include <vector>

#include "select/boxmask.h"

namespace labelloom::select {

/// Scores a batch in one pass over its logits, in vectors, images side by side on all cores (of the
/// caller's TBB arena). `images`: logits of job.images; `crops`: the batches that boxes refer to.
/// @throws Error(kInvalidData) when the job does not fit the logits, see prepare().
[[nodiscard]] std::vector<ImageComponents> score_on_cpu(const ScoringJob& job,
                                                        const LogitBatch& images,
                                                        std::span<const LogitBatch> crops,
                                                        const ScoringOptions& options);

}  // namespace labelloom::select
