#include "samples/generator/ground.h"

#include <algorithm>
#include <cmath>

#include "samples/generator/noise.h"

namespace labelloom::samples {
namespace {

double distance_to_multiple(double x, double step) {
  return std::abs(x - step * std::round(x / step));
}

/// Thin straight scratches: 1 on one. Each lattice cell holds at most one short line.
double scratches(Point at, double cell, double density, double width, std::uint32_t seed) {
  double found = 0;
  const auto cx = static_cast<std::int64_t>(std::floor(at.x / cell));
  const auto cy = static_cast<std::int64_t>(std::floor(at.y / cell));
  for (std::int64_t y = cy - 1; y <= cy + 1; ++y) {
    for (std::int64_t x = cx - 1; x <= cx + 1; ++x) {
      if (hash_unit(x, y, seed) > density) continue;
      const double angle = 6.2832 * hash_unit(x, y, seed + 1);
      const Point middle{(static_cast<double>(x) + hash_unit(x, y, seed + 2)) * cell,
                         (static_cast<double>(y) + hash_unit(x, y, seed + 3)) * cell};
      const Point d = at - middle;
      const double along = d.x * std::cos(angle) + d.y * std::sin(angle);
      const double bow = along * along / (8 * cell) * (hash_unit(x, y, seed + 4) - 0.5);
      const double across = std::abs(d.y * std::cos(angle) - d.x * std::sin(angle) - bow);
      const double reach = cell * (0.25 + 0.6 * hash_unit(x, y, seed + 5));
      const double fade = 1 - smooth_step(0.5 * reach, reach, std::abs(along));
      found = std::max(found, fade * (1 - smooth_step(0.5 * width, 1.5 * width, across)));
    }
  }
  return found;
}

/// Round specks of dust and grit: 1 on one.
double specks(Point at, double cell, double density, double radius, std::uint32_t seed) {
  const auto cx = static_cast<std::int64_t>(std::floor(at.x / cell));
  const auto cy = static_cast<std::int64_t>(std::floor(at.y / cell));
  if (hash_unit(cx, cy, seed) > density) return 0;
  const double size = radius * (0.4 + 0.6 * hash_unit(cx, cy, seed + 1));
  const double room = cell - 2 * size;
  const Point middle{static_cast<double>(cx) * cell + size + room * hash_unit(cx, cy, seed + 2),
                     static_cast<double>(cy) * cell + size + room * hash_unit(cx, cy, seed + 3)};
  return 1 - smooth_step(0.6 * size, size, length(at - middle));
}

/// Soaked-in oil: 1 inside a stain. Warped, or the noise's lattice would show.
double oil_stain(Point at, double level, std::uint32_t seed) {
  const Point warped{at.x + 70 * fractal_noise(at.x * 0.008, at.y * 0.008, 4, seed + 1),
                     at.y + 70 * fractal_noise(at.x * 0.008, at.y * 0.008, 4, seed + 2)};
  const double noise = fractal_noise(warped.x * 0.004, warped.y * 0.0045, 3, seed);
  return smooth_step(level, level + 0.2, noise);
}

Texel wood(Point at, std::uint32_t seed) {
  constexpr double kPlank = 236;
  const double offset = 120 * hash_unit(1, 1, seed);
  const double plank = std::floor((at.y + offset) / kPlank);
  const double within = at.y + offset - plank * kPlank;
  const auto own = seed + static_cast<std::uint32_t>(static_cast<int>(plank) + 50) * 977U;
  // Growth rings of a board cut along the trunk: contours of a slope that wanders along the board.
  const double wander = 34 * value_noise(at.x * 0.0021, within * 0.006, own) +
                        9 * fractal_noise(at.x * 0.011, within * 0.03, 2, own + 1);
  const double rings = (within + wander) * 0.055;
  const double saw = rings - std::floor(rings);
  const double late = smooth_step(0.45, 0.92, saw) * (1 - smooth_step(0.92, 1.0, saw));
  const double fibre = fractal_noise(at.x * 0.012, at.y * 0.55, 4, own + 2);
  const double pores = smooth_step(0.42, 0.75, value_noise(at.x * 0.03, at.y * 0.9, own + 3));
  Colour colour = mix({0.245, 0.150, 0.085}, {0.135, 0.072, 0.036}, 0.75 * late);
  colour = (1 + 0.28 * fibre) * colour;
  colour = (1 - 0.35 * pores) * colour;
  colour = (0.82 + 0.3 * hash_unit(static_cast<int>(plank), 7, seed)) * colour;
  const double gap = std::min(within, kPlank - within);
  const double groove = 1 - smooth_step(0.8, 3.2, gap);
  const double worn = scratches(at, 150, 0.5, 0.7, seed + 60);
  const double oil = oil_stain(at, 0.17, seed + 70);
  colour = (1 - 0.9 * groove) * (1 - 0.42 * oil) * mix(colour, {0.5, 0.36, 0.22}, 0.35 * worn);
  return {.height = -5 * groove - 0.35 * pores + 0.3 * fibre - 0.4 * worn,
          .colour = colour,
          .roughness = 0.62 - 0.25 * oil,
          .metal = 0};
}

Texel steel(Point at, std::uint32_t seed) {
  const double fine = fractal_noise(at.x * 0.012, at.y * 0.85, 3, seed);
  const double cloud = fractal_noise(at.x * 0.006, at.y * 0.006, 4, seed + 10);
  const double rust =
      smooth_step(0.30, 0.55, fractal_noise(at.x * 0.018, at.y * 0.018, 5, seed + 20));
  const double lines = scratches(at, 120, 0.35, 0.5, seed + 30);
  Texel texel{.height = 0.12 * fine - 0.25 * lines,
              .colour = (0.30 + 0.09 * cloud + 0.035 * fine) * Colour{0.97, 0.99, 1.0},
              .roughness = 0.46 + 0.10 * cloud,
              .metal = 0.45};
  texel.colour = mix(texel.colour, {0.105, 0.05, 0.024}, 0.75 * rust);
  texel.roughness += 0.3 * rust;
  texel.metal -= 0.4 * rust;
  // T-slots of a clamping table, and tapped holes between them.
  const double slot_middle = 250 + 60 * hash_unit(3, 3, seed);
  const double slot = distance_to_multiple(at.y - slot_middle + 170, 340);
  const double in_slot = 1 - smooth_step(15, 17.5, slot);
  const double bevel = 1 - smooth_step(15, 20, slot);
  const Point hole{distance_to_multiple(at.x - 60, 213),
                   distance_to_multiple(at.y - slot_middle, 340)};
  const double in_hole = 1 - smooth_step(8.5, 10.5, length(hole));
  texel.height -= 2 * bevel + 22 * std::max(in_slot, in_hole);
  texel.colour = (1 - 0.80 * std::max(in_slot, in_hole)) * texel.colour;
  return texel;
}

Texel rubber(Point at, std::uint32_t seed) {
  const double rib = distance_to_multiple(at.y + 2 * value_noise(at.x * 0.004, 0, seed), 13.0);
  const double crest = smooth_step(1.2, 3.6, rib);
  const double grain = fractal_noise(at.x * 0.45, at.y * 0.45, 2, seed + 5);
  const double dust =
      smooth_step(-0.15, 0.5, fractal_noise(at.x * 0.006, at.y * 0.007, 5, seed + 9));
  Colour colour = (0.036 + 0.007 * grain) * Colour{0.98, 1.0, 1.06};
  colour = mix(colour, {0.16, 0.15, 0.135}, 0.34 * dust * (0.5 + 0.5 * crest));
  const double wiped = scratches(at, 170, 0.45, 1.1, seed + 12);
  colour = mix(colour, {0.11, 0.11, 0.11}, 0.5 * wiped);
  return {.height = 2.2 * crest + 0.35 * grain, .colour = colour, .roughness = 0.58, .metal = 0};
}

Texel cutting_mat(Point at, std::uint32_t seed) {
  const double turn = 0.05 * (hash_unit(5, 5, seed) - 0.5);
  const Point p{at.x + turn * at.y, at.y - turn * at.x};
  const double grain = fractal_noise(at.x * 0.5, at.y * 0.5, 3, seed);
  const double wear = fractal_noise(at.x * 0.007, at.y * 0.007, 4, seed + 4);
  Colour colour = (1 + 0.10 * grain + 0.25 * wear) * Colour{0.022, 0.072, 0.060};
  const double step = 58;
  const double line = std::min(distance_to_multiple(p.x, step), distance_to_multiple(p.y, step));
  const double thick =
      std::min(distance_to_multiple(p.x, 5 * step), distance_to_multiple(p.y, 5 * step));
  const double ink =
      std::max(0.75 * (1 - smooth_step(0.5, 1.4, line)), 1 - smooth_step(1.1, 2.1, thick));
  const double kept = 0.75 + 0.5 * fractal_noise(at.x * 0.05, at.y * 0.05, 3, seed + 8);
  colour = mix(colour, {0.42, 0.44, 0.22}, 0.6 * ink * std::clamp(kept, 0.0, 1.0));
  const double cuts = scratches(at, 130, 0.75, 0.6, seed + 15);
  colour = mix(colour, {0.012, 0.045, 0.038}, 0.7 * cuts);
  return {.height = 0.22 * grain - 1.0 * cuts,
          .colour = colour,
          .roughness = 0.48 + 0.1 * wear,
          .metal = 0};
}

Texel cardboard(Point at, std::uint32_t seed) {
  const double flutes = std::sin(at.x * 0.42 + 0.6 * value_noise(at.y * 0.01, 0, seed));
  const double fibres = fractal_noise(at.x * 0.16, at.y * 0.5, 4, seed + 1);
  const double blotch = fractal_noise(at.x * 0.008, at.y * 0.008, 5, seed + 2);
  const double flecks = smooth_step(0.55, 0.8, value_noise(at.x * 0.22, at.y * 0.5, seed + 3));
  Colour colour = (1 + 0.13 * fibres + 0.14 * blotch + 0.025 * flutes) * Colour{0.42, 0.28, 0.165};
  colour = (1 - 0.3 * flecks) * colour;
  const double oil = oil_stain(at, 0.24, seed + 30);
  const double creases = scratches(at, 260, 0.35, 1.3, seed + 40);
  colour = (1 - 0.28 * oil) * (1 - 0.18 * creases) * colour;
  return {.height = 0.35 * flutes + 0.5 * fibres - 1.2 * creases,
          .colour = colour,
          .roughness = 0.85 - 0.4 * oil,
          .metal = 0};
}

}  // namespace

Texel ground_texel(GroundKind kind, Point at, std::uint32_t seed) {
  Texel texel;
  switch (kind) {
    case GroundKind::kWood:
      texel = wood(at, seed);
      break;
    case GroundKind::kSteel:
      texel = steel(at, seed);
      break;
    case GroundKind::kRubber:
      texel = rubber(at, seed);
      break;
    case GroundKind::kCuttingMat:
      texel = cutting_mat(at, seed);
      break;
    case GroundKind::kCardboard:
      texel = cardboard(at, seed);
      break;
  }
  const double dust = specks(at, 17, 0.10, 1.1, seed + 80);
  const double grit = specks(at, 47, 0.10, 2.2, seed + 90);
  texel.colour = mix(texel.colour, {0.45, 0.42, 0.38}, 0.5 * dust);
  texel.colour = mix(texel.colour, {0.10, 0.085, 0.07}, 0.85 * grit);
  texel.height += 1.6 * grit + 0.5 * dust;
  texel.metal *= 1 - std::max(dust, grit);
  return texel;
}

}  // namespace labelloom::samples
