// Turns by 0 to 3 quarter turns.

#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomRotate90 final : public Transform {
 public:
  using Options = NoOptions;
  explicit RandomRotate90(const Options& /*options*/) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const auto turns = static_cast<double>(random.integer(0, 3));
    draw.note("factor", turns);
    if (turns > 0) draw.add(fitted(rotation(90 * turns), scene.size));
  }
};

}  // namespace

TransformEntry random_rotate90() {
  return transform_entry<RandomRotate90>("RandomRotate90",
                                         "Turns by 0 to 3 quarter turns, counter-clockwise.",
                                         TransformKind::kExactMove,
                                         1);
}

}  // namespace labelloom::augment
