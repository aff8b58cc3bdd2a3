#pragma once

#include <span>
#include <vector>

#include "select/boxmask_cuda.h"
#include "select/boxmask_job.h"

namespace labelloom::select {

/// What the C interface wants of a prepared job in another form, in host memory.
struct PackedJob {
  LabelloomBatch sizes = {};  ///< all numbers; no pointers, no logits
  std::vector<LabelloomBox> boxes;
  std::vector<LabelloomImage> images;
  std::vector<LabelloomKeypoint> keypoints;
  std::vector<unsigned char> ignored;
};

[[nodiscard]] PackedJob pack(const ScoringJob& job,
                             const PreparedJob& prepared,
                             const ScoringOptions& options);

/// What the sums say. `unions`: [images, union_words], empty unless they are kept.
[[nodiscard]] std::vector<ImageComponents> unpack(const PreparedJob& prepared,
                                                  const ScoringOptions& options,
                                                  std::span<const LabelloomBoxSums> boxes,
                                                  std::span<const LabelloomImageSums> images,
                                                  std::span<const unsigned> unions);

}  // namespace labelloom::select
