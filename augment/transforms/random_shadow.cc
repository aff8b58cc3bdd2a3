// Shadows: polygons in which the picture is darker.

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "augment/adapting.h"
#include "augment/share_box.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

struct Shadow {
  std::vector<Point2d> corners;  // pixels
  double intensity = 0;
};

void darken(cv::Mat& bgr, const Shadow& shadow) {
  constexpr int kSubpixelBits = 4;
  std::vector<cv::Point> corners;
  for (const Point2d& corner : shadow.corners) {
    corners.emplace_back(static_cast<int>(std::lround(corner.x * (1 << kSubpixelBits))),
                         static_cast<int>(std::lround(corner.y * (1 << kSubpixelBits))));
  }
  cv::Mat mask = cv::Mat::zeros(bgr.size(), CV_8U);
  cv::fillPoly(mask, std::vector{corners}, 255, cv::LINE_AA, kSubpixelBits);
  const int taken = static_cast<int>(std::lround(shadow.intensity * 256));
  for (int y = 0; y < bgr.rows; ++y) {
    auto* level = bgr.ptr<std::uint8_t>(y);
    const auto* covered = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < bgr.cols; ++x, ++covered) {
      for (int channel = 0; channel < 3; ++channel, ++level) {
        *level = static_cast<std::uint8_t>(*level - *level * taken * *covered / (256 * 255));
      }
    }
  }
}

class RandomShadow final : public Transform {
 public:
  struct Options {
    std::vector<double> shadow_roi{0, 0.5, 1, 1};
    IntRange num_shadows_limit{1, 2};
    int shadow_dimension = 5;
    Range shadow_intensity_range{0.5, 0.5};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("shadow_roi",
            self.shadow_roi,
            FieldSpec{.doc = "where shadows are, in shares: [x_min, y_min, x_max, y_max]",
                      .low = 0,
                      .high = 1});
      visit("num_shadows_limit",
            self.num_shadows_limit,
            FieldSpec{.doc = "how many", .low = 0, .high = 100, .aliases = {"num_shadows_range"}});
      visit("shadow_dimension",
            self.shadow_dimension,
            FieldSpec{.doc = "corners of a shadow", .low = 3, .high = 100});
      visit("shadow_intensity_range",
            self.shadow_intensity_range,
            FieldSpec{.doc = "share of the light taken away", .low = 0, .high = 1});
    }
  };

  explicit RandomShadow(const Options& options)
      : options_(options), roi_(share_box(options.shadow_roi, "RandomShadow: shadow_roi")) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const auto count =
        random.integer(options_.num_shadows_limit.low, options_.num_shadows_limit.high);
    draw.note("shadows", static_cast<double>(count));
    std::vector<Shadow> shadows;
    for (std::int64_t i = 0; i < count; ++i) shadows.push_back(draw_shadow(scene.size, random));
    if (shadows.empty()) return;
    draw.add(Filter{[shadows = std::move(shadows)](cv::Mat& bgr) {
      for (const Shadow& shadow : shadows) darken(bgr, shadow);
    }});
  }

 private:
  /// Corners go round their centre. In the order drawn, as Albumentations has them, edges cross and
  /// leave holes.
  Shadow draw_shadow(Size size, Random& random) const {
    Shadow shadow;
    Point2d centre{};
    for (int i = 0; i < options_.shadow_dimension; ++i) {
      const double x = random.uniform(roi_.x.low, roi_.x.high) * size.width;
      const double y = random.uniform(roi_.y.low, roi_.y.high) * size.height;
      shadow.corners.push_back({x, y});
      centre.x += x / options_.shadow_dimension;
      centre.y += y / options_.shadow_dimension;
    }
    std::ranges::sort(shadow.corners, {}, [centre](const Point2d& corner) {
      return std::atan2(corner.y - centre.y, corner.x - centre.x);
    });
    shadow.intensity =
        random.uniform(options_.shadow_intensity_range.low, options_.shadow_intensity_range.high);
    return shadow;
  }

  Options options_;
  ShareBox roi_;
};

void adapt(Settings& settings, Dialect /*dialect*/) {
  join_ends(settings, "num_shadows_lower", "num_shadows_upper", "num_shadows_limit", {1, 2});
}

}  // namespace

TransformEntry random_shadow() {
  return transform_entry<RandomShadow>(
      "RandomShadow", "Casts shadows of random shape.", TransformKind::kFilter, 0.5, adapt);
}

}  // namespace labelloom::augment
