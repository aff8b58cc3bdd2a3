// The bend of a lens: barrel or pincushion.

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "augment/adaptation.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// in = centre + (out - centre) * factor(r^2), r measured in units of `scale` along each axis;
/// factor = 1 + k2 r^2 + k4 r^4. Where that would fold the picture it goes on as a straight line.
class Lens final : public Field {
 public:
  Lens(Point2d centre, Point2d scale, double k2, double k4)
      : centre_(centre), scale_(scale), k2_(k2), k4_(k4) {
    // The first radius where radius * factor hardly rises any more.
    constexpr double kFarthest = 2;
    constexpr double kStep = 1.0 / 256;
    constexpr double kLeastSlope = 0.2;
    while (straight_from_ < kFarthest && slope(straight_from_) > kLeastSlope) {
      straight_from_ += kStep;
    }
  }

  [[nodiscard]] Point2d in_from_out(Point2d out) const override {
    const double x = (out.x - centre_.x) / scale_.x;
    const double y = (out.y - centre_.y) / scale_.y;
    const double f = factor(std::hypot(x, y));
    return {centre_.x + x * f * scale_.x, centre_.y + y * f * scale_.y};
  }

 private:
  [[nodiscard]] double slope(double r) const {
    return 1 + 3 * k2_ * r * r + 5 * k4_ * r * r * r * r;
  }
  [[nodiscard]] double factor(double r) const {
    const double bent = std::min(r, straight_from_);
    const double f = 1 + k2_ * bent * bent + k4_ * bent * bent * bent * bent;
    if (r <= straight_from_) return f;
    return (bent * f + (r - bent) * slope(bent)) / r;
  }

  Point2d centre_;
  Point2d scale_;
  double k2_;
  double k4_;
  double straight_from_ = 0;
};

class OpticalDistortion final : public Transform {
 public:
  struct Options {
    Range distort_limit{-0.05, 0.05};
    std::string mode = "camera";
    Range shift_limit{0, 0};
    Sampling sampling;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("distort_limit",
            self.distort_limit,
            FieldSpec{.doc = "coefficient of the lens; positive pinches",
                      .low = -10,
                      .high = 10,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"distort_range"}});
      visit("mode",
            self.mode,
            FieldSpec{.doc = "camera: 1 + k r^2 + k r^4, r in sides; fisheye: 1 + k r^2, r in half "
                             "diagonals",
                      .choices = {"camera", "fisheye"}});
      visit("shift_limit",
            self.shift_limit,
            FieldSpec{.doc = "shift of the lens's centre, whole pixels",
                      .low = -10000,
                      .high = 10000,
                      .scalar = Scalar::kSymmetric});
      FieldSpec border = kBorderSpec;
      border.aliases.clear();  // `mode` means something else here
      sampling_fields(self.sampling, visit, border);
    }
  };

  explicit OpticalDistortion(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const double k = random.uniform(options_.distort_limit.low, options_.distort_limit.high);
    const double dx =
        std::round(random.uniform(options_.shift_limit.low, options_.shift_limit.high));
    const double dy =
        std::round(random.uniform(options_.shift_limit.low, options_.shift_limit.high));
    draw.note("k", k);
    const double w = scene.size.width;
    const double h = scene.size.height;
    const Point2d centre{w / 2 + dx, h / 2 + dy};
    if (options_.mode == "fisheye") {
      const double half = std::hypot(w, h) / 2;
      draw.add(Warp{std::make_shared<const Lens>(centre, Point2d{half, half}, k, 0.0),
                    options_.sampling});
      return;
    }
    draw.add(Warp{std::make_shared<const Lens>(centre, Point2d{w, h}, k, k), options_.sampling});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry optical_distortion() {
  return transform_entry<OpticalDistortion>("OpticalDistortion",
                                            "Bends the picture as a lens does.",
                                            TransformKind::kCurved,
                                            0.5,
                                            reflect_by_default);
}

}  // namespace labelloom::augment
