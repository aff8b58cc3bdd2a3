// A crop of a given size from the middle.

#include "augment/frames.h"
#include "augment/padding.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class CenterCrop final : public Transform {
 public:
  struct Options {
    int height = 0;
    int width = 0;
    CropPadding padding;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("height",
            self.height,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      visit("width",
            self.width,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      CropPadding::fields(self.padding, visit);
    }
  };

  explicit CenterCrop(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const Size wanted{options_.width, options_.height};
    const PixelRect all = options_.padding.padded(scene.size, wanted, "CenterCrop", random);
    const int x = all.x + (all.width - wanted.width) / 2;
    const int y = all.y + (all.height - wanted.height) / 2;
    draw.add(cropped({x, y, wanted.width, wanted.height}, scene.size, options_.padding.sampling()));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry center_crop() {
  return transform_entry<CenterCrop>(
      "CenterCrop", "Cuts out the middle.", TransformKind::kExactMove, 1);
}

}  // namespace labelloom::augment
