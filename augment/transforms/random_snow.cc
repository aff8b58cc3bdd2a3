// Snow: dark places bleached, or a snowy texture with glitter.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "augment/adapting.h"
#include "augment/hls.h"
#include "augment/noise.h"
#include "augment/rounded.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

struct Snow {
  double amount = 0;
  double brightness = 1;
  std::uint64_t key = 0;
};

/// Lightness below a threshold is multiplied.
void bleach(cv::Mat& bgr, const Snow& snow) {
  const auto threshold = static_cast<float>(snow.amount / 2 + 1.0 / 3);
  const auto factor = static_cast<float>(snow.brightness);
  for (int y = 0; y < bgr.rows; ++y) {
    auto* pixel = bgr.ptr<std::uint8_t>(y);
    for (int x = 0; x < bgr.cols; ++x, pixel += 3) {
      Hls hls = hls_of(pixel);
      if (hls.lightness >= threshold) continue;
      hls.lightness *= factor;
      set_pixel(pixel, hls);
    }
  }
}

/// One cell in a hundred is a flake. Flakes grow with the picture, about two pixels in one of 720
/// rows, and have soft edges.
cv::Mat flakes(cv::Size size, std::uint64_t key) {
  const int cell =
      std::max(1, static_cast<int>(std::lround(std::min(size.width, size.height) / 360.0)));
  cv::Mat mask((size.height + cell - 1) / cell, (size.width + cell - 1) / cell, CV_8U);
  const NoiseRows rows(key);
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(mask.cols));
  for (int y = 0; y < mask.rows; ++y) {
    rows.fill(y, bits);
    std::ranges::transform(bits, mask.ptr<std::uint8_t>(y), [](std::uint16_t number) {
      return static_cast<std::uint8_t>(number < 655 ? 255 : 0);
    });
  }
  if (cell > 1) cv::resize(mask, mask, size, 0, 0, cv::INTER_LINEAR_EXACT);
  return mask;
}

/// Brightens, adds snow that thins out downwards, a cool tint and flakes. Done on colours;
/// Albumentations 2 adds its texture to the hue as well.
void cover(cv::Mat& bgr, const Snow& snow) {
  cv::Mat texture =
      noise_picture(bgr.rows, bgr.cols, 1, normal_table(0.5 * 255, 0.3 * 255), snow.key);
  texture.convertTo(texture, CV_8U);
  cv::GaussianBlur(texture, texture, {7, 7}, 1.4, 1.4);
  const cv::Mat flake_mask = flakes(bgr.size(), snow.key ^ 1U);
  constexpr std::array<float, 3> kTint{255, 240, 225};  // blue, green, red
  const auto gain = static_cast<float>(1 + snow.brightness * snow.amount);
  const auto tint = static_cast<float>(0.15 * snow.amount);
  for (int y = 0; y < bgr.rows; ++y) {
    const double depth = 1 - 0.8 * y / std::max(1, bgr.rows - 1);
    const auto share = static_cast<float>(snow.amount * depth);
    auto* level = bgr.ptr<std::uint8_t>(y);
    const auto* cloud = texture.ptr<std::uint8_t>(y);
    const auto* flake = flake_mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < bgr.cols; ++x, ++cloud, ++flake) {
      const float white = share * static_cast<float>(*cloud);
      // Brighter by the pixel's largest channel, so that the hue stays.
      const int most = std::max({1, int{level[0]}, int{level[1]}, int{level[2]}});
      const float by = std::min(gain, 255.0F / static_cast<float>(most));
      const float flake_share = static_cast<float>(*flake) / 255;
      for (const float cool : kTint) {
        float light = std::min(static_cast<float>(*level) * by + white, 255.0F);
        light += tint * (cool - light);
        light += flake_share * (255 - light);
        *level++ = rounded<std::uint8_t>(light);
      }
    }
  }
}

class RandomSnow final : public Transform {
 public:
  struct Options {
    double brightness_coeff = 2.5;
    Range snow_point_range{0.1, 0.3};
    std::string method = "bleach";

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("brightness_coeff",
            self.brightness_coeff,
            FieldSpec{.doc = "bleach: factor for dark places; texture: gain a unit of snow",
                      .low = 0,
                      .high = 100});
      visit("snow_point_range",
            self.snow_point_range,
            FieldSpec{.doc = "amount of snow", .low = 0, .high = 1});
      visit("method",
            self.method,
            FieldSpec{.doc = "dark places turn white, or a texture of snow",
                      .choices = {"bleach", "texture"}});
    }
  };

  explicit RandomSnow(Options options) : options_(std::move(options)) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    Snow snow;
    snow.amount = random.uniform(options_.snow_point_range.low, options_.snow_point_range.high);
    snow.brightness = options_.brightness_coeff;
    draw.note("snow_point", snow.amount);
    if (options_.method == "bleach") {
      draw.add(Filter{[snow](cv::Mat& bgr) { bleach(bgr, snow); }});
      return;
    }
    snow.key = random.derive();
    draw.add(Filter{[snow](cv::Mat& bgr) { cover(bgr, snow); }});
  }

 private:
  Options options_;
};

void adapt(Settings& settings, Dialect /*dialect*/) {
  join_ends(settings, "snow_point_lower", "snow_point_upper", "snow_point_range", {0.1, 0.3});
}

}  // namespace

TransformEntry random_snow() {
  return transform_entry<RandomSnow>(
      "RandomSnow", "Makes it look snowed in.", TransformKind::kFilter, 0.5, adapt);
}

}  // namespace labelloom::augment
