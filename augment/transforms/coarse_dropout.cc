// Rectangles painted over; key points under them become hidden.

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "augment/holes.h"
#include "augment/transform_table.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

/// Albumentations 1 names the ends of ranges and has other defaults.
void adapt(Settings& settings, Dialect dialect) {
  constexpr double kDefault = 8;
  join_range(settings, "min_holes", "max_holes", "num_holes_range", kDefault);
  join_range(settings, "min_height", "max_height", "hole_height_range", kDefault);
  join_range(settings, "min_width", "max_width", "hole_width_range", kDefault);
  adapt_hole_fill(settings);
  if (dialect != Dialect::kAlbumentations1) return;
  for (const char* name : {"num_holes_range", "hole_height_range", "hole_width_range"}) {
    if (!settings.has(name)) settings.set(name, range_setting(kDefault, kDefault));
  }
}

class CoarseDropout final : public Transform {
 public:
  struct Options {
    IntRange num_holes_range{1, 2};
    Range hole_height_range{0.1, 0.2};
    Range hole_width_range{0.1, 0.2};
    HoleFill fill;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("num_holes_range",
            self.num_holes_range,
            FieldSpec{.doc = "number of holes", .low = 1, .high = 10000});
      visit("hole_height_range",
            self.hole_height_range,
            FieldSpec{
                .doc = "height of a hole: pixels, or a share if below 1", .low = 0, .high = 32767});
      visit("hole_width_range",
            self.hole_width_range,
            FieldSpec{
                .doc = "width of a hole: pixels, or a share if below 1", .low = 0, .high = 32767});
      hole_fill_fields(self.fill, visit);
    }
  };

  explicit CoarseDropout(const Options& options) : options_(options) {
    check("hole_height_range", options.hole_height_range);
    check("hole_width_range", options.hole_width_range);
  }

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const auto count = random.integer(options_.num_holes_range.low, options_.num_holes_range.high);
    std::vector<PixelRect> rects;
    for (std::int64_t i = 0; i < count; ++i) {
      PixelRect rect;
      rect.height = draw_side(options_.hole_height_range, scene.size.height, random);
      rect.width = draw_side(options_.hole_width_range, scene.size.width, random);
      rect.y = static_cast<int>(random.integer(0, scene.size.height - rect.height));
      rect.x = static_cast<int>(random.integer(0, scene.size.width - rect.width));
      rects.push_back(rect);
    }
    draw.note("holes", static_cast<double>(count));
    draw.add(erase(std::move(rects), options_.fill, random));
  }

 private:
  /// Albumentations takes (0.1, 1.0) for pixels; here it ends at the whole side.
  static bool is_share(const Range& range) { return range.low < 1 && range.high <= 1; }

  static void check(const char* name, const Range& range) {
    const bool whole = range.low == std::floor(range.low) && range.high == std::floor(range.high);
    if (is_share(range) || whole) return;
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("CoarseDropout: {} = [{}, {}] must be two shares in [0, 1] or two "
                            "whole numbers of pixels",
                            name,
                            range.low,
                            range.high));
  }

  static int draw_side(const Range& range, int side, Random& random) {
    if (is_share(range)) return static_cast<int>(side * random.uniform(range.low, range.high));
    const auto low = static_cast<std::int64_t>(range.low);
    const auto high = static_cast<std::int64_t>(range.high);
    return static_cast<int>(
        random.integer(std::min<std::int64_t>(low, side), std::min<std::int64_t>(high, side)));
  }

  Options options_;
};

}  // namespace

TransformEntry coarse_dropout() {
  return transform_entry<CoarseDropout>(
      "CoarseDropout", "Paints rectangles over.", TransformKind::kErase, 0.5, adapt);
}

}  // namespace labelloom::augment
