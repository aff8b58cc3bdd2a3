// The negative.

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class InvertImg final : public Transform {
 public:
  using Options = NoOptions;
  explicit InvertImg(const Options& /*options*/) {}

  void draw(const Scene& /*scene*/, Random& /*random*/, Draw& draw) const override {
    draw.add(tone(line(-1, 255)));
  }
};

}  // namespace

TransformEntry invert_img() {
  return transform_entry<InvertImg>("InvertImg", "Makes the negative.", TransformKind::kColour);
}

}  // namespace labelloom::augment
