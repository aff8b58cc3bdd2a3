// Brightness, contrast, saturation and hue, in random order, as torchvision changes them.

#include <array>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

void adapt(Settings& settings, Dialect dialect) {
  if (dialect == Dialect::kAlbumentations1 && !settings.has("hue")) {
    settings.set("hue", range_setting(-0.2, 0.2));
  }
}

class ColorJitter final : public Transform {
 public:
  struct Options {
    Range brightness{0.8, 1.2};
    Range contrast{0.8, 1.2};
    Range saturation{0.8, 1.2};
    Range hue{-0.5, 0.5};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("brightness",
            self.brightness,
            FieldSpec{.doc = "factor; one number r is 1 - r to 1 + r",
                      .low = 0,
                      .high = 100,
                      .scalar = Scalar::kAroundOne,
                      .aliases = {"brightness_range"}});
      visit("contrast",
            self.contrast,
            FieldSpec{.doc = "factor about the mean of the grey picture",
                      .low = 0,
                      .high = 100,
                      .scalar = Scalar::kAroundOne,
                      .aliases = {"contrast_range"}});
      visit("saturation",
            self.saturation,
            FieldSpec{.doc = "factor: 0 is grey",
                      .low = 0,
                      .high = 100,
                      .scalar = Scalar::kAroundOne,
                      .aliases = {"saturation_range"}});
      visit("hue",
            self.hue,
            FieldSpec{.doc = "added to the hue, as a share of the circle",
                      .low = -0.5,
                      .high = 0.5,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"hue_range"}});
    }
  };

  explicit ColorJitter(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const auto uniform = [&](const Range& range) { return random.uniform(range.low, range.high); };
    const double brightness = uniform(options_.brightness);
    const double contrast = uniform(options_.contrast);
    const double saturation = uniform(options_.saturation);
    const double hue = uniform(options_.hue);
    draw.note("brightness", brightness);
    draw.note("contrast", contrast);
    draw.note("saturation", saturation);
    draw.note("hue", hue);
    std::string order = "bcsh";
    for (std::size_t i = order.size() - 1; i > 0; --i) {  // Fisher and Yates
      std::swap(order[i], order[static_cast<std::size_t>(random.integer(0, std::int64_t(i)))]);
    }
    draw.note("order", order);
    for (const char operation : order) {
      // What changes nothing must not stand between effects that fuse.
      if (operation == 'b' && brightness != 1) draw.add(tone(line(brightness, 0)));
      if (operation == 'c' && contrast != 1) draw.add(change_contrast(contrast));
      if (operation == 's' && saturation != 1) draw.add(change_saturation(saturation));
      if (operation == 'h' && hue != 0) draw.add(HsvShift{.hue = 180 * hue});
    }
  }

 private:
  static Filter change_contrast(double factor) {
    return {[factor](cv::Mat& bgr) {
      cv::Mat grey;
      cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
      apply_curve(line(factor, (1 - factor) * cv::mean(grey)[0]), bgr);
    }};
  }

  static ColourMatrix change_saturation(double factor) {
    constexpr std::array<double, 3> kGrey{0.299, 0.587, 0.114};
    ColourMatrix matrix{{}};
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        matrix.m[row * 4 + column] = (1 - factor) * kGrey[column] + (row == column ? factor : 0);
      }
    }
    return matrix;
  }

  Options options_;
};

}  // namespace

TransformEntry color_jitter() {
  return transform_entry<ColorJitter>(
      "ColorJitter",
      "Changes brightness, contrast, saturation and hue in random order.",
      TransformKind::kColour,
      0.5,
      adapt);
}

}  // namespace labelloom::augment
