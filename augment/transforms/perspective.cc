// Looks at the picture from another side: four random points near its corners become the corners.
// Albumentations 1.4.21 to 2.0 scale the result a second time; that is a bug and not repeated.

#include <algorithm>
#include <array>
#include <cmath>

#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class Perspective final : public Transform {
 public:
  struct Options {
    Range scale{0.05, 0.1};
    bool keep_size = true;
    bool fit_output = false;
    Sampling sampling;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("scale",
            self.scale,
            FieldSpec{.doc = "standard deviation of the corners' move, as a share of the sides",
                      .low = 0,
                      .high = 1,
                      .scalar = Scalar::kFrom});
      visit("keep_size", self.keep_size, FieldSpec{.doc = "stretch the result to the old size"});
      visit("fit_output", self.fit_output, FieldSpec{.doc = "show the whole picture"});
      sampling_fields(self.sampling, visit);
    }
  };

  explicit Perspective(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    constexpr int kAttempts = 10;  // to find a whole picture that is not stretched without measure
    const double sigma = random.uniform(options_.scale.low, options_.scale.high);
    draw.note("scale", sigma);
    Projective effect = look(scene.size, sigma, random);
    for (int i = 0; options_.fit_output && i < kAttempts; ++i) {
      if (fit(scene.size, effect)) break;
      effect = look(scene.size, sigma, random);
    }
    if (options_.keep_size) {
      const double x = static_cast<double>(scene.size.width) / effect.out.width;
      const double y = static_cast<double>(scene.size.height) / effect.out.height;
      effect.out_from_in = scaling(x, y) * effect.out_from_in;
      effect.out = scene.size;
    }
    draw.add(effect);
  }

 private:
  /// Four points inside the corners, onto an upright rectangle with their longest sides.
  Projective look(Size size, double sigma, Random& random) const {
    constexpr double kFarthest = 0.32;  // the quadrilateral stays convex
    const double w = size.width;
    const double h = size.height;
    std::array<Point2d, 4> from{{{0, 0}, {w, 0}, {w, h}, {0, h}}};
    for (Point2d& corner : from) {
      const double x = std::fmod(std::abs(random.normal() * sigma), kFarthest) * w;
      const double y = std::fmod(std::abs(random.normal() * sigma), kFarthest) * h;
      corner = {corner.x + (corner.x > 0 ? -x : x), corner.y + (corner.y > 0 ? -y : y)};
    }
    const auto length = [&](std::size_t a, std::size_t b) {
      return std::hypot(from[a].x - from[b].x, from[a].y - from[b].y);
    };
    const double width = std::max(1.0, std::floor(std::max(length(0, 1), length(3, 2))));
    const double height = std::max(1.0, std::floor(std::max(length(0, 3), length(1, 2))));
    const std::array<Point2d, 4> to{{{0, 0}, {width, 0}, {width, height}, {0, height}}};
    return {from_corners(from, to),
            {static_cast<int>(width), static_cast<int>(height)},
            options_.sampling};
  }

  /// Makes the frame as large as the whole picture; false when that is out of proportion because
  /// the horizon is near.
  static bool fit(Size size, Projective& effect) {
    constexpr double kLargest = 4;  // times the old sides
    const auto& m = effect.out_from_in.m;
    const double farthest = std::min({1.0,
                                      m[6] * size.width + 1,
                                      m[7] * size.height + 1,
                                      m[6] * size.width + m[7] * size.height + 1});
    if (farthest < 1 / kLargest) return false;
    const Projective whole = fitted(effect.out_from_in, size, effect.sampling);
    if (whole.out.width > kLargest * size.width || whole.out.height > kLargest * size.height) {
      return false;
    }
    effect = whole;
    return true;
  }

  Options options_;
};

}  // namespace

TransformEntry perspective() {
  return transform_entry<Perspective>(
      "Perspective", "Looks at the picture from another side.", TransformKind::kProjective);
}

}  // namespace labelloom::augment
