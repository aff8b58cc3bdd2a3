// Moves every point by smooth noise (Simard, Steinkraus, Platt 2003).

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <string>

#include "augment/adaptation.h"
#include "augment/smooth_noise.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class ElasticTransform final : public Transform {
 public:
  struct Options {
    double alpha = 1;
    double sigma = 50;
    double alpha_affine = 0;
    Sampling sampling;
    bool approximate = false;
    bool same_dxdy = false;
    std::string noise_distribution = "gaussian";
    std::string keypoint_remapping_method = "mask";

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("alpha",
            self.alpha,
            FieldSpec{.doc = "factor of the smoothed noise, pixels", .low = 0, .high = 1e6});
      visit("sigma", self.sigma, FieldSpec{.doc = "smoothness, pixels", .low = 1, .high = 10000});
      visit(
          "alpha_affine",
          self.alpha_affine,
          FieldSpec{.doc = "largest move of three points that an affine map follows before, pixels",
                    .low = 0,
                    .high = 10000});
      sampling_fields(self.sampling, visit);
      visit("approximate", self.approximate, FieldSpec{.doc = "accepted; means nothing here"});
      visit("same_dxdy", self.same_dxdy, FieldSpec{.doc = "one noise for both axes"});
      visit("noise_distribution",
            self.noise_distribution,
            FieldSpec{.doc = "before smoothing; both with a largest value of about 1",
                      .choices = {"gaussian", "uniform"}});
      visit("keypoint_remapping_method",
            self.keypoint_remapping_method,
            FieldSpec{.doc = "accepted; key points move exactly", .choices = {"mask", "direct"}});
    }
  };

  explicit ElasticTransform(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    if (const auto map = draw_affine(scene.size, random)) {
      draw.add(Projective{*map, scene.size, options_.sampling});
    }
    const double size = spread(scene.size);
    draw.note("spread", size);
    draw.add(Warp{std::make_shared<const SmoothNoise>(
                      scene.size, size, options_.sigma, options_.same_dxdy, random),
                  options_.sampling});
  }

 private:
  /// Standard deviation of the displacement: that of noise within [-1, 1] smoothed by a Gaussian,
  /// times alpha.
  [[nodiscard]] double spread(Size size) const {
    const double pixels = std::max(4.0, static_cast<double>(size.width) * size.height);
    // Gaussian noise is divided by its largest value, near sqrt(2 ln n) for n numbers.
    const double noise = options_.noise_distribution == "uniform"
                             ? 1 / std::sqrt(3.0)
                             : 1 / std::sqrt(2 * std::log(pixels));
    return options_.alpha * noise / (2 * std::sqrt(std::numbers::pi) * options_.sigma);
  }

  /// The map of Albumentations 1, which moves three points of a centred square.
  [[nodiscard]] std::optional<Homography> draw_affine(Size size, Random& random) const {
    constexpr int kAttempts = 10;
    constexpr double kLeastArea = 0.2;  // no mirrors, no slivers
    if (options_.alpha_affine == 0) return std::nullopt;
    const Point2d c{size.width / 2.0, size.height / 2.0};
    const double s = std::max(1, std::min(size.width, size.height) / 3);
    const Homography square_from_in{{1 / s, 0, -c.x / s, 0, 1 / s, -c.y / s, 0, 0, 1}};
    for (int i = 0; i < kAttempts; ++i) {
      std::array<Point2d, 3> to{{{c.x + s, c.y + s}, {c.x + s, c.y - s}, {c.x - s, c.y - s}}};
      for (Point2d& point : to) {
        point.x += random.uniform(-options_.alpha_affine, options_.alpha_affine);
        point.y += random.uniform(-options_.alpha_affine, options_.alpha_affine);
      }
      // Column vectors of half the edges, and the middle of the diagonal.
      const Point2d x{(to[1].x - to[2].x) / 2, (to[1].y - to[2].y) / 2};
      const Point2d y{(to[0].x - to[1].x) / 2, (to[0].y - to[1].y) / 2};
      const Point2d middle{(to[0].x + to[2].x) / 2, (to[0].y + to[2].y) / 2};
      const double area = (x.x * y.y - x.y * y.x) / (s * s);
      if (area < kLeastArea) continue;
      return Homography{{x.x, y.x, middle.x, x.y, y.y, middle.y, 0, 0, 1}} * square_from_in;
    }
    return std::nullopt;
  }

  Options options_;
};

void adapt(Settings& settings, Dialect dialect) {
  reflect_by_default(settings, dialect);
  if (dialect != Dialect::kAlbumentations1) return;
  if (!settings.has("alpha_affine")) settings.set("alpha_affine", {50.0});
  settings.set("noise_distribution", {std::string("uniform")});
}

}  // namespace

TransformEntry elastic_transform() {
  return transform_entry<ElasticTransform>(
      "ElasticTransform", "Moves every point by smooth noise.", TransformKind::kCurved, 0.5, adapt);
}

}  // namespace labelloom::augment
