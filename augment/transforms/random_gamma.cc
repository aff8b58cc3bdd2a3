// out = in ^ gamma, on the scale [0, 1].

#include <cmath>

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class RandomGamma final : public Transform {
 public:
  struct Options {
    Range gamma_limit{80, 120};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("gamma_limit",
            self.gamma_limit,
            FieldSpec{.doc = "100 times gamma",
                      .low = 1,
                      .high = 10000,
                      .scalar = Scalar::kFrom,
                      .from = 1,
                      .aliases = {"gamma_range"}});
    }
  };

  explicit RandomGamma(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double gamma = random.uniform(options_.gamma_limit.low, options_.gamma_limit.high) / 100;
    draw.note("gamma", gamma);
    // Rounded later; Albumentations truncates, which darkens by half a level.
    draw.add(tone([gamma](double value) { return 255 * std::pow(value / 255, gamma); }));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry random_gamma() {
  return transform_entry<RandomGamma>(
      "RandomGamma", "Raises values to a power.", TransformKind::kColour);
}

}  // namespace labelloom::augment
