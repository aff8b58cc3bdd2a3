#pragma once

#include <span>
#include <vector>

#include "select/boxmask.h"

namespace labelloom::select {

/// The terms of a box straight from the paper's equations.
struct ReferenceBox {
  std::size_t mask_cells = 0;
  bool empty_mask = false;       ///< everything is over the whole domain
  double location = 0;           ///< Eq. 1
  double classes = 0;            ///< Eq. 2
  double pixels_from_box = 0;    ///< mean KL(p||q)
  double jensen_shannon = 0;     ///< mean JS / ln 2
  double keypoints_outside = 0;  ///< how many
};

struct ReferenceImage {
  std::size_t outside_cells = 0;  ///< |BM'|
  double indicator = 0;           ///< Eq. 3
  double probability = 0;         ///< Eq. 3 with probabilities
  double score = 0;               ///< Algorithm 1: Eq. 3 + max over boxes of (Eq. 1 + Eq. 2)
  std::vector<ReferenceBox> boxes;
};

/// What the others are compared with: slow, in double precision, all of softmax, masks and
/// divergences written out. Logits have to be finite.
[[nodiscard]] std::vector<ReferenceImage> score_plainly(const ScoringJob& job,
                                                        const LogitBatch& images,
                                                        std::span<const LogitBatch> crops,
                                                        const ScoringOptions& options);

}  // namespace labelloom::select
