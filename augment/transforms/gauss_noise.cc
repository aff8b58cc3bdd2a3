// Adds normal noise.

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "augment/noise.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// Noise of a smaller picture, enlarged: coarser and, between its grid's points, weaker.
void add_coarse_noise(
    cv::Mat& bgr, const NoiseTable& table, std::uint64_t key, bool per_channel, double scale) {
  const int rows = std::max(1, static_cast<int>(bgr.rows * scale));
  const int columns = std::max(1, static_cast<int>(bgr.cols * scale));
  cv::Mat noise = noise_picture(rows, columns, per_channel ? 3 : 1, table, key);
  cv::resize(noise, noise, bgr.size(), 0, 0, cv::INTER_LINEAR_EXACT);
  if (!per_channel) cv::merge(std::vector<cv::Mat>(3, noise), noise);
  cv::add(bgr, noise, bgr, cv::noArray(), CV_8U);
}

class GaussNoise final : public Transform {
 public:
  struct Options {
    Range std_range{0.2, 0.44};
    Range mean_range{0, 0};
    std::optional<Range> var_limit;
    bool per_channel = true;
    double noise_scale_factor = 1;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("std_range",
            self.std_range,
            FieldSpec{.doc = "standard deviation as a share of 255", .low = 0, .high = 1});
      visit("mean_range",
            self.mean_range,
            FieldSpec{.doc = "mean as a share of 255", .low = -1, .high = 1});
      visit("var_limit",
            self.var_limit,
            FieldSpec{.doc = "variance in squared levels, drawn instead of std_range "
                             "(Albumentations 1)",
                      .low = 0,
                      .high = 65025,
                      .scalar = Scalar::kFrom});
      visit("per_channel",
            self.per_channel,
            FieldSpec{.doc = "every channel has its own noise; else the noise is grey"});
      visit("noise_scale_factor",
            self.noise_scale_factor,
            FieldSpec{.doc = "below 1: noise of a picture this much smaller, enlarged",
                      .low = 0.01,
                      .high = 1});
    }
  };

  explicit GaussNoise(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double deviation =
        options_.var_limit
            ? std::sqrt(random.uniform(options_.var_limit->low, options_.var_limit->high))
            : 255 * random.uniform(options_.std_range.low, options_.std_range.high);
    const double mean = 255 * random.uniform(options_.mean_range.low, options_.mean_range.high);
    const std::uint64_t key = random.derive();
    draw.note("std", deviation / 255);
    draw.note("mean", mean / 255);
    draw.add(Filter{
        [=, per_channel = options_.per_channel, scale = options_.noise_scale_factor](cv::Mat& bgr) {
          const NoiseTable table = normal_table(mean, deviation);
          if (scale < 1) {
            add_coarse_noise(bgr, table, key, per_channel, scale);
          } else {
            add_noise(bgr, table, key, per_channel);
          }
        }});
  }

 private:
  Options options_;
};

/// Albumentations 1 counts in levels and squared levels; its noise is some fifteen times weaker.
void adapt(Settings& settings, Dialect dialect) {
  if (dialect != Dialect::kAlbumentations1) return;
  if (!settings.has("var_limit")) settings.set("var_limit", range_setting(10, 50));
  const Setting mean = settings.take("mean");
  if (const auto* levels = mean.as<double>()) {
    settings.set("mean_range", range_setting(*levels / 255, *levels / 255));
  }
}

}  // namespace

TransformEntry gauss_noise() {
  return transform_entry<GaussNoise>(
      "GaussNoise", "Adds normal noise.", TransformKind::kFilter, 0.5, adapt);
}

}  // namespace labelloom::augment
