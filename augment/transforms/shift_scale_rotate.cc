// Shifts, scales and turns about the centre. Both axes have one scale; that Albumentations 2.0
// draws two is a bug, mended since.

#include <optional>
#include <string>

#include "augment/adaptation.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class ShiftScaleRotate final : public Transform {
 public:
  struct Options {
    Range shift_limit{-0.0625, 0.0625};
    Range scale_limit{-0.1, 0.1};
    Range rotate_limit{-45, 45};
    Sampling sampling;
    std::optional<Range> shift_limit_x;
    std::optional<Range> shift_limit_y;
    std::string rotate_method = "largest_box";

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      const FieldSpec shift{.doc = "share of width and height",
                            .low = -10,
                            .high = 10,
                            .scalar = Scalar::kSymmetric,
                            .aliases = {"shift_range"}};
      visit("shift_limit", self.shift_limit, shift);
      visit("scale_limit",
            self.scale_limit,
            FieldSpec{.doc = "the factor is 1 + this",
                      .low = -0.99,
                      .high = 100,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"scale_range"}});
      visit("rotate_limit",
            self.rotate_limit,
            FieldSpec{.doc = "degrees, positive turns counter-clockwise",
                      .low = -360,
                      .high = 360,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"rotate_range"}});
      sampling_fields(self.sampling, visit);
      FieldSpec axis = shift;
      axis.doc = "instead of shift_limit";
      axis.aliases = {"shift_range_x"};
      visit("shift_limit_x", self.shift_limit_x, axis);
      axis.aliases = {"shift_range_y"};
      visit("shift_limit_y", self.shift_limit_y, axis);
      visit(
          "rotate_method",
          self.rotate_method,
          FieldSpec{.doc = "accepted; boxes follow their shapes, or the outline chosen for the job",
                    .choices = {"largest_box", "ellipse"}});
    }
  };

  explicit ShiftScaleRotate(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const Range shift_x = options_.shift_limit_x.value_or(options_.shift_limit);
    const Range shift_y = options_.shift_limit_y.value_or(options_.shift_limit);
    const double scale = 1 + random.uniform(options_.scale_limit.low, options_.scale_limit.high);
    const double angle = random.uniform(options_.rotate_limit.low, options_.rotate_limit.high);
    const double dx = random.uniform(shift_x.low, shift_x.high) * scene.size.width;
    const double dy = random.uniform(shift_y.low, shift_y.high) * scene.size.height;
    draw.note("angle", angle);
    draw.note("scale", scale);
    draw.note("dx", dx);
    draw.note("dy", dy);
    const Point2d centre{scene.size.width / 2.0, scene.size.height / 2.0};
    const Homography map =
        translation(dx, dy) * about(centre, rotation(angle) * scaling(scale, scale));
    draw.add(Projective{map, scene.size, options_.sampling});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry shift_scale_rotate() {
  return transform_entry<ShiftScaleRotate>("ShiftScaleRotate",
                                           "Shifts, scales and turns about the centre.",
                                           TransformKind::kProjective,
                                           0.5,
                                           reflect_by_default);
}

}  // namespace labelloom::augment
