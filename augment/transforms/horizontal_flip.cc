// Mirrors left to right: x' = W - x.

#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class HorizontalFlip final : public Transform {
 public:
  using Options = NoOptions;
  explicit HorizontalFlip(const Options& /*options*/) {}

  void draw(const Scene& scene, Random& /*random*/, Draw& draw) const override {
    draw.add(fitted(scaling(-1, 1), scene.size));
  }
};

}  // namespace

TransformEntry horizontal_flip() {
  return transform_entry<HorizontalFlip>(
      "HorizontalFlip", "Mirrors left to right: x' = W - x.", TransformKind::kExactMove);
}

}  // namespace labelloom::augment
