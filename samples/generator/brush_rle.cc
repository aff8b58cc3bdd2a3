#include "samples/generator/brush_rle.h"

#include <algorithm>
#include <array>

namespace labelloom::samples {
namespace {

constexpr std::array<int, 4> kLengthBits{3, 4, 8, 16};
constexpr int kChannels = 4;

/// Appends bits, the most significant first.
class BitWriter {
 public:
  void put(std::uint32_t value, int bits) {
    for (int bit = bits - 1; bit >= 0; --bit) {
      if (used_ == 0) bytes_.push_back(0);
      if ((value >> static_cast<unsigned>(bit)) & 1U) {
        bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (0x80U >> used_));
      }
      used_ = (used_ + 1) % 8;
    }
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  unsigned used_ = 0;  // bits of the last byte
};

/// One run of `count` equal bytes, split where it is longer than the widest length field.
void put_run(BitWriter& writer, std::int64_t count, std::uint32_t value) {
  constexpr std::int64_t kLongest = 1 << 16;
  while (count > 0) {
    const std::int64_t part = std::min(count, kLongest);
    std::uint32_t width = 0;
    while ((part - 1) >> kLengthBits.at(width) != 0) ++width;
    writer.put(1, 1);  // a run, not literal bytes
    writer.put(width, 2);
    writer.put(static_cast<std::uint32_t>(part - 1), kLengthBits.at(width));
    writer.put(value, 8);
    count -= part;
  }
}

}  // namespace

Bounds bounds(const BrushMask& mask) {
  if (mask.runs.empty()) return {};
  int left = mask.frame.width;
  int right = 0;
  for (const BrushMask::Run& run : mask.runs) {
    left = std::min(left, run.first);
    right = std::max(right, run.last);
  }
  const int top = mask.runs.front().row;
  const int bottom = mask.runs.back().row + 1;
  return {static_cast<double>(left),
          static_cast<double>(top),
          static_cast<double>(right - left),
          static_cast<double>(bottom - top)};
}

double area(const BrushMask& mask) {
  double count = 0;
  for (const BrushMask::Run& run : mask.runs) count += run.last - run.first;
  return count;
}

std::vector<std::uint8_t> pack_brush(const BrushMask& mask) {
  const std::int64_t total = std::int64_t{kChannels} * mask.frame.width * mask.frame.height;
  BitWriter writer;
  writer.put(static_cast<std::uint32_t>(total), 32);
  writer.put(8 - 1, 5);
  for (const int bits : kLengthBits) writer.put(static_cast<std::uint32_t>(bits - 1), 4);
  std::int64_t done = 0;
  for (const BrushMask::Run& run : mask.runs) {
    const std::int64_t row = std::int64_t{run.row} * mask.frame.width;
    put_run(writer, kChannels * (row + run.first) - done, 0);
    put_run(writer, std::int64_t{kChannels} * (run.last - run.first), 255);
    done = kChannels * (row + run.last);
  }
  put_run(writer, total - done, 0);
  return writer.take();
}

}  // namespace labelloom::samples
