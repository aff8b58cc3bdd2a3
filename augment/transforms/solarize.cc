// Inverts what is as bright as a threshold or brighter.

#include <cmath>
#include <utility>

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// Albumentations 1 counts the threshold in levels.
void adapt(Settings& settings, Dialect /*dialect*/) {
  Setting threshold = settings.take("threshold");
  if (threshold.is_null() || settings.has("threshold_range")) return;
  const auto to_share = [](Setting& level) {
    if (const auto* number = level.as<double>()) level = {*number / 255};
  };
  to_share(threshold);
  if (auto* range = std::get_if<Setting::List>(&threshold.value)) {
    for (Setting& level : *range) to_share(level);
  }
  settings.set("threshold_range", std::move(threshold));
}

class Solarize final : public Transform {
 public:
  struct Options {
    Range threshold_range{0.5, 0.5};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("threshold_range",
            self.threshold_range,
            FieldSpec{
                .doc = "share of full scale from which values are inverted", .low = 0, .high = 1});
    }
  };

  explicit Solarize(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const double share =
        random.uniform(options_.threshold_range.low, options_.threshold_range.high);
    draw.note("threshold", share);
    // A whole level, written as a share, must be that level again.
    const double threshold = share * 255 - 1e-9;
    draw.add(tone([threshold](double value) {
      const double level = std::floor(value + 0.5);
      return level >= threshold ? 255 - level : level;
    }));
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry solarize() {
  return transform_entry<Solarize>(
      "Solarize", "Inverts bright pixels.", TransformKind::kColour, 0.5, adapt);
}

}  // namespace labelloom::augment
