#include "formats/column_runs.h"

#include <algorithm>

namespace labelloom {

std::vector<ColumnRun> column_runs(const Rle& mask) {
  const auto height = static_cast<std::uint64_t>(mask.size.height);
  std::vector<ColumnRun> runs;
  std::uint64_t at = 0;
  bool foreground = false;
  for (const std::uint32_t count : mask.counts) {
    const std::uint64_t end = at + count;
    while (foreground && at < end) {
      const std::uint64_t stop = std::min(end, (at / height + 1) * height);
      const bool goes_on = !runs.empty() && runs.back().stop == at && at % height != 0;
      if (goes_on) {
        runs.back().stop = stop;
      } else {
        runs.push_back({at, stop});
      }
      at = stop;
    }
    at = end;
    foreground = !foreground;
  }
  return runs;
}

std::vector<std::uint8_t> pixels_within(const std::vector<ColumnRun>& runs,
                                        int mask_height,
                                        const Box& window,
                                        std::uint8_t level) {
  const auto height = static_cast<std::uint64_t>(mask_height);
  const auto width = static_cast<std::size_t>(window.width);
  std::vector<std::uint8_t> pixels(width * static_cast<std::size_t>(window.height), 0);
  for (const ColumnRun& run : runs) {
    const std::uint64_t column = run.first / height;
    const std::uint64_t row = run.first % height;
    std::size_t at = (row - static_cast<std::uint64_t>(window.y)) * width +
                     (column - static_cast<std::uint64_t>(window.x));
    for (std::uint64_t i = run.first; i < run.stop; ++i, at += width) pixels[at] = level;
  }
  return pixels;
}

}  // namespace labelloom
