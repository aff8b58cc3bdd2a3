// A weighted sum of two pictures, with the instances of both (Zhang et al., mixup, ICLR 2018).

#include <algorithm>
#include <cmath>

#include "augment/donor_choice.h"
#include "augment/donors.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class MixUp final : public Transform {
 public:
  struct Options {
    double alpha = 0.4;
    double min_share = 0.05;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("alpha",
            self.alpha,
            FieldSpec{.doc = "weights are drawn from Beta(alpha, alpha)", .low = 0.01, .high = 1});
      visit("min_share",
            self.min_share,
            FieldSpec{.doc = "least weight of either picture: below it nobody sees its objects",
                      .low = 0,
                      .high = 0.5});
    }
  };

  explicit MixUp(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const double share = std::clamp(draw_beta(random), options_.min_share, 1 - options_.min_share);
    const auto donor = draw_donor(scene, random);
    if (!donor) return;
    const PixelRect frame{0, 0, scene.size.width, scene.size.height};
    draw.note("share", share);
    draw.add(Blend{{*donor, fitted(scene.donors->size(*donor), frame, Fit::kCover)}, share});
  }

 private:
  /// Beta(alpha, alpha) by Joehnk's method (1964), good for alpha <= 1.
  double draw_beta(Random& random) const {
    constexpr int kTries = 64;  // each succeeds with a probability of at least 1/2
    for (int i = 0; i < kTries; ++i) {
      const double x = std::pow(random.uniform(), 1 / options_.alpha);
      const double y = std::pow(random.uniform(), 1 / options_.alpha);
      if (x + y > 0 && x + y <= 1) return x / (x + y);
    }
    return 0.5;
  }

  Options options_;
};

}  // namespace

TransformEntry mix_up() {
  return transform_entry<MixUp>("MixUp",
                                "Adds another picture of the set, with the instances of both.",
                                TransformKind::kMultiImage);
}

}  // namespace labelloom::augment
