#include "samples/generator/relief.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "samples/generator/noise.h"

namespace labelloom::samples {
namespace {

constexpr Colour kForged{0.36, 0.355, 0.35};
constexpr Colour kAluminium{0.74, 0.745, 0.76};
constexpr Colour kMachined{0.62, 0.62, 0.63};
constexpr Colour kBronze{0.62, 0.40, 0.18};
constexpr Colour kZinc{0.64, 0.65, 0.67};
constexpr Colour kYellowZinc{0.66, 0.56, 0.34};
constexpr Colour kBlackOxide{0.085, 0.087, 0.095};

/// Height of a quarter round of `radius` at `inside` from its edge, from 0 to 1.
double round_edge(double inside, double radius) {
  const double t = 1 - std::clamp(inside / radius, 0.0, 1.0);
  return std::sqrt(1 - t * t);
}

/// Distance from the middle of a hexagon to its border through p, as a share: 1 on the border.
double hexagon(Point p, double radius_across_flats, double angle) {
  double share = 0;
  for (int i = 0; i < 3; ++i) {
    const double a = angle + i * std::numbers::pi / 3;
    share = std::max(share, std::abs(p.x * std::cos(a) + p.y * std::sin(a)));
  }
  return share / radius_across_flats;
}

/// Fine turning marks around a centre.
double turning_marks(Point p, std::uint32_t seed) {
  return value_noise(length(p) * 0.8, 0.5, seed);
}

void add_wear(Texel& texel, Point at, std::uint32_t seed) {
  const double stain = smooth_step(0.05, 0.45, fractal_noise(at.x * 0.045, at.y * 0.045, 4, seed));
  const double spots = smooth_step(0.5, 0.8, value_noise(at.x * 0.35, at.y * 0.35, seed + 3));
  texel.colour = (1 - 0.30 * stain) * (1 - 0.22 * spots) * texel.colour;
  texel.colour = mix(texel.colour, Colour{0.16, 0.095, 0.05}, 0.16 * stain);
  texel.roughness = std::min(1.0, texel.roughness + 0.14 * stain);
}

/// The boss in the middle: a bronze bush around a bore, or a ball stud with its nut.
void add_pivot(Texel& texel, const RockerSize& size, int variant, Point at, std::uint32_t seed) {
  const double radius = length(at);
  const double boss = 0.90 * size.boss;
  if (radius > boss) return;
  const double lip = round_edge(boss - radius, 2.5);
  texel = {.height = texel.height + 6 * lip + 0.25 * turning_marks(at, seed),
           .colour = kMachined,
           .roughness = 0.24,
           .metal = 1};
  if (variant % 2 == 0) {
    const double bore = 0.50 * size.boss;
    const double bush = 0.64 * size.boss;
    if (radius < bush) {
      texel.colour = kBronze;
      texel.height += 1.2 * round_edge(bush - radius, 1.2) - 3 * (1 - round_edge(radius - bore, 3));
    }
    texel.is_hole = radius < bore;
    return;
  }
  const double share = hexagon(at, 0.56 * size.boss, hash_unit(1, 2, seed) * 1.047);
  if (share < 1) {
    texel.height += 11 * round_edge((1 - share) * size.boss, 4.0);
    texel.colour = kBlackOxide + Colour{0.09, 0.09, 0.09};
    texel.roughness = 0.30;
  }
  const double stud = 0.27 * size.boss;
  if (radius < stud) {
    texel.height += 8 * round_edge(stud - radius, 3.5) + 0.6 * std::sin(2.4 * radius);
    texel.colour = kMachined;
  } else if (radius < 1.25 * stud) {
    texel.height -= 4;
  }
}

/// The adjusting screw with its lock nut.
void add_adjuster(Texel& texel, const RockerSize& size, Point at, std::uint32_t seed) {
  const Point p = at - size.adjuster;
  const double radius = length(p);
  const double face = 0.90 * size.adjuster_radius;
  if (radius > face) return;
  texel.colour = kMachined;
  texel.roughness = 0.28;
  texel.height += 3 * round_edge(face - radius, 2.0);
  const double turn = hash_unit(5, 1, seed) * 3.1;
  const double flats = 0.66 * size.adjuster_radius;
  const double share = hexagon(p, flats, turn);
  if (share < 1) {
    const double cone = std::max(0.0, radius - flats);
    texel.height += 10 * round_edge((1 - share) * flats, 1.4) - 0.9 * cone;
    texel.colour = kYellowZinc;
    texel.roughness = 0.22;
  }
  const double screw = 0.36 * size.adjuster_radius;
  if (radius < screw) {
    const double across = std::abs(p.x * std::sin(turn + 0.7) - p.y * std::cos(turn + 0.7));
    const double slot = 1 - smooth_step(1.3, 2.0, across);
    texel.height += 9 * round_edge(screw - radius, 2.0) - 7 * slot;
    texel.colour = kZinc;
  }
}

Texel rocker_texel(int variant, Point at, double distance, std::uint32_t seed) {
  const RockerSize& size = rocker_size(variant);
  const double inside = -distance;
  const bool cast = variant % 2 == 1;
  const double grain = fractal_noise(at.x * 0.30, at.y * 0.30, 3, seed);
  Texel texel{.height = 15 + 13 * round_edge(inside, 6) + (cast ? 0.30 : 0.45) * grain,
              .colour = (1 + 0.16 * grain) * (cast ? kAluminium : kForged),
              .roughness = (cast ? 0.42 : 0.48) + 0.1 * grain,
              .metal = 1};
  // Pockets lighten the arms between the bosses.
  const double from_boss = length(at) - size.boss - 2;
  const double from_adjuster = length(at - size.adjuster) - size.adjuster_radius - 1;
  const double from_pad = length(at - size.pad) - 21;
  const double web = std::min({inside - 7, from_boss, from_adjuster, from_pad});
  texel.height -= 8 * smooth_step(0, 4.5, web);
  const double pad = std::max(std::abs(at.x - size.pad.x) - 15, std::abs(at.y - size.pad.y) - 22);
  if (pad < 0) {
    const double ground_in = smooth_step(0, 3, -pad);
    const double curve = (at.x - size.pad.x) / 20;
    texel.height += ground_in * (-4 * curve * curve + 1.5);
    texel.colour = mix(texel.colour, kMachined, ground_in);
    texel.roughness = std::lerp(texel.roughness, 0.13, ground_in);
  }
  add_wear(texel, at, seed + 9);
  add_pivot(texel, size, variant, at, seed + 20);
  if (!texel.is_hole) add_adjuster(texel, size, at, seed + 30);
  return texel;
}

Texel bolt_texel(int variant, Point at, double distance, std::uint32_t seed) {
  const BoltSize& size = bolt_size(variant);
  const double left = -size.length / 2;
  const double axis = 0.9 * size.head_radius;
  const double from_left = at.x - left;
  Texel texel{.height = 0,
              .colour = variant == 1 ? kYellowZinc : (variant == 2 ? kBlackOxide : kZinc),
              .roughness = variant == 2 ? 0.36 : 0.26,
              .metal = 1};
  const double flange = 1.2 * size.head_radius;
  const bool in_flange =
      size.flange && from_left > size.head_length - 6 && from_left < size.head_length + 1;
  if (in_flange) {
    texel.height = axis + std::sqrt(std::max(flange * flange - at.y * at.y, 1.0));
  } else if (from_left < size.head_length) {
    // A hexagonal prism seen from the side, rolled by chance; its outer corners are turned off.
    const double roll = (hash_unit(2, 2, seed) - 0.5) * 1.0;
    const double flats = 0.87 * size.head_radius;
    double top = 1e9;
    for (int i = -1; i <= 1; ++i) {
      const double a = roll + i * std::numbers::pi / 3;
      top = std::min(top, (flats - at.y * std::sin(a)) / std::cos(a));
    }
    texel.height = axis + std::clamp(top, 0.2 * flats, 1.15 * flats);
    texel.height -= 5 * (1 - round_edge(from_left, 6)) + 2 * (1 - round_edge(-distance, 3));
  } else {
    double radius = size.shank_radius;
    const double along = from_left - size.head_length - size.smooth;
    if (along > 0) {
      const double sine = std::clamp(at.y / radius, -1.0, 1.0);
      const double turn = along / 5.2 + std::asin(sine) / (2 * std::numbers::pi);
      const double thread = 2 * std::abs(turn - std::floor(turn) - 0.5);
      radius -= 1.9 * (1 - thread) * smooth_step(0, 3, along);
      texel.colour = (0.72 + 0.28 * thread) * texel.colour;
    }
    radius -= std::max(0.0, at.x - size.length / 2 + 0.4 * radius);
    texel.height = axis + std::sqrt(std::max(radius * radius - at.y * at.y, 0.5));
  }
  texel.height += 0.12 * fractal_noise(at.x * 0.5, at.y * 0.5, 2, seed + 7);
  add_wear(texel, at, seed + 9);
  return texel;
}

Texel push_rod_texel(int variant, Point at, double distance, std::uint32_t seed) {
  const PushRodSize& size = push_rod_size(variant);
  const double half = size.length / 2;
  const double axis = size.cup_radius;
  Texel texel{.height = 0, .colour = kMachined, .roughness = 0.20, .metal = 1};
  const double from_cup = at.x + half;
  const Point from_ball{at.x - half + size.ball_radius, at.y};
  if (from_cup < size.cup_length) {
    const double r = size.cup_radius - 1.5 * (1 - round_edge(-distance, 3));
    const double groove = 1 - smooth_step(1.0, 2.2, std::abs(from_cup - 0.72 * size.cup_length));
    texel.height = axis + std::sqrt(std::max(r * r - at.y * at.y, 0.3)) - 1.6 * groove;
    texel.colour = variant % 2 == 0 ? 1.6 * kBlackOxide : kZinc;
  } else if (length(from_ball) < size.ball_radius) {
    const double r = size.ball_radius;
    texel.height = axis + std::sqrt(std::max(r * r - dot(from_ball, from_ball), 0.2));
    texel.colour = 1.1 * kZinc;
    texel.roughness = 0.10;
  } else {
    const double r = size.radius;
    texel.height = axis + std::sqrt(std::max(r * r - at.y * at.y, 0.3));
    const double brushed = value_noise(at.x * 1.3, at.y * 0.05, seed);
    texel.height += 0.05 * brushed;
    // Blued by the heat of hardening next to the ball.
    const double blue = smooth_step(half - 90, half - 25, at.x);
    texel.colour = mix(texel.colour, {0.34, 0.36, 0.46}, 0.6 * blue);
  }
  add_wear(texel, at, seed + 9);
  return texel;
}

Texel washer_texel(int variant, Point at, double distance, std::uint32_t seed) {
  const WasherSize& size = washer_size(variant);
  const Point flat{at.x, at.y / size.squash};
  const double from_hole = length(flat) - size.inner;
  Texel texel{
      .height = 3.5 + 1.8 * round_edge(-distance, 2.2) - 1.8 * (1 - round_edge(from_hole, 2)),
      .colour = variant % 2 == 0 ? kZinc : kYellowZinc,
      .roughness = 0.25,
      .metal = 1};
  texel.height += 0.25 * turning_marks(flat, seed) + 0.08 * value_noise(at.x, at.y, seed + 1);
  // One that leans rises to one side.
  texel.height +=
      (at.y + size.outer * size.squash) * std::sqrt(1 / (size.squash * size.squash) - 1);
  texel.is_hole = from_hole < 0;
  add_wear(texel, at, seed + 9);
  return texel;
}

}  // namespace

Texel part_texel(PartShape shape, Point at, double distance, std::uint32_t seed) {
  switch (shape.kind) {
    case PartKind::kRockerArm:
      return rocker_texel(shape.variant, at, distance, seed);
    case PartKind::kBolt:
      return bolt_texel(shape.variant, at, distance, seed);
    case PartKind::kPushRod:
      return push_rod_texel(shape.variant, at, distance, seed);
    case PartKind::kWasher:
      break;
  }
  return washer_texel(shape.variant, at, distance, seed);
}

}  // namespace labelloom::samples
