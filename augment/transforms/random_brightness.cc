// Brightness alone, as Albumentations 1 had it.

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomBrightness final : public Transform {
 public:
  struct Options {
    Range limit{-0.2, 0.2};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("limit",
            self.limit,
            FieldSpec{.doc = "added, as a share of full scale",
                      .low = -1,
                      .high = 1,
                      .scalar = Scalar::kSymmetric});
    }
  };

  explicit RandomBrightness(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double beta = random.uniform(options_.limit.low, options_.limit.high);
    draw.note("beta", beta);
    draw.add(tone(line(1, beta * 255)));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry random_brightness() {
  return transform_entry<RandomBrightness>(
      "RandomBrightness", "Changes brightness.", TransformKind::kColour);
}

}  // namespace labelloom::augment
