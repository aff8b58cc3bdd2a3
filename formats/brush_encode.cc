#include <algorithm>
#include <array>
#include <limits>

#include "formats/brush_rle.h"
#include "formats/error.h"

// The packed stream is described in brush_rle.cc. A mask is black or white, so that every group
// repeats one value.

namespace labelloom {
namespace {

constexpr std::array<unsigned, 4> kCountBits = {3, 4, 8, 16};
constexpr std::uint64_t kLongestGroup = std::uint64_t{1} << 16U;

class BitWriter {
 public:
  void write(std::uint32_t value, unsigned count) {
    for (unsigned bit = count; bit-- > 0;) {
      if (used_ == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (value >> bit & 1U) << (7 - used_));
      used_ = (used_ + 1) % 8;
    }
  }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  unsigned used_ = 0;  // bits of the last byte
};

void write_repeated(BitWriter& bits, std::uint8_t value, std::uint64_t count) {
  while (count > 0) {
    const std::uint64_t group = std::min(count, kLongestGroup);
    std::uint32_t kind = 0;
    while (group > std::uint64_t{1} << kCountBits[kind]) ++kind;
    bits.write(1, 1);
    bits.write(kind, 2);
    bits.write(static_cast<std::uint32_t>(group - 1), kCountBits[kind]);
    bits.write(value, 8);
    count -= group;
  }
}

}  // namespace

std::vector<std::uint8_t> encode_brush(std::span<const RowRun> runs, Size size) {
  validate_mask_size(size);
  constexpr std::uint64_t kChannels = 4;
  const auto width = static_cast<std::uint64_t>(size.width);
  const std::uint64_t values = kChannels * width * static_cast<std::uint64_t>(size.height);
  if (values > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(Errc::kLimit, {}, "brush mask: the picture has more than 2^30 pixels");
  }
  BitWriter bits;
  bits.write(static_cast<std::uint32_t>(values), 32);
  bits.write(7, 5);
  for (const unsigned count : kCountBits) bits.write(count - 1, 4);
  std::uint64_t at = 0;     // in pixels
  std::uint64_t begin = 0;  // of the run that is not written yet
  const auto flush = [&](std::uint64_t next) {
    write_repeated(bits, 255, kChannels * (at - begin));
    write_repeated(bits, 0, kChannels * (next - at));
  };
  for (const RowRun& run : runs) {
    const std::uint64_t first = run.row * width + run.first;
    if (run.first >= run.last || run.last > width || first < at ||
        run.row >= static_cast<std::uint32_t>(size.height)) {
      throw Error(Errc::kArgument, {}, "brush mask: runs must be sorted and inside the image");
    }
    if (first > at) {  // else it goes on from the row before
      flush(first);
      begin = first;
    }
    at = first + run.last - run.first;
  }
  flush(values / kChannels);
  return bits.take();
}

}  // namespace labelloom
