// The packed stream, most significant bit first:
//   32 bits  number of values: width * height * 4 (red, green, blue, alpha; row by row)
//    5 bits  bits a value, less 1 (always 7)
//  4x 4 bits widths of the four kinds of count, less 1
// then groups until all values are there: 1 bit "repeat", 2 bits kind of count, the count less 1,
// and one value (repeat) or `count` values. Groups count values, so they may begin and end in the
// middle of a pixel.

#include "formats/brush_rle.h"

#include <array>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom {

namespace {

constexpr unsigned kValueBits = 8;
constexpr std::uint64_t kChannels = 4;
constexpr std::uint64_t kAlpha = 3;
// A last byte that is not full leaves up to 7 bits; the Python encoder may add an empty byte.
constexpr std::uint64_t kMaxBitsLeft = 7 + 8;

class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t bits_left() const { return bytes_.size() * 8 - next_; }

  /// The next `count` (at most 32) bits.
  std::uint32_t read(unsigned count) {
    require(count);
    const std::uint64_t window = eight_bytes(next_ / 8);
    const auto shift = static_cast<unsigned>(64 - next_ % 8 - count);
    next_ += count;
    return static_cast<std::uint32_t>(window >> shift & ((std::uint64_t{1} << count) - 1));
  }

  void require(std::uint64_t count) const {
    if (count <= bits_left()) return;
    throw Error(Errc::kParse,
                {},
                fmt::format("brush mask: the data ends early, at byte {}", bytes_.size()));
  }

  /// The value that lies `index` values ahead; the caller has required them.
  [[nodiscard]] unsigned peek_value(std::uint64_t index) const {
    const std::uint64_t bit = next_ + index * kValueBits;
    const auto byte = static_cast<std::size_t>(bit / 8);
    const auto offset = static_cast<unsigned>(bit % 8);
    const unsigned high = bytes_[byte];
    const unsigned low = offset > 0 ? bytes_[byte + 1] : 0U;
    return (high << 8U | low) >> (8 - offset) & 0xFFU;
  }

  void skip_values(std::uint64_t count) { next_ += count * kValueBits; }

 private:
  /// From `first` on, the first of them highest; zeros follow the data.
  [[nodiscard]] std::uint64_t eight_bytes(std::size_t first) const {
    std::uint64_t bytes = 0;
    if (bytes_.size() - first >= sizeof bytes) {
      std::memcpy(&bytes, bytes_.data() + first, sizeof bytes);
      return std::endian::native == std::endian::big ? bytes : __builtin_bswap64(bytes);
    }
    for (std::size_t i = first; i < first + sizeof bytes; ++i) {
      bytes = bytes << 8U | (i < bytes_.size() ? bytes_[i] : 0U);
    }
    return bytes;
  }

  std::span<const std::uint8_t> bytes_;
  std::uint64_t next_ = 0;  // in bits
};

/// Cuts foreground runs of pixels, counted row by row through the whole picture, into row runs.
class RowRuns {
 public:
  explicit RowRuns(Size size) : width_(static_cast<std::uint64_t>(size.width)) {}

  /// Pixels [begin, end); the calls come in ascending order.
  void add(std::uint64_t begin, std::uint64_t end) {
    if (begin >= end) return;
    if (begin == end_) {
      end_ = end;
      return;
    }
    flush();
    begin_ = begin;
    end_ = end;
  }

  [[nodiscard]] std::vector<RowRun> finish() && {
    flush();
    return std::move(runs_);
  }

 private:
  void flush() {
    while (begin_ < end_) {
      const std::uint64_t row = begin_ / width_;
      const std::uint64_t first = begin_ % width_;
      const std::uint64_t last = std::min(width_, first + end_ - begin_);
      runs_.push_back({static_cast<std::uint32_t>(row),
                       static_cast<std::uint32_t>(first),
                       static_cast<std::uint32_t>(last)});
      begin_ += last - first;
    }
  }

  std::uint64_t width_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::vector<RowRun> runs_;
};

struct Header {
  std::uint64_t value_count = 0;
  std::array<unsigned, 4> count_bits = {};
};

Header read_header(BitReader& in, Size size) {
  Header header{.value_count = in.read(32)};
  const std::uint64_t expected =
      kChannels * static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
  if (header.value_count != expected) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("brush mask: it holds {} values, expected {} x {} x 4 = {}; is it of "
                            "another image, or not a Label Studio mask?",
                            header.value_count,
                            size.width,
                            size.height,
                            expected));
  }
  const unsigned value_bits = in.read(5) + 1;
  if (value_bits != kValueBits) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("brush mask: values of {} bits, expected {}", value_bits, kValueBits));
  }
  for (unsigned& bits : header.count_bits) bits = in.read(4) + 1;
  return header;
}

/// First pixel whose alpha is value `index` or a later one.
std::uint64_t pixel_of_alpha_from(std::uint64_t index) { return index / kChannels; }

}  // namespace

Rle decode_brush(std::span<const std::uint8_t> bytes, Size size) {
  validate_mask_size(size);
  BitReader in(bytes);
  const Header header = read_header(in, size);
  RowRuns runs(size);
  for (std::uint64_t index = 0; index < header.value_count;) {
    const std::uint32_t kind = in.read(3);
    const bool repeat = kind >= 4;
    const std::uint64_t count = std::uint64_t{in.read(header.count_bits[kind % 4])} + 1;
    if (count > header.value_count - index) {
      throw Error(Errc::kParse,
                  {},
                  fmt::format("brush mask: a group of {} values begins at value {} of {}",
                              count,
                              index,
                              header.value_count));
    }
    const std::uint64_t begin = pixel_of_alpha_from(index);
    const std::uint64_t end = pixel_of_alpha_from(index + count);
    if (repeat) {
      if (in.read(kValueBits) != 0) runs.add(begin, end);
    } else {
      in.require(count * kValueBits);
      for (std::uint64_t pixel = begin; pixel < end; ++pixel) {
        if (in.peek_value(pixel * kChannels + kAlpha - index) != 0) runs.add(pixel, pixel + 1);
      }
      in.skip_values(count);
    }
    index += count;
  }
  if (in.bits_left() > kMaxBitsLeft) {
    throw Error(
        Errc::kParse,
        {},
        fmt::format("brush mask: {} bits follow the last value, expected at most {}; is it of "
                    "another image?",
                    in.bits_left(),
                    kMaxBitsLeft));
  }
  return encode_rows(std::move(runs).finish(), size);
}

}  // namespace labelloom
