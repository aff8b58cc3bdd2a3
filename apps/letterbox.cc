#include "apps/letterbox.h"

#include <algorithm>
#include <cmath>

#include "augment/homography.h"

namespace labelloom::apps {
namespace {

/// Below this scale the pixels between two samples would be lost.
constexpr double kAveragedBelow = 0.75;

int scaled_side(int side, double scale, int most) {
  return std::clamp(static_cast<int>(std::lround(side * scale)), 1, most);
}

}  // namespace

Letterbox::Letterbox(Size picture, Size network_input) : from(picture), input(network_input) {
  const double scale = std::min(static_cast<double>(input.width) / from.width,
                                static_cast<double>(input.height) / from.height);
  scaled = {scaled_side(from.width, scale, input.width),
            scaled_side(from.height, scale, input.height)};
  left = (input.width - scaled.width) / 2;
  top = (input.height - scaled.height) / 2;
}

augment::Step Letterbox::step(augment::Rgb fill) const {
  augment::Step step;
  step.transform = "letterbox";
  const augment::Sampling filled{augment::Interpolation::kLinear, augment::Border::kConstant, fill};
  if (scaled != from) {
    const double x = static_cast<double>(scaled.width) / from.width;
    const double y = static_cast<double>(scaled.height) / from.height;
    augment::Sampling sampling = filled;
    if (std::min(x, y) < kAveragedBelow) sampling.interpolation = augment::Interpolation::kArea;
    step.effects.emplace_back(augment::Projective{augment::scaling(x, y), scaled, sampling});
  }
  if (scaled != input) {
    step.effects.emplace_back(augment::Projective{augment::translation(left, top), input, filled});
  }
  return step;
}

model::Placement Letterbox::placement(Size original) const {
  // Whole pixels make the scales of the two sides differ by less than a pixel: share it out.
  const double x = static_cast<double>(scaled.width) / original.width;
  const double y = static_cast<double>(scaled.height) / original.height;
  model::Placement placement;
  placement.original = original;
  placement.scale = original.width >= original.height ? x : y;
  placement.offset = {left + (scaled.width - placement.scale * original.width) / 2,
                      top + (scaled.height - placement.scale * original.height) / 2};
  return placement;
}

augment::Rgb mean_colour(const std::array<float, 3>& mean) {
  const auto level = [](float share) {
    return static_cast<std::uint8_t>(std::clamp(std::lround(share * 255.0F), 0L, 255L));
  };
  return {level(mean[0]), level(mean[1]), level(mean[2])};
}

}  // namespace labelloom::apps
