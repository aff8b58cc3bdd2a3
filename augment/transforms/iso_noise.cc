// The noise of a sensor in dim light: of lightness (Poisson) and of hue (normal).

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/hls.h"
#include "augment/noise.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

struct SensorNoise {
  double color_shift = 0;
  double intensity = 0;
  std::uint64_t key = 0;
};

/// Standard deviation of (max + min) / 2, in levels. Whole sums: the same on every machine.
double lightness_deviation(const cv::Mat& bgr) {
  std::int64_t sum = 0;
  std::int64_t squares = 0;
  for (int y = 0; y < bgr.rows; ++y) {
    const auto* pixel = bgr.ptr<std::uint8_t>(y);
    for (int x = 0; x < bgr.cols; ++x, pixel += 3) {
      const int twice =
          std::max({pixel[0], pixel[1], pixel[2]}) + std::min({pixel[0], pixel[1], pixel[2]});
      sum += twice;
      squares += std::int64_t{twice} * twice;
    }
  }
  const auto count = static_cast<double>(bgr.total());
  const double mean = static_cast<double>(sum) / count;
  return std::sqrt(std::max(0.0, static_cast<double>(squares) / count - mean * mean)) / 2;
}

void add_sensor_noise(cv::Mat& bgr, const SensorNoise& noise) {
  // As Albumentations 1: 2.0 lost the factors 360 and 255, and with them most of the noise.
  const NoiseTable light = poisson_table(lightness_deviation(bgr) * noise.intensity);
  constexpr float kFine = 1 / 128.0F;
  const NoiseTable hue =
      normal_table(0, std::min(400.0, noise.color_shift * noise.intensity * 12 / kFine));
  const auto intensity = static_cast<float>(noise.intensity);
  const NoiseRows rows(noise.key);
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(bgr.cols) * 2);
  for (int y = 0; y < bgr.rows; ++y) {
    rows.fill(y, bits);
    auto* pixel = bgr.ptr<std::uint8_t>(y);
    for (std::size_t i = 0; i < bits.size(); i += 2, pixel += 3) {
      Hls hls = hls_of(pixel);
      hls.hue += static_cast<float>(hue[bits[i]]) * kFine;
      const float grain = static_cast<float>(light[bits[i + 1]]) / 255;
      hls.lightness += grain * intensity * (1 - hls.lightness);
      set_pixel(pixel, hls);
    }
  }
}

class IsoNoise final : public Transform {
 public:
  struct Options {
    Range color_shift{0.01, 0.05};
    Range intensity{0.1, 0.5};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("color_shift",
            self.color_shift,
            FieldSpec{.doc = "standard deviation of the hue as a share of the colour circle, times "
                             "intensity",
                      .low = 0,
                      .high = 1,
                      .aliases = {"color_shift_range"}});
      visit("intensity",
            self.intensity,
            FieldSpec{.doc = "of the noise in lightness and hue",
                      .low = 0,
                      .high = 5,
                      .aliases = {"intensity_range"}});
    }
  };

  explicit IsoNoise(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    SensorNoise noise;
    noise.color_shift = random.uniform(options_.color_shift.low, options_.color_shift.high);
    noise.intensity = random.uniform(options_.intensity.low, options_.intensity.high);
    noise.key = random.derive();
    draw.note("color_shift", noise.color_shift);
    draw.note("intensity", noise.intensity);
    draw.add(Filter{[noise](cv::Mat& bgr) { add_sensor_noise(bgr, noise); }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry iso_noise() {
  return transform_entry<IsoNoise>(
      "ISONoise", "Adds a sensor's noise in dim light.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
