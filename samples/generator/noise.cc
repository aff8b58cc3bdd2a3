#include "samples/generator/noise.h"

#include <algorithm>
#include <cmath>

namespace labelloom::samples {

double hash_unit(std::int64_t x, std::int64_t y, std::uint32_t seed) {
  std::uint64_t h = static_cast<std::uint64_t>(x) * 0x9E3779B97F4A7C15ULL;
  h ^= static_cast<std::uint64_t>(y) * 0xC2B2AE3D27D4EB4FULL + seed * 0x165667B19E3779F9ULL;
  h = (h ^ (h >> 29U)) * 0xBF58476D1CE4E5B9ULL;
  h = (h ^ (h >> 32U)) * 0x94D049BB133111EBULL;
  return static_cast<double>(h >> 40U) * 0x1p-24;
}

double value_noise(double x, double y, std::uint32_t seed) {
  const double fx = std::floor(x);
  const double fy = std::floor(y);
  const auto ix = static_cast<std::int64_t>(fx);
  const auto iy = static_cast<std::int64_t>(fy);
  const auto fade = [](double t) { return t * t * (3 - 2 * t); };
  const double u = fade(x - fx);
  const double v = fade(y - fy);
  const double top = std::lerp(hash_unit(ix, iy, seed), hash_unit(ix + 1, iy, seed), u);
  const double bottom = std::lerp(hash_unit(ix, iy + 1, seed), hash_unit(ix + 1, iy + 1, seed), u);
  return 2 * std::lerp(top, bottom, v) - 1;
}

double fractal_noise(double x, double y, int octaves, std::uint32_t seed) {
  double sum = 0;
  double strength = 0.5;
  for (int i = 0; i < octaves; ++i) {
    sum += strength * value_noise(x, y, seed + static_cast<std::uint32_t>(i) * 101U);
    // Not exactly 2, and turned, so that the lattices do not line up.
    const double turned = 1.62 * x + 1.18 * y;
    y = 1.62 * y - 1.18 * x + 17.3;
    x = turned;
    strength *= 0.5;
  }
  return sum;
}

double smooth_step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

}  // namespace labelloom::samples
