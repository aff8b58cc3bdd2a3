// Pads until the picture has at least a given size.

#include <algorithm>
#include <optional>
#include <string>

#include "augment/adaptation.h"
#include "augment/frames.h"
#include "augment/padding.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class PadIfNeeded final : public Transform {
 public:
  struct Options {
    std::optional<int> min_height = 1024;
    std::optional<int> min_width = 1024;
    std::optional<int> pad_height_divisor;
    std::optional<int> pad_width_divisor;
    std::string position = "center";
    Border border = Border::kConstant;
    Rgb fill;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      const FieldSpec least{.doc = "pixels", .low = 1, .high = 32767};
      const FieldSpec divisor{
          .doc = "pad to a multiple of this, instead of a least size", .low = 1, .high = 32767};
      visit("min_height", self.min_height, least);
      visit("min_width", self.min_width, least);
      visit("pad_height_divisor", self.pad_height_divisor, divisor);
      visit("pad_width_divisor", self.pad_width_divisor, divisor);
      visit("position", self.position, kPositionSpec);
      visit("border_mode", self.border, kBorderSpec);
      visit("fill", self.fill, kFillSpec);
    }
  };

  explicit PadIfNeeded(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const Size wanted{padded(scene.size.width, options_.min_width, options_.pad_width_divisor),
                      padded(scene.size.height, options_.min_height, options_.pad_height_divisor)};
    if (wanted == scene.size) return;
    const PixelRect rect = frame_around(scene.size, wanted, options_.position, random);
    draw.note("left", -rect.x);
    draw.note("top", -rect.y);
    draw.add(cropped(rect, scene.size, {Interpolation::kLinear, options_.border, options_.fill}));
  }

 private:
  static int padded(int side, std::optional<int> least, std::optional<int> divisor) {
    if (divisor) return (side + *divisor - 1) / *divisor * *divisor;
    return std::max(side, least.value_or(side));
  }

  Options options_;
};

}  // namespace

TransformEntry pad_if_needed() {
  return transform_entry<PadIfNeeded>("PadIfNeeded",
                                      "Pads to a given size at least.",
                                      TransformKind::kExactMove,
                                      1,
                                      reflect_by_default);
}

}  // namespace labelloom::augment
