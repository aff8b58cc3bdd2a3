#pragma once

#include <cstdint>

namespace labelloom::samples {

/// Even hash of a lattice point, in [0, 1).
[[nodiscard]] double hash_unit(std::int64_t x, std::int64_t y, std::uint32_t seed);
/// Smooth noise with features of about one unit, in [-1, 1].
[[nodiscard]] double value_noise(double x, double y, std::uint32_t seed);
/// Sum of `octaves` noises, each twice as fine and half as strong, in about [-1, 1].
[[nodiscard]] double fractal_noise(double x, double y, int octaves, std::uint32_t seed);
/// 0 below `low`, 1 above `high`, smooth between.
[[nodiscard]] double smooth_step(double low, double high, double x);

}  // namespace labelloom::samples
