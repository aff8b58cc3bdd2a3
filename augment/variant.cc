#include "augment/variant.h"

#include <algorithm>
#include <utility>

#include "augment/apply.h"
#include "augment/mask_pixels.h"
#include "augment/pixel_plan.h"
#include "augment/render.h"
#include "formats/json_text.h"

namespace labelloom::augment {
namespace {

/// The masks of the instances, in their order, and whose they are. A mask that has not the
/// picture's size cannot be moved with it: its instance goes on as a box.
struct OwnMasks {
  std::vector<const Instance*> owners;
  std::vector<cv::Mat> pixels;
};

OwnMasks own_masks(std::span<const Instance* const> instances, Size size) {
  OwnMasks masks;
  for (const Instance* instance : instances) {
    const Rle* mask = instance->mask();
    if (mask == nullptr || mask->size != size) continue;
    masks.owners.push_back(instance);
    masks.pixels.push_back(mask_pixels(*mask));
  }
  return masks;
}

/// Says which instance each rendered mask belongs to: first the picture's own, in their order, then
/// those that came with other images.
std::vector<RestoredMask> restored_masks(const Labels& labels,
                                         const std::vector<const Instance*>& owners,
                                         const std::vector<cv::Mat>& rendered) {
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

}  // namespace

std::string drawn_list(const Plan& plan) {
  std::string text = "[";
  for (const Step& step : plan.steps) {
    text += text.size() > 1 ? ",{\"transform\":" : "{\"transform\":";
    json::append_string(text, step.transform);
    if (!step.drawn.empty()) text += ',' + step.drawn;
    text += '}';
  }
  return text + ']';
}

Variant make_variant(const Pipeline& pipeline,
                     const SourceImage& source,
                     const RandomKey& key,
                     const Donors* donors,
                     const FlipPairs& pairs,
                     const VariantOptions& options) {
  const Size size{source.pixels.cols, source.pixels.rows};
  const Plan plan =
      pipeline.sample({size, source.instances, donors, source.index, options.outline}, key);
  OwnMasks masks = own_masks(source.instances, size);
  EncodedCanvas canvas = render_encoded(plan_pixels(plan, Fusion::kFull),
                                        {source.pixels, std::move(masks.pixels)},
                                        donors,
                                        options.encode);
  Labels labels = lay_out(source.instances, size, options.outline);
  apply(plan, labels, donors, options.outline);
  const auto moved = restored_masks(labels, masks.owners, canvas.masks);
  return {std::move(canvas.file),
          plan.out,
          restore(labels, moved, pairs, options.restore),
          drawn_list(plan)};
}

}  // namespace labelloom::augment
