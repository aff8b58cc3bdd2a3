// A crop at given coordinates. What of it lies outside the picture is left away, where
// Albumentations fails, unless the picture is to be padded.

#include <algorithm>

#include <fmt/format.h>

#include "augment/frames.h"
#include "augment/padding.h"
#include "augment/transform_table.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

class Crop final : public Transform {
 public:
  struct Options {
    int x_min = 0;
    int y_min = 0;
    int x_max = 1024;
    int y_max = 1024;
    CropPadding padding;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      const FieldSpec from{.doc = "first pixel", .low = 0, .high = 1e6};
      const FieldSpec to{.doc = "one past the last pixel", .low = 1, .high = 1e6};
      visit("x_min", self.x_min, from);
      visit("y_min", self.y_min, from);
      visit("x_max", self.x_max, to);
      visit("y_max", self.y_max, to);
      CropPadding::fields(self.padding, visit);
    }
  };

  explicit Crop(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    PixelRect all{0, 0, scene.size.width, scene.size.height};
    const CropPadding& padding = options_.padding;
    if (padding.pad_if_needed) {
      all = padding.padded(scene.size, {options_.x_max, options_.y_max}, "Crop", random);
    }
    const int right = std::min(options_.x_max, all.width);
    const int bottom = std::min(options_.y_max, all.height);
    if (right <= options_.x_min || bottom <= options_.y_min) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("Crop: [{}, {}) x [{}, {}) has no pixel of a picture of {} x {}",
                              options_.x_min,
                              options_.x_max,
                              options_.y_min,
                              options_.y_max,
                              scene.size.width,
                              scene.size.height));
    }
    const PixelRect rect{all.x + options_.x_min,
                         all.y + options_.y_min,
                         right - options_.x_min,
                         bottom - options_.y_min};
    draw.add(cropped(rect, scene.size, padding.sampling()));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry crop() {
  return transform_entry<Crop>("Crop", "Cuts out given coordinates.", TransformKind::kExactMove, 1);
}

}  // namespace labelloom::augment
