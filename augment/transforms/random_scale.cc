// Another size, both sides by one factor.

#include <algorithm>

#include "augment/frames.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomScale final : public Transform {
 public:
  struct Options {
    Range scale_limit{-0.1, 0.1};
    Resizing resizing;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("scale_limit",
            self.scale_limit,
            FieldSpec{.doc = "the factor is 1 + this",
                      .low = -0.99,
                      .high = 100,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"scale_range"}});
      Resizing::fields(self.resizing, visit);
    }
  };

  explicit RandomScale(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const double scale = 1 + random.uniform(options_.scale_limit.low, options_.scale_limit.high);
    draw.note("scale", scale);
    const Size out{std::max(1, static_cast<int>(scene.size.width * scale)),
                   std::max(1, static_cast<int>(scene.size.height * scale))};
    draw.add(resized(scene.size, out, options_.resizing));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry random_scale() {
  return transform_entry<RandomScale>(
      "RandomScale", "Resizes by a random factor.", TransformKind::kProjective);
}

}  // namespace labelloom::augment
