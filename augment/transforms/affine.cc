// Scale, rotation, shear and translation about the picture's centre, as one affine map.

#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>

#include "augment/adaptation.h"
#include "augment/frames.h"
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
    std::string rotate_method = "largest_box";

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("scale", self.scale, FieldSpec{.doc = "factor of each axis", .low = 0.01, .high = 100});
      visit("translate_percent",
            self.translate_percent,
            FieldSpec{.doc = "shift as a share of width and height", .low = -10, .high = 10});
      visit("translate_px",
            self.translate_px,
            FieldSpec{.doc = "shift in pixels", .low = -30000, .high = 30000});
      visit(
          "rotate",
          self.rotate,
          FieldSpec{.doc = "degrees, positive turns counter-clockwise", .low = -360, .high = 360});
      visit(
          "shear",
          self.shear,
          FieldSpec{
              .doc = "degrees along each axis, negative towards its end", .low = -80, .high = 80});
      visit("fit_output",
            self.fit_output,
            FieldSpec{.doc = "make the frame as large as the moved picture"});
      visit("keep_ratio", self.keep_ratio, FieldSpec{.doc = "one scale for both axes"});
      visit("balanced_scale",
            self.balanced_scale,
            FieldSpec{.doc = "enlarge and shrink equally often, if the range has both"});
      sampling_fields(self.sampling, visit);
      visit(
          "rotate_method",
          self.rotate_method,
          FieldSpec{.doc = "accepted; boxes follow their shapes, or the outline chosen for the job",
                    .choices = {"largest_box", "ellipse"}});
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
    // Albumentations 2 turns the sign of both; 1 has x the other way round (see `adapt`).
    const Homography shear{
        {1, -std::tan(shear_x * degree), 0, -std::tan(shear_y * degree), 1, 0, 0, 0, 1}};
    const Point2d centre{scene.size.width / 2.0, scene.size.height / 2.0};
    const Homography map = translation(shift.x, shift.y) *
                           about(centre, shear * rotation(angle) * scaling(scale_x, scale_y));
    if (options_.fit_output) {
      draw.add(fitted(map, scene.size, options_.sampling));
    } else {
      draw.add(Projective{map, scene.size, options_.sampling});
    }
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

  Options options_;
};

void adapt(Settings& settings, Dialect dialect) {
  constexpr std::array<const char*, 5> kMoves{
      "scale", "translate_percent", "translate_px", "rotate", "shear"};
  bool moves = false;
  for (const char* name : kMoves) {
    const Setting* value = settings.find(name);
    if (value != nullptr && value->is_null()) settings.take(name);
    moves = moves || settings.has(name);
  }
  if (dialect != Dialect::kAlbumentations1) return;
  if (!moves) {
    settings.set("scale", range_setting(0.9, 1.1));
    settings.set("translate_percent", range_setting(-0.1, 0.1));
    settings.set("rotate", range_setting(-15, 15));
    settings.set("shear",
                 {Setting::Members{{"x", range_setting(-10, 10)}, {"y", range_setting(-10, 10)}}});
    return;
  }
  const Setting* shear = settings.find("shear");
  if (shear == nullptr) return;
  const bool per_axis = shear->as<Setting::Members>() != nullptr;
  const Setting* x = per_axis ? shear->find("x") : shear;
  const Setting* y = per_axis ? shear->find("y") : shear;
  Setting::Members turned;
  if (x != nullptr) turned.emplace_back("x", negated(*x));
  if (y != nullptr) turned.emplace_back("y", *y);
  settings.set("shear", {turned});
}

}  // namespace

TransformEntry affine() {
  return transform_entry<Affine>("Affine",
                                 "Scales, turns, shears and shifts about the centre.",
                                 TransformKind::kProjective,
                                 0.5,
                                 adapt);
}

}  // namespace labelloom::augment
