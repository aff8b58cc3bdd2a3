#pragma once

// What is done to the pixels: the effects of a plan, neighbours fused where that changes nothing
// but the number of resamplings and roundings. Labels follow the plan itself; the tests hold both
// to each other.

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "augment/effect.h"

namespace labelloom::augment {

/// A frame that was seen through on the way: what lies outside it takes its fill.
struct Window {
  Homography frame_from_out;
  Size frame;
  Rgb fill;
};

/// One resampling, however many projective effects it stands for. An output point takes the fill of
/// the last window (the one nearest to the output) that it lies outside of, else the input there.
struct Resample {
  Homography in_from_out;
  Size in;
  Size out;
  Sampling sampling;
  std::vector<Window> windows;  ///< in the order of the effects
};

/// A value for each of the 256 values of each channel, in OpenCV's order: blue, green, red.
struct ToneTable {
  std::array<std::array<std::uint8_t, 256>, 3> bgr{};
};

/// A stage of a colour pass.
using ColourStage = std::variant<ToneTable, ColourMatrix, HsvShift>;

/// Pointwise changes of colour, done in one pass over the pixels, one stage after the other.
struct ColourPass {
  std::vector<ColourStage> stages;
};

using PixelStep = std::variant<Resample, Warp, ColourPass, Filter, Erase, Collage, Blend, Paste>;

struct PixelPlan {
  Size in;
  Size out;
  std::vector<PixelStep> steps;
};

enum class Fusion : std::uint8_t { kNone, kFull };

/// Neighbouring projective effects become one resampling when that shows the same content:
/// whatever an effect cut off stays cut off, whatever it filled keeps its fill. Neighbouring curves
/// become one table, rounded once; neighbouring colour effects one pass.
[[nodiscard]] PixelPlan plan_pixels(const Plan& plan, Fusion fusion);

/// Whether each output pixel is exactly one input pixel, or fill: flips, quarter turns, crops,
/// pads.
[[nodiscard]] bool is_exact_move(const Resample& resample);

/// Whether it shrinks the whole input by averaging the pixels under each new one (kArea). That is
/// more than a look at single points: such a step is not fused. Other uses of kArea are kLinear.
[[nodiscard]] bool averages(const Resample& resample);

/// A line a step, for people.
[[nodiscard]] std::string describe(const PixelPlan& plan);
[[nodiscard]] std::string describe(const Plan& plan);

}  // namespace labelloom::augment
