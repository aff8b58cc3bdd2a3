// Objects cut out of other pictures and laid over this one (Ghiasi et al., Simple Copy-Paste,
// CVPR 2021).

#include <algorithm>
#include <cmath>

#include "augment/donor_choice.h"
#include "augment/donors.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class CopyPaste final : public Transform {
 public:
  struct Options {
    IntRange objects_range{1, 3};
    Range scale_range{1, 1};
    std::string blend_mode = "hard";
    Range blend_sigma_range{1, 3};
    double min_visibility_after_paste = 0.05;
    double min_paste_area = 1;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("objects_range",
            self.objects_range,
            FieldSpec{.doc = "how many objects are pasted",
                      .low = 0,
                      .high = 100,
                      .scalar = Scalar::kPoint});
      visit("scale_range",
            self.scale_range,
            FieldSpec{.doc = "factor of an object's size", .low = 0.01, .high = 100});
      visit("blend_mode",
            self.blend_mode,
            FieldSpec{.doc = "edges as cut, or softened", .choices = {"hard", "gaussian"}});
      visit("blend_sigma_range",
            self.blend_sigma_range,
            FieldSpec{.doc = "softness of the edge in pixels", .low = 0, .high = 100});
      visit("min_visibility_after_paste",
            self.min_visibility_after_paste,
            FieldSpec{.doc = "an object of which less is left is removed", .low = 0, .high = 1});
      visit("min_paste_area",
            self.min_paste_area,
            FieldSpec{.doc = "smallest object to paste, square pixels", .low = 0});
    }
  };

  explicit CopyPaste(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const std::int64_t count =
        random.integer(options_.objects_range.low, options_.objects_range.high);
    int pasted = 0;
    for (std::int64_t i = 0; i < count; ++i) pasted += paste(scene, random, draw) ? 1 : 0;
    if (pasted > 0) draw.note("objects", pasted);
  }

 private:
  /// One object; false when the donor drawn has none that can be cut out.
  bool paste(const Scene& scene, Random& random, Draw& draw) const {
    const auto donor = draw_donor(scene, random);
    if (!donor) return false;
    const auto instances = scene.donors->instances(*donor);
    std::vector<std::uint32_t> candidates;
    for (std::uint32_t k = 0; k < instances.size(); ++k) {
      if (can_be_cut_out(*instances[k])) candidates.push_back(k);
    }
    if (candidates.empty()) return false;
    const auto last = static_cast<std::int64_t>(candidates.size()) - 1;
    const std::uint32_t chosen = candidates[static_cast<std::size_t>(random.integer(0, last))];
    const Box seen = clip_to_frame(instances[chosen]->bbox, scene.donors->size(*donor));
    if (!(seen.width > 0 && seen.height > 0)) return false;
    double scale = random.uniform(options_.scale_range.low, options_.scale_range.high);
    // Too large an object shrinks until it fits.
    scale = std::min({scale, scene.size.width / seen.width, scene.size.height / seen.height});
    const double x = random.uniform(0, scene.size.width - scale * seen.width);
    const double y = random.uniform(0, scene.size.height - scale * seen.height);
    Paste effect;
    effect.other = {*donor,
                    translation(x, y) * scaling(scale, scale) * translation(-seen.x, -seen.y)};
    effect.instances = {chosen};
    effect.min_visibility = options_.min_visibility_after_paste;
    if (options_.blend_mode == "gaussian") {
      effect.edge_sigma =
          random.uniform(options_.blend_sigma_range.low, options_.blend_sigma_range.high);
    }
    draw.add(effect);
    return true;
  }

  bool can_be_cut_out(const Instance& instance) const {
    const bool has_shape = instance.mask() != nullptr || !instance.rings.empty();
    return has_shape && !instance.iscrowd && instance.area >= options_.min_paste_area;
  }

  Options options_;
};

}  // namespace

TransformEntry copy_paste() {
  return transform_entry<CopyPaste>("CopyPaste",
                                    "Pastes objects cut out of other pictures of the set.",
                                    TransformKind::kMultiImage);
}

}  // namespace labelloom::augment
