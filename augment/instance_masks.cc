#include "augment/instance_masks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace labelloom::augment {

OwnMasks own_masks(std::span<const Instance* const> instances, Size size) {
  OwnMasks masks;
  for (const Instance* instance : instances) {
    const Rle* mask = instance->mask();
    if (mask == nullptr || mask->size != size) continue;
    masks.owners.push_back(instance);
    masks.pixels.push_back(mask_window(*mask));
  }
  return masks;
}

std::vector<RestoredMask> restored_masks(const Labels& labels,
                                         const std::vector<const Instance*>& owners,
                                         const std::vector<MaskWindow>& rendered) {
  std::vector<RestoredMask> restored;
  std::size_t foreign = owners.size();
  for (std::uint32_t i = 0; i < labels.instances.size(); ++i) {
    const Tracked& tracked = labels.instances[i];
    if (tracked.source->mask() == nullptr) continue;
    std::size_t index = 0;
    if (tracked.image == View::kSelf) {
      const auto found = std::ranges::find(owners, tracked.source);
      if (found == owners.end()) continue;
      index = static_cast<std::size_t>(found - owners.begin());
    } else {
      index = foreign++;
    }
    if (index < rendered.size()) restored.push_back({i, mask_runs(rendered[index])});
  }
  return restored;
}

}  // namespace labelloom::augment
