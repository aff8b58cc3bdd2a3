// Swaps the axes: x' = y, y' = x.

#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class Transpose final : public Transform {
 public:
  using Options = NoOptions;
  explicit Transpose(const Options& /*options*/) {}

  void draw(const Scene& scene, Random& /*random*/, Draw& draw) const override {
    draw.add(fitted({{0, 1, 0, 1, 0, 0, 0, 0, 1}}, scene.size));
  }
};

}  // namespace

TransformEntry transpose() {
  return transform_entry<Transpose>(
      "Transpose", "Swaps the axes: x' = y, y' = x.", TransformKind::kExactMove);
}

}  // namespace labelloom::augment
