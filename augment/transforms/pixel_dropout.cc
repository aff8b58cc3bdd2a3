// Fills single pixels, each with the same probability.

#include <cmath>
#include <optional>

#include <opencv2/core.hpp>

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

/// Numbers of a row depend on the key and the row alone.
struct Noise {
  std::uint64_t key = 0;
  std::uint64_t threshold = 0;
  bool per_channel = false;
  std::optional<Rgb> fill;

  void add_to(cv::Mat& bgr) const {
    for (int row = 0; row < bgr.rows; ++row) {
      Random random({.seed = key, .image = static_cast<std::uint64_t>(row)});
      auto* pixel = bgr.ptr<std::uint8_t>(row);
      for (int column = 0; column < bgr.cols; ++column, pixel += 3) change(pixel, random);
    }
  }

  void change(std::uint8_t* pixel, Random& random) const {
    bool drop = random.bits() < threshold;
    for (unsigned i = 0; i < 3; ++i) {
      if (i > 0 && per_channel) drop = random.bits() < threshold;
      if (drop) pixel[i] = value(i, random);
    }
  }

  std::uint8_t value(unsigned channel, Random& random) const {
    if (!fill) return static_cast<std::uint8_t>(random.bits());
    return channel == 0 ? fill->b : channel == 1 ? fill->g : fill->r;
  }
};

class PixelDropout final : public Transform {
 public:
  struct Options {
    double dropout_prob = 0.01;
    bool per_channel = false;
    std::optional<Rgb> drop_value = Rgb{};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("dropout_prob",
            self.dropout_prob,
            FieldSpec{.doc = "probability of each pixel to be filled", .low = 0, .high = 1});
      visit("per_channel",
            self.per_channel,
            FieldSpec{.doc = "red, green and blue are filled each for itself"});
      visit("drop_value",
            self.drop_value,
            FieldSpec{.doc = "colour they get: one number or [r, g, b]; null for noise"});
    }
  };

  explicit PixelDropout(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    Noise noise;
    noise.key = random.derive();
    // Of 2^32, so that 1 is always and 0 never.
    noise.threshold = static_cast<std::uint64_t>(std::llround(options_.dropout_prob * 0x1p32));
    noise.per_channel = options_.per_channel;
    noise.fill = options_.drop_value;
    draw.add(Filter{[noise](cv::Mat& bgr) { noise.add_to(bgr); }});
  }

 private:
  Options options_;
};

}  // namespace

TransformEntry pixel_dropout() {
  return transform_entry<PixelDropout>(
      "PixelDropout", "Fills single pixels at random.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
