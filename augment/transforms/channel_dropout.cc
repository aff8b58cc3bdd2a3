// Fills whole colour channels.

#include <array>
#include <string>
#include <utility>

#include "augment/curve.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class ChannelDropout final : public Transform {
 public:
  struct Options {
    IntRange channel_drop_range{1, 1};
    Rgb fill;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("channel_drop_range",
            self.channel_drop_range,
            FieldSpec{.doc = "how many of the three channels are filled", .low = 1, .high = 2});
      visit("fill",
            self.fill,
            FieldSpec{.doc = "value of the filled channels: one number or [r, g, b]",
                      .aliases = {"fill_value"}});
    }
  };

  explicit ChannelDropout(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const IntRange& range = options_.channel_drop_range;
    const auto count = static_cast<std::size_t>(random.integer(range.low, range.high));
    std::array<std::size_t, 3> channels{0, 1, 2};
    Tone effect = tone(line(1, 0));
    const std::array<double, 3> fill{
        double(options_.fill.r), double(options_.fill.g), double(options_.fill.b)};
    std::string dropped;
    for (std::size_t i = 0; i < count; ++i) {
      const auto pick = static_cast<std::size_t>(random.integer(std::int64_t(i), 2));
      std::swap(channels[i], channels[pick]);
      effect.rgb[channels[i]] = line(0, fill[channels[i]]);
      dropped += "rgb"[channels[i]];
    }
    draw.note("channels", dropped);
    draw.add(effect);
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry channel_dropout() {
  return transform_entry<ChannelDropout>(
      "ChannelDropout", "Fills whole colour channels.", TransformKind::kColour);
}

}  // namespace labelloom::augment
