// The brown of old photographs.

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class ToSepia final : public Transform {
 public:
  using Options = NoOptions;
  explicit ToSepia(const Options& /*options*/) {}

  void draw(const Scene& /*scene*/, Random& /*random*/, Draw& draw) const override {
    draw.add(
        ColourMatrix{{0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0}});
  }
};

}  // namespace

TransformEntry to_sepia() {
  return transform_entry<ToSepia>(
      "ToSepia", "Tints like an old photograph.", TransformKind::kColour);
}

}  // namespace labelloom::augment
