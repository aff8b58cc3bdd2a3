// Mirrors along one axis or both (Albumentations 1).

#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class Flip final : public Transform {
 public:
  using Options = NoOptions;
  explicit Flip(const Options& /*options*/) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const auto axes = random.integer(-1, 1);  // as cv::flip counts
    draw.note("d", static_cast<double>(axes));
    draw.add(fitted(scaling(axes == 0 ? 1 : -1, axes == 1 ? 1 : -1), scene.size));
  }
};

}  // namespace

TransformEntry flip() {
  return transform_entry<Flip>(
      "Flip", "Mirrors horizontally, vertically or both.", TransformKind::kExactMove);
}

}  // namespace labelloom::augment
