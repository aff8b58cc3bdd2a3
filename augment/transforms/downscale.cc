// Makes the picture smaller and large again: detail goes, the size stays.

#include <algorithm>
#include <cmath>
#include <string>

#include <opencv2/imgproc.hpp>

#include "augment/adapting.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// OpenCV's plain nearest neighbour takes a block's top left pixel, which shifts the picture
/// against its labels; the exact one takes the middle.
int flag(Interpolation interpolation) {
  return interpolation == Interpolation::kNearest ? static_cast<int>(cv::INTER_NEAREST_EXACT)
                                                  : static_cast<int>(interpolation);
}

class Downscale final : public Transform {
 public:
  struct Options {
    Range scale_range{0.25, 0.25};
    Interpolation downscale = Interpolation::kNearest;
    Interpolation upscale = Interpolation::kNearest;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("scale_range",
            self.scale_range,
            FieldSpec{.doc = "the small picture's size as a share", .low = 0.001, .high = 1});
      visit("downscale_interpolation", self.downscale, kInterpolationSpec);
      visit("upscale_interpolation", self.upscale, kInterpolationSpec);
    }
  };

  explicit Downscale(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const double scale = random.uniform(options_.scale_range.low, options_.scale_range.high);
    draw.note("scale", scale);
    const auto shrink = [scale](int side) {
      return std::max(1, static_cast<int>(std::lround(side * scale)));
    };
    const cv::Size small(shrink(scene.size.width), shrink(scene.size.height));
    draw.add(
        Filter{[small, down = flag(options_.downscale), up = flag(options_.upscale)](cv::Mat& bgr) {
          cv::Mat reduced;
          cv::resize(bgr, reduced, small, 0, 0, down);
          cv::resize(reduced, bgr, bgr.size(), 0, 0, up);
        }});
  }

 private:
  Options options_;
};

/// Files have the two interpolations as an object; version 1 also one for both, or null.
void adapt(Settings& settings, Dialect /*dialect*/) {
  join_ends(settings, "scale_min", "scale_max", "scale_range", {0.25, 0.25});
  settings.rename("interpolation", "interpolation_pair");
  const Setting pair = settings.take("interpolation_pair");
  if (pair.is_null()) return;
  const bool both = pair.as<Setting::Members>() == nullptr;
  for (const char* way : {"downscale", "upscale"}) {
    const Setting* one = both ? &pair : pair.find(way);
    if (one != nullptr) settings.set(std::string(way) + "_interpolation", *one);
  }
}

}  // namespace

TransformEntry downscale() {
  return transform_entry<Downscale>(
      "Downscale", "Lowers the resolution and keeps the size.", TransformKind::kFilter, 0.5, adapt);
}

}  // namespace labelloom::augment
