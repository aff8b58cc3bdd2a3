// A lens out of focus: the mean over a disc, and a little blur of its edge.

#include <opencv2/imgproc.hpp>

#include "augment/kernel.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class Defocus final : public Transform {
 public:
  struct Options {
    IntRange radius{3, 10};
    Range alias_blur{0.1, 0.5};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("radius",
            self.radius,
            FieldSpec{.doc = "of the disc, pixels",
                      .low = 1,
                      .high = 100,
                      .scalar = Scalar::kFrom,
                      .from = 1,
                      .aliases = {"radius_range"}});
      visit("alias_blur",
            self.alias_blur,
            FieldSpec{.doc = "standard deviation of the disc's edge, pixels",
                      .low = 0,
                      .high = 10,
                      .scalar = Scalar::kFrom,
                      .aliases = {"alias_blur_range"}});
    }
  };

  explicit Defocus(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const int radius = static_cast<int>(random.integer(options_.radius.low, options_.radius.high));
    const double sigma = random.uniform(options_.alias_blur.low, options_.alias_blur.high);
    draw.note("radius", radius);
    draw.note("alias_blur", sigma);
    draw.add(Filter{[radius, sigma](cv::Mat& bgr) {
      cv::Mat mean = disc_mean(bgr, radius);
      const int side = radius <= 8 ? 3 : 5;
      if (sigma > 0) cv::GaussianBlur(mean, mean, {side, side}, sigma, sigma);
      mean.convertTo(bgr, CV_8U, 1.0 / 256);
    }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry defocus() {
  return transform_entry<Defocus>(
      "Defocus", "Blurs as a lens out of focus does.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
