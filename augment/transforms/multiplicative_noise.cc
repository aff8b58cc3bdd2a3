// Multiplies: the picture, each channel, each pixel or each value by a random factor.

#include <algorithm>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/noise.h"
#include "augment/rounded.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

void multiply_elements(cv::Mat& bgr, const Range& factor, std::uint64_t key, bool per_channel) {
  const auto low = static_cast<float>(factor.low);
  const auto step = static_cast<float>((factor.high - factor.low) / 65536);
  const NoiseRows rows(key);
  const auto width = static_cast<std::size_t>(bgr.cols);
  std::vector<std::uint16_t> bits(per_channel ? 3 * width : width);
  for (int y = 0; y < bgr.rows; ++y) {
    rows.fill(y, bits);
    auto* level = bgr.ptr<std::uint8_t>(y);
    const auto multiply = [&level](float by) {
      const float product = std::min(static_cast<float>(*level) * by, 255.0F);
      *level++ = rounded<std::uint8_t>(product);
    };
    for (const std::uint16_t number : bits) {
      const float by = low + step * (static_cast<float>(number) + 0.5F);
      multiply(by);
      if (per_channel) continue;
      multiply(by);
      multiply(by);
    }
  }
}

class MultiplicativeNoise final : public Transform {
 public:
  struct Options {
    Range multiplier{0.9, 1.1};
    bool per_channel = false;
    bool elementwise = false;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("multiplier", self.multiplier, FieldSpec{.doc = "factor", .low = 0, .high = 255});
      visit("per_channel", self.per_channel, FieldSpec{.doc = "every channel has its own"});
      visit("elementwise", self.elementwise, FieldSpec{.doc = "every pixel has its own"});
    }
  };

  explicit MultiplicativeNoise(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const Range& factor = options_.multiplier;
    if (options_.elementwise) {
      draw.add(Filter{[factor, key = random.derive(), per_channel = options_.per_channel](
                          cv::Mat& bgr) { multiply_elements(bgr, factor, key, per_channel); }});
      return;
    }
    const double red = random.uniform(factor.low, factor.high);
    const double green = options_.per_channel ? random.uniform(factor.low, factor.high) : red;
    const double blue = options_.per_channel ? random.uniform(factor.low, factor.high) : red;
    draw.note("red", red);
    draw.note("green", green);
    draw.note("blue", blue);
    const auto times = [](double by) { return [by](double level) { return by * level; }; };
    draw.add(Tone{{times(red), times(green), times(blue)}});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry multiplicative_noise() {
  return transform_entry<MultiplicativeNoise>(
      "MultiplicativeNoise", "Multiplies by random factors.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
