// A random crop that cuts no box.

#include "augment/box_safe_rect.h"
#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class BBoxSafeRandomCrop final : public Transform {
 public:
  struct Options {
    double erosion_rate = 0;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit(
          "erosion_rate",
          self.erosion_rate,
          FieldSpec{.doc = "share of each side of a box that may be cut off", .low = 0, .high = 1});
    }
  };

  explicit BBoxSafeRandomCrop(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const PixelRect rect = box_safe_rect(scene, options_.erosion_rate, random);
    draw.note("x_min", rect.x);
    draw.note("y_min", rect.y);
    draw.note("crop_width", rect.width);
    draw.note("crop_height", rect.height);
    draw.add(cropped(rect, scene.size));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry bbox_safe_random_crop() {
  return transform_entry<BBoxSafeRandomCrop>(
      "BBoxSafeRandomCrop", "Cuts out a part that has all boxes.", TransformKind::kExactMove, 1);
}

}  // namespace labelloom::augment
