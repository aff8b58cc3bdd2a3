#include "augment/pixel_plan.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace labelloom::augment {
namespace {

constexpr double kTolerance = 1e-6;  // pixels

std::array<Point2d, 4> corners(Size size) {
  const double w = size.width;
  const double h = size.height;
  return {{{0, 0}, {w, 0}, {w, h}, {0, h}}};
}

/// Whether the whole frame `from`, mapped, lies inside the frame `to`.
bool lies_inside(const Homography& map, Size from, Size to) {
  return std::ranges::all_of(corners(from), [&](Point2d corner) {
    const double w = map.m[6] * corner.x + map.m[7] * corner.y + map.m[8];
    const Point2d p = map(corner);
    return w > 0 && p.x >= -kTolerance && p.y >= -kTolerance && p.x <= to.width + kTolerance &&
           p.y <= to.height + kTolerance;
  });
}

Resample single(const Projective& effect, Size in) {
  Resample step{inverse(effect.out_from_in), in, effect.out, effect.sampling, {}};
  if (step.sampling.interpolation == Interpolation::kArea && !averages(step)) {
    step.sampling.interpolation = Interpolation::kLinear;
  }
  return step;
}

/// Resampling first with `first`, then with `next`, as one; false when that would show something
/// else.
bool fuse(Resample& first, const Resample& next) {
  if (averages(first) || averages(next)) return false;
  const Homography& middle_from_out = next.in_from_out;
  // `next` sees nothing but the first frame: what is outside that never shows.
  const bool sees_first_only = lies_inside(middle_from_out, next.out, first.out);
  // The first frame shows the whole input and nothing else: it adds no border of its own.
  const bool first_covers =
      first.windows.empty() && lies_inside(first.in_from_out, first.out, first.in);
  const bool first_keeps =
      first.windows.empty() && lies_inside(inverse(first.in_from_out), first.in, first.out);
  const Interpolation finer =
      is_exact_move(first) ? next.sampling.interpolation : first.sampling.interpolation;
  if (!is_exact_move(first) && !is_exact_move(next) &&
      first.sampling.interpolation != next.sampling.interpolation) {
    return false;
  }
  Sampling sampling = first.sampling;
  std::vector<Window> windows = first.windows;
  for (Window& window : windows) window.frame_from_out = window.frame_from_out * middle_from_out;
  if (first_covers && first_keeps && (!sees_first_only || is_exact_move(first))) {
    sampling = next.sampling;  // the frames coincide; this border begins where that one did
  } else if (!sees_first_only) {
    // The border of `next` begins at the first frame.
    if (next.sampling.border != Border::kConstant) return false;
    const bool same_fill =
        first.sampling.border == Border::kConstant && first.sampling.fill == next.sampling.fill;
    const bool nothing_cut = first_keeps && same_fill;
    if (!nothing_cut) windows.push_back({middle_from_out, first.out, next.sampling.fill});
  }
  sampling.interpolation = finer;
  first = {first.in_from_out * middle_from_out, first.in, next.out, sampling, std::move(windows)};
  return true;
}

double clamped(double value) { return std::clamp(value, 0.0, 255.0); }

ToneTable tabulate(const std::vector<Tone>& tones) {
  ToneTable table;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t level = 0; level < 256; ++level) {
      double value = static_cast<double>(level);
      for (const Tone& tone : tones) value = clamped(tone.rgb[channel](value));
      table.bgr[2 - channel][level] = static_cast<std::uint8_t>(std::lround(value));
    }
  }
  return table;
}

/// Collects effects into steps.
class Planner {
 public:
  Planner(PixelPlan& plan, Fusion fusion) : plan_(plan), fusion_(fusion) {}

  void add(const Effect& effect, Size before) {
    if (const auto* tone = std::get_if<Tone>(&effect)) {
      tones_.push_back(*tone);
      if (fusion_ == Fusion::kNone) finish_tones();
      return;
    }
    finish_tones();
    std::visit([&](const auto& one) { add_one(one, before); }, effect);
  }

  void finish_tones() {
    if (tones_.empty()) return;
    add_stage(tabulate(tones_));
    tones_.clear();
  }

 private:
  void add_one(const Projective& effect, Size before) {
    Resample next = single(effect, before);
    auto* last = plan_.steps.empty() ? nullptr : std::get_if<Resample>(&plan_.steps.back());
    if (fusion_ == Fusion::kFull && last != nullptr && fuse(*last, next)) return;
    plan_.steps.emplace_back(std::move(next));
  }
  void add_one(const Tone& /*unused*/, Size /*before*/) {}
  void add_one(const ColourMatrix& effect, Size /*before*/) { add_stage(effect); }
  void add_one(const HsvShift& effect, Size /*before*/) { add_stage(effect); }
  template <typename Other>
  void add_one(const Other& effect, Size /*before*/) {
    plan_.steps.emplace_back(effect);
  }

  void add_stage(const ColourStage& stage) {
    auto* last = plan_.steps.empty() ? nullptr : std::get_if<ColourPass>(&plan_.steps.back());
    if (fusion_ == Fusion::kFull && last != nullptr) {
      last->stages.push_back(stage);
    } else {
      plan_.steps.emplace_back(ColourPass{{stage}});
    }
  }

  PixelPlan& plan_;
  Fusion fusion_;
  std::vector<Tone> tones_;
};

std::string text(const Homography& map) {
  if (map.is_affine()) {
    return fmt::format("[{:.4g} {:.4g} {:.1f}; {:.4g} {:.4g} {:.1f}]",
                       map.m[0],
                       map.m[1],
                       map.m[2],
                       map.m[3],
                       map.m[4],
                       map.m[5]);
  }
  return fmt::format("[{:.4g}]", fmt::join(map.m, " "));
}

std::string text(Size size) { return fmt::format("{} x {}", size.width, size.height); }

const char* text(const ColourStage& stage) {
  constexpr std::array<const char*, 3> kNames{"table", "colour matrix", "HSV shift"};
  return kNames[stage.index()];
}

std::string text(const PixelStep& step) {
  if (const auto* resample = std::get_if<Resample>(&step)) {
    std::string line = is_exact_move(*resample) ? "move pixels" : "resample";
    line += fmt::format(" {} -> {}, input from output {}",
                        text(resample->in),
                        text(resample->out),
                        text(resample->in_from_out));
    if (!resample->windows.empty()) {
      line += fmt::format(", through {} earlier frame(s)", resample->windows.size());
    }
    return line;
  }
  if (const auto* pass = std::get_if<ColourPass>(&step)) {
    std::string line = "colours:";
    for (const ColourStage& stage : pass->stages) line += fmt::format(" {},", text(stage));
    line.pop_back();
    return line;
  }
  constexpr std::array<const char*, 8> kNames{
      "", "curved warp", "", "filter", "erase", "collage", "blend", "paste"};
  return kNames[step.index()];
}

const char* text(const Effect& effect) {
  constexpr std::array<const char*, 10> kNames{"projective map",
                                               "curved map",
                                               "tone curves",
                                               "colour matrix",
                                               "HSV shift",
                                               "filter",
                                               "erase",
                                               "collage",
                                               "blend",
                                               "paste"};
  return kNames[effect.index()];
}

}  // namespace

PixelPlan plan_pixels(const Plan& plan, Fusion fusion) {
  PixelPlan pixels{plan.in, plan.out, {}};
  Planner planner(pixels, fusion);
  Size size = plan.in;
  for (const Step& step : plan.steps) {
    for (const Effect& effect : step.effects) {
      planner.add(effect, size);
      size = size_after(effect, size);
    }
  }
  planner.finish_tones();
  return pixels;
}

bool is_exact_move(const Resample& resample) {
  const auto& m = resample.in_from_out.m;
  if (!resample.in_from_out.is_affine()) return false;
  const auto unit = [](double a) { return std::abs(std::abs(a) - 1) < 1e-9; };
  const auto zero = [](double a) { return std::abs(a) < 1e-9; };
  const auto whole = [](double a) { return std::abs(a - std::round(a)) < 1e-6; };
  const bool straight = unit(m[0]) && zero(m[1]) && zero(m[3]) && unit(m[4]);
  const bool turned = zero(m[0]) && unit(m[1]) && unit(m[3]) && zero(m[4]);
  return (straight || turned) && whole(m[2]) && whole(m[5]);
}

bool averages(const Resample& resample) {
  if (resample.sampling.interpolation != Interpolation::kArea || is_exact_move(resample)) {
    return false;
  }
  const double x = static_cast<double>(resample.in.width) / resample.out.width;
  const double y = static_cast<double>(resample.in.height) / resample.out.height;
  if (x < 1 || y < 1) return false;
  const auto& found = resample.in_from_out.m;
  const auto& whole = scaling(x, y).m;
  return std::ranges::equal(
      found, whole, [](double a, double b) { return std::abs(a - b) < kTolerance; });
}

std::string describe(const Plan& plan) {
  std::string out;
  Size size = plan.in;
  for (const Step& step : plan.steps) {
    for (const Effect& effect : step.effects) {
      const Size after = size_after(effect, size);
      out += fmt::format("  {}: {} {}{}\n",
                         step.transform,
                         text(effect),
                         step.drawn.empty() ? "" : "{" + step.drawn + "}",
                         after == size ? "" : fmt::format(" -> {}", text(after)));
      size = after;
    }
  }
  return out;
}

std::string describe(const PixelPlan& plan) {
  std::string out;
  for (const PixelStep& step : plan.steps) out += fmt::format("  {}\n", text(step));
  return out;
}

}  // namespace labelloom::augment
