// Stretches to a given size.

#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class Resize final : public Transform {
 public:
  struct Options {
    int height = 0;
    int width = 0;
    Resizing resizing;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("height",
            self.height,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      visit("width",
            self.width,
            FieldSpec{.doc = "pixels", .low = 1, .high = 32767, .required = true});
      Resizing::fields(self.resizing, visit);
    }
  };

  explicit Resize(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& /*random*/, Draw& draw) const override {
    const Size out{options_.width, options_.height};
    if (out == scene.size) return;
    draw.add(resized(scene.size, out, options_.resizing));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry resize() {
  return transform_entry<Resize>(
      "Resize", "Stretches to a given size.", TransformKind::kProjective, 1);
}

}  // namespace labelloom::augment
