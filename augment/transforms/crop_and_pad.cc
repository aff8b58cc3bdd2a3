// Cuts or adds at each side. Sides are in the order top, right, bottom, left; negative is cut.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "augment/frames.h"
#include "augment/transform_table.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

using Sides = std::array<double, 4>;

class CropAndPad final : public Transform {
 public:
  struct Options {
    std::optional<Range> px;
    std::optional<Range> percent;
    std::optional<std::vector<double>> px_sides;
    std::optional<std::vector<double>> percent_sides;
    bool keep_size = true;
    bool sample_independently = true;
    Sampling sampling;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("px", self.px, FieldSpec{.doc = "pixels at each side", .low = -30000, .high = 30000});
      visit("percent",
            self.percent,
            FieldSpec{.doc = "share of height or width at each side", .low = -1, .high = 10});
      visit("px_sides",
            self.px_sides,
            FieldSpec{.doc = "instead of px: low and high for top, right, bottom, left",
                      .low = -30000,
                      .high = 30000});
      visit("percent_sides",
            self.percent_sides,
            FieldSpec{.doc = "instead of percent: low and high for top, right, bottom, left",
                      .low = -1,
                      .high = 10});
      visit("keep_size", self.keep_size, FieldSpec{.doc = "stretch the result to the old size"});
      visit("sample_independently",
            self.sample_independently,
            FieldSpec{.doc = "draw for each side; else once for all"});
      sampling_fields(self.sampling, visit);
    }
  };

  explicit CropAndPad(const Options& options) : options_(options) {
    for (const auto* sides : {&options.px_sides, &options.percent_sides}) {
      if (*sides && (*sides)->size() != 8) {
        throw Error(Errc::kInvalidData, {}, "CropAndPad: sides must be eight numbers");
      }
    }
  }

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const Size size = scene.size;
    const auto [top, right, bottom, left] = draw_sides(size, random);
    const auto [x, width] = keep_a_pixel(left, right, size.width);
    const auto [y, height] = keep_a_pixel(top, bottom, size.height);
    const PixelRect rect{x, y, width, height};
    draw.note("top", -y);
    draw.note("right", x + width - size.width);
    draw.note("bottom", y + height - size.height);
    draw.note("left", -x);
    if (rect == PixelRect{0, 0, size.width, size.height}) return;
    draw.add(cropped(rect, size, options_.sampling));
    if (!options_.keep_size) return;
    draw.add(resized({width, height}, size, {options_.sampling.interpolation, {}}));
  }

 private:
  [[nodiscard]] Sides draw_sides(Size size, Random& random) const {
    if (options_.px_sides) return draw_each(*options_.px_sides, random);
    if (options_.px) return draw_one(*options_.px, random);
    Sides sides{};
    if (options_.percent_sides) {
      sides = draw_each(*options_.percent_sides, random);
    } else if (options_.percent) {
      sides = draw_one(*options_.percent, random);
    }
    for (std::size_t side = 0; side < 4; ++side) {
      sides[side] *= side % 2 == 0 ? size.height : size.width;
    }
    return sides;
  }

  static Sides draw_each(const std::vector<double>& ranges, Random& random) {
    Sides sides{};
    for (std::size_t i = 0; i < 4; ++i) sides[i] = random.uniform(ranges[2 * i], ranges[2 * i + 1]);
    return sides;
  }

  [[nodiscard]] Sides draw_one(const Range& range, Random& random) const {
    Sides sides{};
    sides.fill(random.uniform(range.low, range.high));
    if (!options_.sample_independently) return sides;
    for (double& side : sides) side = random.uniform(range.low, range.high);
    return sides;
  }

  struct Run {
    int first = 0;
    int length = 0;
  };
  /// Whole pixels of one axis; where cuts meet, the pixel between them stays.
  static Run keep_a_pixel(double before, double after, int side) {
    int first = -static_cast<int>(std::lround(before));
    int end = side + static_cast<int>(std::lround(after));
    if (end <= first) {
      first = std::clamp((first + end) / 2, 0, side - 1);
      end = first + 1;
    }
    return {first, end - first};
  }

  Options options_;
};

/// A list of four says each side: a number, or a range.
void adapt_sides(Settings& settings, const char* name, const char* sides_name) {
  const Setting* value = settings.find(name);
  const auto* list = value == nullptr ? nullptr : value->as<Setting::List>();
  if (list == nullptr || list->size() != 4) return;
  Setting::List sides;
  for (const Setting& side : *list) {
    const auto* range = side.as<Setting::List>();
    const bool is_pair = range != nullptr && range->size() == 2;
    sides.push_back(is_pair ? range->front() : side);
    sides.push_back(is_pair ? range->back() : side);
  }
  settings.take(name);
  settings.set(sides_name, {sides});
}

void adapt(Settings& settings, Dialect /*dialect*/) {
  adapt_sides(settings, "px", "px_sides");
  adapt_sides(settings, "percent", "percent_sides");
}

}  // namespace

TransformEntry crop_and_pad() {
  return transform_entry<CropAndPad>(
      "CropAndPad", "Cuts or adds at each side.", TransformKind::kProjective, 0.5, adapt);
}

}  // namespace labelloom::augment
