// Contrast alone, as Albumentations 1 had it.

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomContrast final : public Transform {
 public:
  struct Options {
    Range limit{-0.2, 0.2};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("limit",
            self.limit,
            FieldSpec{.doc = "the factor is 1 + this",
                      .low = -1,
                      .high = 10,
                      .scalar = Scalar::kSymmetric});
    }
  };

  explicit RandomContrast(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double alpha = 1 + random.uniform(options_.limit.low, options_.limit.high);
    draw.note("alpha", alpha);
    draw.add(tone(line(alpha, 0)));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry random_contrast() {
  return transform_entry<RandomContrast>(
      "RandomContrast", "Changes contrast.", TransformKind::kColour);
}

}  // namespace labelloom::augment
