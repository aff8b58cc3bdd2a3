#include "formats/png_mask.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include <fmt/format.h>
#include <spng.h>

#include "formats/error.h"

namespace labelloom {

namespace {

// Text and colour profiles of a mask mean nothing to us and may be bombs.
constexpr std::size_t kMaxChunk = std::size_t{1} << 20;
constexpr std::size_t kMaxChunkCache = std::size_t{4} << 20;
constexpr std::uint64_t kMaxInterlacedPixels = std::uint64_t{1} << 26;

[[noreturn]] void fail(const std::string& what) {
  throw Error(Errc::kParse, {}, "mask picture: " + what);
}

// --- the URL ------------------------------------------------------------------------------------

/// `prefix` in lower case.
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [&](char b, char a) {
           return same(a, b);
         });
}

std::string_view base64_of(std::string_view url) {
  constexpr std::string_view kType = "data:image/png";
  const std::size_t comma = url.find(',');
  const std::string_view head = url.substr(0, comma);
  const bool is_png = comma != std::string_view::npos && starts_with_ignoring_case(head, kType) &&
                      (head.size() == kType.size() || head[kType.size()] == ';') &&
                      head.ends_with(";base64");
  if (!is_png) fail("expected \"data:image/png;base64,...\", got " + quoted(url, 40));
  return url.substr(comma + 1);
}

constexpr std::uint8_t kSpace = 64;
constexpr std::uint8_t kPad = 65;
constexpr std::uint8_t kInvalid = 66;

constexpr std::array<std::uint8_t, 256> kBase64 = [] {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> table = {};
  table.fill(kInvalid);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  for (const char c : {' ', '\t', '\r', '\n', '\f'}) table[static_cast<unsigned char>(c)] = kSpace;
  table['='] = kPad;
  return table;
}();

// --- the picture --------------------------------------------------------------------------------

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

void check(int code) {
  if (code != 0) fail(fmt::format("damaged PNG ({})", spng_strerror(code)));
}

/// A PNG that gives its rows as "is the pixel foreground".
class MaskPicture {
 public:
  MaskPicture(std::span<const std::uint8_t> png, Size expected) : context_(spng_ctx_new(0)) {
    if (!context_) throw std::bad_alloc();
    const auto side = static_cast<std::uint32_t>(kMaxMaskSide);
    check(spng_set_image_limits(context_.get(), side, side));
    check(spng_set_chunk_limits(context_.get(), kMaxChunk, kMaxChunkCache));
    check(spng_set_png_buffer(context_.get(), png.data(), png.size()));
    check(spng_get_ihdr(context_.get(), &header_));
    if (header_.width != static_cast<std::uint32_t>(expected.width) ||
        header_.height != static_cast<std::uint32_t>(expected.height)) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("mask picture: it is {} x {}, expected {} x {} as the image",
                              header_.width,
                              header_.height,
                              expected.width,
                              expected.height));
    }
    start();
  }

  [[nodiscard]] std::vector<RowRun> runs() {
    std::vector<RowRun> runs = interlaced() ? read_whole() : read_rows();
    check(spng_decode_chunks(context_.get()));  // what follows the last row must be whole, too
    return runs;
  }

 private:
  [[nodiscard]] bool interlaced() const { return header_.interlace_method != SPNG_INTERLACE_NONE; }

  void start() {
    spng_trns transparency = {};
    const int code = spng_get_trns(context_.get(), &transparency);
    if (code != SPNG_ECHUNKAVAIL) check(code);
    has_alpha_ = code == 0 || header_.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
                 header_.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
    const bool wide = header_.bit_depth == 16;  // 8 bits would round the faintest values to 0
    channel_bytes_ = wide ? 2 : 1;
    check(spng_decode_image(context_.get(),
                            nullptr,
                            0,
                            wide ? SPNG_FMT_RGBA16 : SPNG_FMT_RGBA8,
                            SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE));
    row_.resize(std::size_t{header_.width} * 4 * channel_bytes_);
  }

  /// Decodes the next row into row_; false at the end of the picture.
  bool next_row(std::uint32_t& row) {
    spng_row_info info = {};
    const int code = spng_get_row_info(context_.get(), &info);
    if (code == SPNG_EOI) return false;
    check(code);
    row = info.row_num;
    const int decoded = spng_decode_row(context_.get(), row_.data(), row_.size());
    if (decoded != SPNG_EOI) check(decoded);
    return true;
  }

  [[nodiscard]] bool is_set(std::size_t column) const {
    const std::size_t pixel = 4 * channel_bytes_;
    const std::span<const std::uint8_t> value = std::span(row_).subspan(column * pixel, pixel);
    const auto used = has_alpha_ ? value.last(channel_bytes_) : value.first(3 * channel_bytes_);
    return std::any_of(used.begin(), used.end(), [](std::uint8_t byte) { return byte != 0; });
  }

  std::vector<RowRun> read_rows() {
    std::vector<RowRun> runs;
    for (std::uint32_t row = 0; next_row(row);) {
      for (std::uint32_t column = 0; column < header_.width;) {
        const std::uint32_t first = column;
        while (column < header_.width && is_set(column)) ++column;
        if (column > first) runs.push_back({row, first, column});
        while (column < header_.width && !is_set(column)) ++column;
      }
    }
    return runs;
  }

  /// Rows of an interlaced picture come several times, each time with other pixels filled in.
  std::vector<RowRun> read_whole() {
    const std::uint64_t pixels = std::uint64_t{header_.width} * header_.height;
    if (pixels > kMaxInterlacedPixels) {
      throw Error(Errc::kLimit,
                  {},
                  fmt::format("mask picture: {} x {} pixels, interlaced; store it without "
                              "interlacing",
                              header_.width,
                              header_.height));
    }
    std::vector<std::uint8_t> set(pixels);
    std::uint32_t row = 0;
    while (std::fill(row_.begin(), row_.end(), std::uint8_t{0}), next_row(row)) {
      for (std::uint32_t column = 0; column < header_.width; ++column) {
        if (is_set(column)) set[std::size_t{row} * header_.width + column] = 1;
      }
    }
    std::vector<RowRun> runs;
    for (std::uint32_t y = 0; y < header_.height; ++y) {
      const auto begin = set.begin() + static_cast<std::ptrdiff_t>(std::size_t{y} * header_.width);
      for (std::uint32_t x = 0; x < header_.width; ++x) {
        if (begin[x] == 0) continue;
        if (!runs.empty() && runs.back().row == y && runs.back().last == x) {
          ++runs.back().last;
        } else {
          runs.push_back({y, x, x + 1});
        }
      }
    }
    return runs;
  }

  std::unique_ptr<spng_ctx, FreeContext> context_;
  spng_ihdr header_ = {};
  bool has_alpha_ = false;
  std::size_t channel_bytes_ = 1;
  std::vector<std::uint8_t> row_;  // red, green, blue, alpha of every pixel
};

}  // namespace

std::vector<std::uint8_t> decode_base64(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  unsigned digits = 0;
  unsigned pads = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t code = kBase64[static_cast<unsigned char>(text[i])];
    if (code == kSpace) continue;
    if (code == kInvalid) {
      fail(fmt::format("character {} of the base64 text is {}", i + 1, quoted(text.substr(i, 1))));
    }
    if (code == kPad ? digits + pads < 2 || digits + pads == 4 : pads > 0) {
      fail(fmt::format("misplaced padding at character {} of the base64 text", i + 1));
    }
    if (code == kPad) {
      ++pads;
    } else {
      group = group << 6U | code;
      ++digits;
    }
    if (digits + pads < 4) continue;
    group <<= 6U * pads;
    for (unsigned k = 0; k < 3 - pads; ++k) {
      bytes.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * k) & 0xFFU));
    }
    if (pads == 0) digits = 0;
    group = 0;
  }
  if (digits + pads != 0 && digits + pads != 4) fail("the base64 text ends inside a group");
  return bytes;
}

Rle decode_bitmask_data_url(std::string_view data_url, Size expected) {
  validate_mask_size(expected);
  const std::vector<std::uint8_t> png = decode_base64(base64_of(data_url));
  return encode_rows(MaskPicture(png, expected).runs(), expected);
}

}  // namespace labelloom
