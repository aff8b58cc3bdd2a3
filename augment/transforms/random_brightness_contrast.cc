// out = alpha in + beta: contrast and brightness.

#include <algorithm>

#include <opencv2/core.hpp>

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomBrightnessContrast final : public Transform {
 public:
  struct Options {
    Range brightness_limit{-0.2, 0.2};
    Range contrast_limit{-0.2, 0.2};
    bool brightness_by_max = true;
    bool ensure_safe_range = false;

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
      visit("ensure_safe_range",
            self.ensure_safe_range,
            FieldSpec{.doc = "weaken the change until no value can leave [0, 255]"});
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
    const bool safe = options_.ensure_safe_range;
    if (options_.brightness_by_max) {
      draw.add(tone(change(alpha, beta * 255, safe)));
      return;
    }
    draw.add(Filter{[alpha, beta, safe](cv::Mat& bgr) {
      const cv::Scalar mean = cv::mean(bgr);
      apply_curve(change(alpha, beta * (mean[0] + mean[1] + mean[2]) / 3, safe), bgr);
    }});
  }

 private:
  static Curve change(double alpha, double beta, bool safe) {
    if (!safe) return line(alpha, beta);
    // Both ends of the scale must stay inside: beta and 255 alpha + beta.
    const double safe_beta = std::clamp(beta, 0.0, 255.0);
    return line(std::clamp(alpha, -safe_beta / 255, (255 - safe_beta) / 255), safe_beta);
  }

  Options options_;
};

}  // namespace

TransformEntry random_brightness_contrast() {
  return transform_entry<RandomBrightnessContrast>(
      "RandomBrightnessContrast", "Changes brightness and contrast.", TransformKind::kColour);
}

}  // namespace labelloom::augment
