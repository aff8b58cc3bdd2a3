// A random crop that cuts no box, stretched to a given size.

#include "augment/adaptation.h"
#include "augment/box_safe_rect.h"
#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomSizedBBoxSafeCrop final : public Transform {
 public:
  struct Options {
    int height = 0;
    int width = 0;
    double erosion_rate = 0;
    Resizing resizing;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("height",
            self.height,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      visit("width",
            self.width,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      visit(
          "erosion_rate",
          self.erosion_rate,
          FieldSpec{.doc = "share of each side of a box that may be cut off", .low = 0, .high = 1});
      Resizing::fields(self.resizing, visit);
    }
  };

  explicit RandomSizedBBoxSafeCrop(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const PixelRect rect = box_safe_rect(scene, options_.erosion_rate, random);
    draw.note("x_min", rect.x);
    draw.note("y_min", rect.y);
    draw.note("crop_width", rect.width);
    draw.note("crop_height", rect.height);
    draw.add(cropped(rect, scene.size));
    draw.add(
        resized({rect.width, rect.height}, {options_.width, options_.height}, options_.resizing));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry random_sized_bbox_safe_crop() {
  return transform_entry<RandomSizedBBoxSafeCrop>(
      "RandomSizedBBoxSafeCrop",
      "Cuts out a part that has all boxes and stretches it to a given size.",
      TransformKind::kProjective,
      1,
      split_size);
}

}  // namespace labelloom::augment
