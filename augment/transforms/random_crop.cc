// A crop of a given size anywhere in the picture.

#include "augment/frames.h"
#include "augment/padding.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomCrop final : public Transform {
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

  explicit RandomCrop(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const Size wanted{options_.width, options_.height};
    const PixelRect all = options_.padding.padded(scene.size, wanted, "RandomCrop", random);
    const int x = all.x + static_cast<int>(random.integer(0, all.width - wanted.width));
    const int y = all.y + static_cast<int>(random.integer(0, all.height - wanted.height));
    draw.note("x_min", x);
    draw.note("y_min", y);
    draw.add(cropped({x, y, wanted.width, wanted.height}, scene.size, options_.padding.sampling()));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry random_crop() {
  return transform_entry<RandomCrop>(
      "RandomCrop", "Cuts out a part of a given size.", TransformKind::kExactMove, 1);
}

}  // namespace labelloom::augment
