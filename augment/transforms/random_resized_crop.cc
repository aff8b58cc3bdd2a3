// A crop of random area and shape, stretched to a given size.

#include <algorithm>
#include <cmath>

#include "augment/adaptation.h"
#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomResizedCrop final : public Transform {
 public:
  struct Options {
    int height = 0;
    int width = 0;
    Range scale{0.08, 1};
    Range ratio{0.75, 4.0 / 3};
    Resizing resizing;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("height",
            self.height,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      visit("width",
            self.width,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      visit("scale",
            self.scale,
            FieldSpec{.doc = "area of the crop, as a share of the picture's",
                      .low = 1e-4,
                      .high = 1,
                      .scalar = Scalar::kFrom,
                      .from = 1});
      visit("ratio", self.ratio, FieldSpec{.doc = "width / height", .low = 0.01, .high = 100});
      Resizing::fields(self.resizing, visit);
    }
  };

  explicit RandomResizedCrop(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const PixelRect rect = draw_rect(scene.size, random);
    draw.note("x_min", rect.x);
    draw.note("y_min", rect.y);
    draw.note("crop_width", rect.width);
    draw.note("crop_height", rect.height);
    draw.add(cropped(rect, scene.size));
    draw.add(
        resized({rect.width, rect.height}, {options_.width, options_.height}, options_.resizing));
  }

 private:
  PixelRect draw_rect(Size size, Random& random) const {
    constexpr int kAttempts = 10;
    const double area = static_cast<double>(size.width) * size.height;
    for (int i = 0; i < kAttempts; ++i) {
      const double wanted = random.uniform(options_.scale.low, options_.scale.high) * area;
      const double ratio =
          std::exp(random.uniform(std::log(options_.ratio.low), std::log(options_.ratio.high)));
      const int width = static_cast<int>(std::lround(std::sqrt(wanted * ratio)));
      const int height = static_cast<int>(std::lround(std::sqrt(wanted / ratio)));
      if (width < 1 || height < 1 || width > size.width || height > size.height) continue;
      const int x = static_cast<int>(random.integer(0, size.width - width));
      return {x, static_cast<int>(random.integer(0, size.height - height)), width, height};
    }
    // The largest crop from the middle whose shape is allowed.
    const double ratio = std::clamp(
        static_cast<double>(size.width) / size.height, options_.ratio.low, options_.ratio.high);
    const int width = std::clamp(static_cast<int>(std::lround(size.height * ratio)), 1, size.width);
    const int height =
        std::clamp(static_cast<int>(std::lround(size.width / ratio)), 1, size.height);
    return {(size.width - width) / 2, (size.height - height) / 2, width, height};
  }

  Options options_;
};

}  // namespace

TransformEntry random_resized_crop() {
  return transform_entry<RandomResizedCrop>(
      "RandomResizedCrop",
      "Cuts out a random part and stretches it to a given size.",
      TransformKind::kProjective,
      1,
      split_size);
}

}  // namespace labelloom::augment
