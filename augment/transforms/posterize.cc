// Keeps the highest bits of each value.

#include <array>
#include <cmath>
#include <optional>

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// Albumentations takes a list of three, for red, green and blue.
void adapt(Settings& settings, Dialect /*dialect*/) {
  const Setting* bits = settings.find("num_bits");
  const auto* list = bits == nullptr ? nullptr : bits->as<Setting::List>();
  if (list == nullptr || list->size() != 3) return;
  const Setting::List channels = *list;
  settings.take("num_bits");
  settings.set("red_bits", channels[0]);
  settings.set("green_bits", channels[1]);
  settings.set("blue_bits", channels[2]);
}

FieldSpec bits(const char* doc) { return {.doc = doc, .low = 0, .high = 8}; }

class Posterize final : public Transform {
 public:
  struct Options {
    IntRange num_bits{4, 4};
    std::optional<IntRange> red_bits;
    std::optional<IntRange> green_bits;
    std::optional<IntRange> blue_bits;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("num_bits", self.num_bits, bits("bits that are kept, of 8"));
      visit("red_bits", self.red_bits, bits("bits of red, where they differ from num_bits"));
      visit("green_bits", self.green_bits, bits("bits of green, where they differ"));
      visit("blue_bits", self.blue_bits, bits("bits of blue, where they differ"));
    }
  };

  explicit Posterize(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const std::int64_t all = random.integer(options_.num_bits.low, options_.num_bits.high);
    const auto draw_bits = [&](const std::optional<IntRange>& range) {
      return range ? random.integer(range->low, range->high) : all;
    };
    Tone effect;
    constexpr std::array<const char*, 3> kNotes{"red_bits", "green_bits", "blue_bits"};
    const std::array<const std::optional<IntRange>*, 3> ranges{
        &options_.red_bits, &options_.green_bits, &options_.blue_bits};
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const std::int64_t kept = draw_bits(*ranges[channel]);
      const double step = std::ldexp(1, static_cast<int>(8 - kept));
      effect.rgb[channel] = [step](double value) {
        return std::floor(std::floor(value + 0.5) / step) * step;
      };
      draw.note(kNotes[channel], static_cast<double>(kept));
    }
    draw.add(effect);
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry posterize() {
  return transform_entry<Posterize>(
      "Posterize", "Keeps the highest bits of each value.", TransformKind::kColour, 0.5, adapt);
}

}  // namespace labelloom::augment
