// out = alpha in + beta: contrast and brightness.

#include <opencv2/core.hpp>

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomBrightnessContrast final : public Transform {
 public:
  struct Options {
    Range brightness_limit{-0.2, 0.2};
    Range contrast_limit{-0.2, 0.2};
    bool brightness_by_max = true;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("brightness_limit",
            self.brightness_limit,
            FieldSpec{.doc = "added, as a share of full scale",
                      .low = -1,
                      .high = 1,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"brightness_range"}});
      visit("contrast_limit",
            self.contrast_limit,
            FieldSpec{.doc = "the factor is 1 + this",
                      .low = -1,
                      .high = 10,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"contrast_range"}});
      visit("brightness_by_max",
            self.brightness_by_max,
            FieldSpec{.doc = "full scale is 255; else the picture's mean"});
    }
  };

  explicit RandomBrightnessContrast(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double alpha =
        1 + random.uniform(options_.contrast_limit.low, options_.contrast_limit.high);
    const double beta =
        random.uniform(options_.brightness_limit.low, options_.brightness_limit.high);
    draw.note("alpha", alpha);
    draw.note("beta", beta);
    if (options_.brightness_by_max) {
      const Curve curve = [alpha, beta](double value) { return alpha * value + beta * 255; };
      draw.add(Tone{{curve, curve, curve}});
      return;
    }
    draw.add(Filter{[alpha, beta](cv::Mat& bgr) {
      const cv::Scalar mean = cv::mean(bgr);
      const double level = (mean[0] + mean[1] + mean[2]) / 3;
      bgr.convertTo(bgr, -1, alpha, beta * level);
    }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry random_brightness_contrast() {
  return transform_entry<RandomBrightnessContrast>(
      "RandomBrightnessContrast", "Changes brightness and contrast.", TransformKind::kColour);
}

}  // namespace labelloom::augment
