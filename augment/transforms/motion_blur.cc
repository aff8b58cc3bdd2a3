// Spreads every pixel along a line, as a moving camera does.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/kernel.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

class MotionBlur final : public Transform {
 public:
  struct Options {
    IntRange blur_limit{3, 7};
    bool allow_shifted = true;
    Range angle_range{0, 360};
    Range direction_range{-1, 1};

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("blur_limit", self.blur_limit, kBlurLimitSpec);
      visit("allow_shifted",
            self.allow_shifted,
            FieldSpec{.doc = "move the line off the centre by up to a quarter of the window, and "
                             "the picture under its labels with it"});
      visit("angle_range",
            self.angle_range,
            FieldSpec{.doc = "degrees, positive turns clockwise", .low = -360, .high = 360});
      visit("direction_range",
            self.direction_range,
            FieldSpec{.doc = "0: to both sides alike; 1: forwards only; -1: backwards only",
                      .low = -1,
                      .high = 1});
    }
  };

  explicit MotionBlur(const Options& options) : options_(options) {}

  void draw(const Scene& /*scene*/, Random& random, Draw& draw) const override {
    const int side = draw_odd(options_.blur_limit, random);
    const double angle = random.uniform(options_.angle_range.low, options_.angle_range.high);
    const double direction =
        random.uniform(options_.direction_range.low, options_.direction_range.high);
    const double reach = (side - 1) / 2.0;  // sides are odd
    Point2d shift{};
    if (options_.allow_shifted) {
      const double x = random.uniform(-reach / 2, reach / 2);
      shift = {x, random.uniform(-reach / 2, reach / 2)};
    }
    draw.note("kernel", side);
    draw.note("angle", angle);
    draw.note("direction", direction);
    draw.note("shift_x", shift.x);
    draw.note("shift_y", shift.y);
    draw.add(Filter{
        [offsets = line(side, angle, direction, shift)](cv::Mat& bgr) { spread(bgr, offsets); }});
  }

 private:
  /// The pixels of the line, each once. Albumentations 2 presses what a shift moves out of the
  /// window against its edge, which bends the line.
  static std::vector<PixelOffset> line(int side, double angle, double direction, Point2d shift) {
    const double reach = (side - 1) / 2.0;  // sides are odd
    const double begin = -reach * (1 - std::max(direction, 0.0));
    const double end = reach * (1 + std::min(direction, 0.0));
    const double radians = angle * std::numbers::pi / 180;
    std::vector<PixelOffset> offsets;
    for (int i = 0; i < side; ++i) {
      const double t = begin + (end - begin) * i / (side - 1);
      offsets.push_back({static_cast<int>(std::lround(shift.x + t * std::cos(radians))),
                         static_cast<int>(std::lround(shift.y + t * std::sin(radians)))});
    }
    std::ranges::sort(offsets);
    // Not std::ranges::unique, which clang 14 does not take.
    offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
    return offsets;
  }

  Options options_;
};

}  // namespace

TransformEntry motion_blur() {
  return transform_entry<MotionBlur>(
      "MotionBlur", "Blurs along a line of random direction.", TransformKind::kFilter);
}

}  // namespace labelloom::augment
