#pragma once

// Masks of instances on their way through a plan: pixels before, runs after.

#include <span>
#include <vector>

#include "augment/mask_window.h"
#include "augment/point_set.h"
#include "augment/restore.h"

namespace labelloom::augment {

/// The masks of a picture's instances, in their order, and whose they are. A mask that has not the
/// picture's size cannot be moved with it: its instance goes on as a box.
struct OwnMasks {
  std::vector<const Instance*> owners;
  std::vector<MaskWindow> pixels;
};

[[nodiscard]] OwnMasks own_masks(std::span<const Instance* const> instances, Size size);

/// Says which instance each rendered mask belongs to: first the picture's own, in their order, then
/// those that came with other images.
[[nodiscard]] std::vector<RestoredMask> restored_masks(const Labels& labels,
                                                       const std::vector<const Instance*>& owners,
                                                       const std::vector<MaskWindow>& rendered);

}  // namespace labelloom::augment
