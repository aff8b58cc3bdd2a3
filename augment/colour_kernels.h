#pragma once

// The inner loops of colour changes on rows of words (see sample_kernels.h), for every instruction
// set of the machine; all compute the same bytes on every one.

#include <array>
#include <cstddef>
#include <cstdint>

#include "augment/effect.h"

namespace labelloom::augment {

/// Tables of blue, green and red, the values shifted to their place in a word.
using WordTables = std::array<std::array<std::uint32_t, 256>, 3>;

void look_up(const WordTables& tables, std::size_t count, std::uint32_t* words);
void multiply(const std::array<float, 12>& matrix, std::size_t count, std::uint32_t* words);
/// Hue in sixths of the circle, in [1, 7]; saturation in [-1, 1]; value in levels.
void shift_hsv(float hue, float saturation, float value, std::size_t count, std::uint32_t* words);

}  // namespace labelloom::augment
