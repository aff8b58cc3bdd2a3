// Turns the whole picture and squeezes it into its old size, each axis by itself.

#include <string>

#include "augment/adaptation.h"
#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class SafeRotate final : public Transform {
 public:
  struct Options {
    Range limit{-90, 90};
    Sampling sampling;
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
      visit(
          "rotate_method",
          self.rotate_method,
          FieldSpec{.doc = "accepted; boxes follow their shapes, or the outline chosen for the job",
                    .choices = {"largest_box", "ellipse"}});
    }
  };

  explicit SafeRotate(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const double angle = random.uniform(options_.limit.low, options_.limit.high);
    draw.note("angle", angle);
    const Homography turn = rotation(angle);
    const Box box = mapped_extent(turn, scene.size);
    const Homography squeeze =
        scaling(scene.size.width / box.width, scene.size.height / box.height);
    draw.add(
        Projective{squeeze * translation(-box.x, -box.y) * turn, scene.size, options_.sampling});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry safe_rotate() {
  return transform_entry<SafeRotate>("SafeRotate",
                                     "Turns the whole picture into a frame of the same size.",
                                     TransformKind::kProjective,
                                     0.5,
                                     reflect_by_default);
}

}  // namespace labelloom::augment
