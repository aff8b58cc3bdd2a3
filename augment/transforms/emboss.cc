// Makes edges look raised, lit from the bottom right.

#include <array>

#include <opencv2/core.hpp>

#include "augment/kernel.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class Emboss final : public Transform {
 public:
  struct Options {
    Range alpha{0.2, 0.5};
    Range strength{0.2, 0.7};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("alpha",
            self.alpha,
            FieldSpec{.doc = "share of the embossed picture",
                      .low = 0,
                      .high = 1,
                      .scalar = Scalar::kFrom,
                      .aliases = {"alpha_range"}});
      visit("strength",
            self.strength,
            FieldSpec{.doc = "height of the edges",
                      .low = 0,
                      .high = 100,
                      .scalar = Scalar::kFrom,
                      .aliases = {"strength_range"}});
    }
  };

  explicit Emboss(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double alpha = random.uniform(options_.alpha.low, options_.alpha.high);
    const double strength = random.uniform(options_.strength.low, options_.strength.high);
    draw.note("alpha", alpha);
    draw.note("strength", strength);
    const double corner = alpha * (1 + strength);
    const double side = alpha * strength;
    const std::array<double, 9> kernel{-corner, -side, 0, -side, 1, side, 0, side, corner};
    draw.add(Filter{[kernel](cv::Mat& bgr) { correlate(bgr, kernel); }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry emboss() {
  return transform_entry<Emboss>("Emboss", "Makes edges look raised.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
