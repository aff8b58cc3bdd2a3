#pragma once

#include <cstdint>
#include <vector>

#include "samples/generator/plane.h"

namespace labelloom::samples {

/// A binary mask as foreground runs in row order.
struct BrushMask {
  struct Run {
    int row = 0;
    int first = 0;
    int last = 0;  ///< one past the last column
  };
  Frame frame;
  std::vector<Run> runs;
};

[[nodiscard]] Bounds bounds(const BrushMask& mask);
[[nodiscard]] double area(const BrushMask& mask);

/// The bytes of Label Studio's brush regions: thi.ng/rle-pack of the RGBA picture, row by row, all
/// four channels 255 where the mask is set. Word size 8, run length fields of 3, 4, 8 and 16 bits.
[[nodiscard]] std::vector<std::uint8_t> pack_brush(const BrushMask& mask);

}  // namespace labelloom::samples
