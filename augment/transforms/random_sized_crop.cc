// A crop of random height, stretched to a given size.

#include <algorithm>

#include "augment/adaptation.h"
#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomSizedCrop final : public Transform {
 public:
  struct Options {
    IntRange min_max_height{1, 1};
    int height = 0;
    int width = 0;
    double w2h_ratio = 1;
    Resizing resizing;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("min_max_height",
            self.min_max_height,
            FieldSpec{.doc = "height of the crop; no more than the picture has",
                      .low = 1,
                      .high = 32767,
                      .required = true});
      visit("height",
            self.height,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      visit("width",
            self.width,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      visit("w2h_ratio",
            self.w2h_ratio,
            FieldSpec{.doc = "width of the crop / its height", .low = 0.001, .high = 1000});
      Resizing::fields(self.resizing, visit);
    }
  };

  explicit RandomSizedCrop(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const IntRange& range = options_.min_max_height;
    const auto drawn = static_cast<int>(random.integer(range.low, range.high));
    const int height = std::min(drawn, scene.size.height);
    const int width = std::clamp(static_cast<int>(drawn * options_.w2h_ratio), 1, scene.size.width);
    const int x = static_cast<int>(random.integer(0, scene.size.width - width));
    const int y = static_cast<int>(random.integer(0, scene.size.height - height));
    draw.note("x_min", x);
    draw.note("y_min", y);
    draw.note("crop_width", width);
    draw.note("crop_height", height);
    draw.add(cropped({x, y, width, height}, scene.size));
    draw.add(resized({width, height}, {options_.width, options_.height}, options_.resizing));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry random_sized_crop() {
  return transform_entry<RandomSizedCrop>(
      "RandomSizedCrop",
      "Cuts out a part of random height and stretches it to a given size.",
      TransformKind::kProjective,
      1,
      split_size);
}

}  // namespace labelloom::augment
