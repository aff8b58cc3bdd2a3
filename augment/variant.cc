#include "augment/variant.h"

#include <utility>

#include "augment/apply.h"
#include "augment/instance_masks.h"
#include "augment/pixel_plan.h"
#include "augment/render.h"
#include "formats/json_text.h"

namespace labelloom::augment {
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
