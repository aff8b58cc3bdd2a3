// Adds to red, green and blue.

#include <algorithm>
#include <cmath>

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// In Albumentations 2 limits within [-1, 1] are shares of full scale.
void adapt(Settings& settings, Dialect dialect) {
  if (dialect != Dialect::kAlbumentations2) return;
  for (const char* name : {"r_shift_limit",
                           "g_shift_limit",
                           "b_shift_limit",
                           "r_shift_range",
                           "g_shift_range",
                           "b_shift_range"}) {
    const Setting* limit = settings.find(name);
    if (limit == nullptr) continue;
    Setting::List values{*limit};
    if (const auto* pair = limit->as<Setting::List>()) values = *pair;
    if (!std::ranges::all_of(values, [](const Setting& value) {
          const auto* number = value.as<double>();
          return number != nullptr && std::abs(*number) <= 1;
        })) {
      continue;
    }
    for (Setting& value : values) value = {*value.as<double>() * 255};
    settings.set(name, values.size() == 1 ? values.front() : Setting{values});
  }
}

class RGBShift final : public Transform {
 public:
  struct Options {
    Range r_shift_limit{-20, 20};
    Range g_shift_limit{-20, 20};
    Range b_shift_limit{-20, 20};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("r_shift_limit",
            self.r_shift_limit,
            FieldSpec{.doc = "added to red, in levels",
                      .low = -255,
                      .high = 255,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"r_shift_range"}});
      visit("g_shift_limit",
            self.g_shift_limit,
            FieldSpec{.doc = "added to green, in levels",
                      .low = -255,
                      .high = 255,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"g_shift_range"}});
      visit("b_shift_limit",
            self.b_shift_limit,
            FieldSpec{.doc = "added to blue, in levels",
                      .low = -255,
                      .high = 255,
                      .scalar = Scalar::kSymmetric,
                      .aliases = {"b_shift_range"}});
    }
  };

  explicit RGBShift(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double r = random.uniform(options_.r_shift_limit.low, options_.r_shift_limit.high);
    const double g = random.uniform(options_.g_shift_limit.low, options_.g_shift_limit.high);
    const double b = random.uniform(options_.b_shift_limit.low, options_.b_shift_limit.high);
    draw.note("r_shift", r);
    draw.note("g_shift", g);
    draw.note("b_shift", b);
    draw.add(Tone{{line(1, r), line(1, g), line(1, b)}});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry rgb_shift() {
  return transform_entry<RGBShift>(
      "RGBShift", "Adds to red, green and blue.", TransformKind::kColour, 0.5, adapt);
}

}  // namespace labelloom::augment
