// Mirrors top to bottom: y' = H - y.

#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class VerticalFlip final : public Transform {
 public:
  using Options = NoOptions;
  explicit VerticalFlip(const Options& /*options*/) {}

  void draw(const Scene& scene, Random& /*random*/, Draw& draw) const override {
    draw.add(fitted(scaling(1, -1), scene.size));
  }
};

}  // namespace

TransformEntry vertical_flip() {
  return transform_entry<VerticalFlip>(
      "VerticalFlip", "Mirrors top to bottom: y' = H - y.", TransformKind::kExactMove);
}

}  // namespace labelloom::augment
