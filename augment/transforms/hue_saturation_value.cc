// Shifts hue, saturation and value.

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class HueSaturationValue final : public Transform {
 public:
  struct Options {
    Range hue_shift_limit{-20, 20};
    Range sat_shift_limit{-30, 30};
    Range val_shift_limit{-20, 20};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("hue_shift_limit",
            self.hue_shift_limit,
            FieldSpec{.doc = "in units of 2 degrees",
                      .low = -180,
                      .high = 180,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"hue_shift_range"}});
      visit("sat_shift_limit",
            self.sat_shift_limit,
            FieldSpec{.doc = "saturation, of 255",
                      .low = -255,
                      .high = 255,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"sat_shift_range"}});
      visit("val_shift_limit",
            self.val_shift_limit,
            FieldSpec{.doc = "value, of 255",
                      .low = -255,
                      .high = 255,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"val_shift_range"}});
    }
  };

  explicit HueSaturationValue(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const HsvShift shift{
        random.uniform(options_.hue_shift_limit.low, options_.hue_shift_limit.high),
        random.uniform(options_.sat_shift_limit.low, options_.sat_shift_limit.high),
        random.uniform(options_.val_shift_limit.low, options_.val_shift_limit.high)};
    draw.note("hue_shift", shift.hue);
    draw.note("sat_shift", shift.saturation);
    draw.note("val_shift", shift.value);
    draw.add(shift);
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry hue_saturation_value() {
  return transform_entry<HueSaturationValue>(
      "HueSaturationValue", "Shifts hue, saturation and value.", TransformKind::kColour);
}

}  // namespace labelloom::augment
