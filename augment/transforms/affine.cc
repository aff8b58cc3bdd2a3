// Scale, rotation, shear and translation about the picture's centre, as one affine map.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class Affine final : public Transform {
 public:
  struct Options {
    AxisRanges scale{{1, 1}, {1, 1}};
    std::optional<AxisRanges> translate_percent;
    std::optional<AxisRanges> translate_px;
    Range rotate{0, 0};
    AxisRanges shear{{0, 0}, {0, 0}};
    bool fit_output = false;
    bool keep_ratio = false;
    bool balanced_scale = false;
    Sampling sampling;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("scale", self.scale, FieldSpec{.doc = "factor of each axis", .low = 0.01, .high = 100});
      visit("translate_percent",
            self.translate_percent,
            FieldSpec{.doc = "shift as a share of width and height",
                      .low = -10,
                      .high = 10,
                      .scalar = Scalar::kPoint});
      visit("translate_px",
            self.translate_px,
            FieldSpec{.doc = "shift in pixels", .low = -30000, .high = 30000});
      visit("rotate",
            self.rotate,
            FieldSpec{.doc = "degrees, positive turns counter-clockwise",
                      .low = -360,
                      .high = 360,
                      .scalar = Scalar::kSymmetric});
      visit("shear",
            self.shear,
            FieldSpec{.doc = "degrees along each axis",
                      .low = -80,
                      .high = 80,
                      .scalar = Scalar::kSymmetric});
      visit("fit_output",
            self.fit_output,
            FieldSpec{.doc = "make the frame as large as the moved picture"});
      visit("keep_ratio", self.keep_ratio, FieldSpec{.doc = "one scale for both axes"});
      visit("balanced_scale",
            self.balanced_scale,
            FieldSpec{.doc = "enlarge and shrink equally often, if the range has both"});
      sampling_fields(self.sampling, visit);
    }
  };

  explicit Affine(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const double scale_x = draw_scale(options_.scale.x, random);
    const double scale_y = options_.keep_ratio ? scale_x : draw_scale(options_.scale.y, random);
    const double angle = random.uniform(options_.rotate.low, options_.rotate.high);
    const double shear_x = random.uniform(options_.shear.x.low, options_.shear.x.high);
    const double shear_y = random.uniform(options_.shear.y.low, options_.shear.y.high);
    const Point2d shift = draw_shift(scene.size, random);
    draw.note("scale_x", scale_x);
    draw.note("scale_y", scale_y);
    draw.note("rotate", angle);
    draw.note("shear_x", shear_x);
    draw.note("shear_y", shear_y);
    draw.note("translate_x", shift.x);
    draw.note("translate_y", shift.y);
    const double degree = std::numbers::pi / 180;
    // Albumentations shears against its own sign since 2.0.
    const Homography shear{
        {1, -std::tan(shear_x * degree), 0, -std::tan(shear_y * degree), 1, 0, 0, 0, 1}};
    const Point2d centre{scene.size.width / 2.0, scene.size.height / 2.0};
    Homography map = translation(shift.x, shift.y) *
                     about(centre, shear * rotation(angle) * scaling(scale_x, scale_y));
    Size out = scene.size;
    if (options_.fit_output) out = fit(scene.size, map);
    draw.add(Projective{map, out, options_.sampling});
  }

 private:
  double draw_scale(const Range& range, Random& random) const {
    if (!options_.balanced_scale || range.low >= 1 || range.high <= 1) {
      return random.uniform(range.low, range.high);
    }
    return random.chance(0.5) ? random.uniform(range.low, 1) : random.uniform(1, range.high);
  }

  Point2d draw_shift(Size size, Random& random) const {
    if (options_.translate_px) {
      const AxisRanges& px = *options_.translate_px;
      const double x = std::round(random.uniform(px.x.low, px.x.high));
      return {x, std::round(random.uniform(px.y.low, px.y.high))};
    }
    if (options_.translate_percent) {
      const AxisRanges& share = *options_.translate_percent;
      const double x = random.uniform(share.x.low, share.x.high) * size.width;
      return {x, random.uniform(share.y.low, share.y.high) * size.height};
    }
    return {};
  }

  /// Moves the mapped frame to the origin; returns its size.
  static Size fit(Size size, Homography& map) {
    const double w = size.width;
    const double h = size.height;
    const std::array<Point2d, 4> corners{map({0, 0}), map({w, 0}), map({w, h}), map({0, h})};
    const Box box = extent(corners);
    map = translation(-box.x, -box.y) * map;
    return {std::max(1, static_cast<int>(std::ceil(box.width - 1e-6))),
            std::max(1, static_cast<int>(std::ceil(box.height - 1e-6)))};
  }

  Options options_;
};

}  // namespace

TransformEntry affine() {
  return transform_entry<Affine>(
      "Affine", "Scales, turns, shears and shifts about the centre.", TransformKind::kProjective);
}

}  // namespace labelloom::augment
