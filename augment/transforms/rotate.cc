// Turns about the picture's centre.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "augment/adaptation.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class Rotate final : public Transform {
 public:
  struct Options {
    Range limit{-90, 90};
    Sampling sampling;
    bool crop_border = false;
    std::string rotate_method = "largest_box";

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("limit",
            self.limit,
            FieldSpec{.doc = "degrees, positive turns counter-clockwise",
                      .low = -360,
                      .high = 360,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"angle_range"}});
      sampling_fields(self.sampling, visit);
      visit("crop_border",
            self.crop_border,
            FieldSpec{.doc = "cut out the largest upright rectangle without border"});
      visit(
          "rotate_method",
          self.rotate_method,
          FieldSpec{.doc = "accepted; boxes follow their shapes, or the outline chosen for the job",
                    .choices = {"largest_box", "ellipse"}});
    }
  };

  explicit Rotate(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const double angle = random.uniform(options_.limit.low, options_.limit.high);
    draw.note("angle", angle);
    const Point2d centre{scene.size.width / 2.0, scene.size.height / 2.0};
    const Homography map = about(centre, rotation(angle));
    if (!options_.crop_border) {
      draw.add(Projective{map, scene.size, options_.sampling});
      return;
    }
    const Size inner = largest_inside(scene.size, angle * std::numbers::pi / 180);
    const Homography shift =
        translation(inner.width / 2.0 - centre.x, inner.height / 2.0 - centre.y);
    draw.add(Projective{shift * map, inner, options_.sampling});
  }

 private:
  /// The largest upright rectangle inside a turned one (the answer of
  /// stackoverflow.com/questions/16702966).
  static Size largest_inside(Size size, double angle) {
    const double longer = std::max(size.width, size.height);
    const double shorter = std::min(size.width, size.height);
    const double s = std::abs(std::sin(angle));
    const double c = std::abs(std::cos(angle));
    double width = 0;
    double height = 0;
    if (shorter <= 2 * s * c * longer || std::abs(s - c) < 1e-10) {
      // Two corners touch the longer side, the others lie on the middle line.
      const double half = shorter / 2;
      width = half / (size.width >= size.height ? s : c);
      height = half / (size.width >= size.height ? c : s);
    } else {
      const double cosine = c * c - s * s;
      width = (size.width * c - size.height * s) / cosine;
      height = (size.height * c - size.width * s) / cosine;
    }
    return {std::max(1, static_cast<int>(width + 1e-6)),
            std::max(1, static_cast<int>(height + 1e-6))};
  }

  Options options_;
};

}  // namespace

TransformEntry rotate() {
  return transform_entry<Rotate>(
      "Rotate", "Turns about the centre.", TransformKind::kProjective, 0.5, reflect_by_default);
}

}  // namespace labelloom::augment
