#pragma once

#include <cstdint>
#include <vector>

#include "formats/rle.h"

namespace labelloom {

/// Foreground pixels [first, stop) of one column, counted column by column: x * height + y.
struct ColumnRun {
  std::uint64_t first = 0;
  std::uint64_t stop = 0;
};

/// The foreground of a mask in that order, each run as long as it can be.
[[nodiscard]] std::vector<ColumnRun> column_runs(const Rle& mask);

/// Pixels of `window` [height * width of the window, row by row]: 0, or `level` where runs of a
/// mask of that height go. The runs must lie in the window.
[[nodiscard]] std::vector<std::uint8_t> pixels_within(const std::vector<ColumnRun>& runs,
                                                      int mask_height,
                                                      const Box& window,
                                                      std::uint8_t level);

}  // namespace labelloom
