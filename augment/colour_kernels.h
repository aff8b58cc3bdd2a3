#pragma once

// The inner loops of colour changes on rows of words (see sample_kernels.h), for every instruction
// set of the machine; all compute the same bytes on every one.

#include <array>
#include <cstddef>
#include <cstdint>

#include "augment/effect.h"

namespace labelloom::augment {

/// Tables of blue, green and red.
struct LevelTables {
  explicit LevelTables(const std::array<std::array<std::uint8_t, 256>, 3>& bgr);

  std::array<std::array<std::uint8_t, 256>, 3> bytes;
  std::array<std::array<std::uint32_t, 256>, 3> words;  ///< shifted to their place in a word
  bool equal;                                           ///< all three
};

void look_up(const LevelTables& tables, std::size_t count, std::uint32_t* words);
void multiply(const std::array<float, 12>& matrix, std::size_t count, std::uint32_t* words);
/// Hue in sixths of the circle; saturation in [-1, 1]; value in levels.
void shift_hsv(
    double hue, double saturation, double value, std::size_t count, std::uint32_t* words);

}  // namespace labelloom::augment
