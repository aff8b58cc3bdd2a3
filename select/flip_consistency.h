#pragma once

#include "select/cell_statistics.h"

namespace labelloom::select {

/// How a picture's segmentation p and that of its mirror image, mirrored back, p', agree: EquAL
/// (Golestaneh and Kitani, Importance of Self-Consistency in Active Learning for Semantic
/// Segmentation, 2020) over whole pictures.
struct FlipConsistency {
  double divergence = 0;  ///< mean of KL(p||p') over the cells, nats; NaN if a logit is no number
  double entropy = 0;     ///< mean entropy of (p + p') / 2, nats
};

/// `mirrored`: the logits of the mirror image, as large as the picture's; column c of one is column
/// width - 1 - c of the other. Its `valid` is not looked at.
/// @throws Error(kInvalidData) if classes or sizes differ.
[[nodiscard]] FlipConsistency flip_consistency(const PictureLogits& picture,
                                               const PictureLogits& mirrored);

}  // namespace labelloom::select
