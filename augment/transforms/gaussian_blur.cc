// Gaussian blur: OpenCV's fixed-point one, which is the same on every machine.

#include <opencv2/imgproc.hpp>

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class GaussianBlur final : public Transform {
 public:
  struct Options {
    IntRange blur_limit{0, 0};
    Range sigma_limit{0.5, 3};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("blur_limit",
            self.blur_limit,
            FieldSpec{.doc = "side of the window in pixels, made odd; 0: wide enough for sigma",
                      .low = 0,
                      .high = 255,
                      .scalar = Scalar::kFrom,
                      .aliases = {"blur_range"}});
      visit("sigma_limit",
            self.sigma_limit,
            FieldSpec{.doc = "standard deviation in pixels; 0: what the window holds",
                      .low = 0,
                      .high = 36,
                      .scalar = Scalar::kFrom,
                      .aliases = {"sigma_range"}});
    }
  };

  explicit GaussianBlur(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double sigma = random.uniform(options_.sigma_limit.low, options_.sigma_limit.high);
    int side = static_cast<int>(random.integer(options_.blur_limit.low, options_.blur_limit.high));
    if (side == 0) side = 2 * static_cast<int>(3.5 * sigma);
    side |= 1;
    draw.note("sigma", sigma);
    draw.note("kernel", side);
    if (side == 1) return;
    draw.add(Filter{[side, sigma](cv::Mat& bgr) {
      cv::GaussianBlur(bgr, bgr, {side, side}, sigma, sigma);
    }});
  }

 private:
  Options options_;
};

/// Albumentations 1 draws the window and takes sigma from it.
void adapt(Settings& settings, Dialect dialect) {
  if (dialect != Dialect::kAlbumentations1) return;
  if (!settings.has("blur_limit")) settings.set("blur_limit", range_setting(3, 7));
  if (!settings.has("sigma_limit")) settings.set("sigma_limit", range_setting(0, 0));
}

}  // namespace

TransformEntry gaussian_blur() {
  return transform_entry<GaussianBlur>(
      "GaussianBlur", "Blurs with a Gaussian of random width.", TransformKind::kFilter, 0.5, adapt);
}

}  // namespace labelloom::augment
