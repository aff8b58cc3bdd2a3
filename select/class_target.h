#pragma once

#include <span>
#include <vector>

#include "select/boxmask_options.h"

namespace labelloom::select {

/// Classes of boxes among those of the segmentation.
struct ClassMap {
  int seg_classes = 0;            ///< C
  std::vector<int> seg_of_class;  ///< [K] index below C, or -1
};

/// [C] 1 for classes that boxes can have, else 0: ScoringJob::detectable.
/// @throws Error(kInvalidData) for an index that is not below C.
[[nodiscard]] std::vector<std::uint8_t> detectable_classes(const ClassMap& map);

/// q of Eq. 2, [C], sum 1: q_k = (1 - (C - D) epsilon) p_k for the D classes boxes can have,
/// epsilon for the others and epsilon at least, then divided by their sum. Classes of boxes that
/// share a class of the segmentation are added; the mass of classes without one is dropped.
/// `class_probabilities`: [K], or [K + 1] with the background's as the last; need not sum to 1 (the
/// sigmoids of a detector without softmax are divided by their sum). All zero: evenly.
/// @throws Error(kInvalidData) for a wrong length, a negative number, or one that is not finite.
[[nodiscard]] std::vector<float> class_target(std::span<const float> class_probabilities,
                                              const ClassMap& map,
                                              const ScoringOptions& options);

}  // namespace labelloom::select
