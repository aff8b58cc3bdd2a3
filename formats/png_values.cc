#include "formats/png_values.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include <fmt/format.h>
#include <spng.h>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom {
namespace {

// Text and colour profiles mean nothing to us and may be bombs.
constexpr std::size_t kMaxChunk = std::size_t{1} << 20;
constexpr std::size_t kMaxChunkCache = std::size_t{4} << 20;
constexpr std::uint32_t kMaxSide = 1U << 20;
constexpr std::uint64_t kMaxDeflateRatio = 1032;

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

Context make_context(int flags) {
  Context context(spng_ctx_new(flags));
  if (!context) throw std::bad_alloc();
  return context;
}

[[noreturn]] void fail(Errc code, const std::string& message) { throw Error(code, {}, message); }

void check(int code) {
  if (code == SPNG_EMEM) throw std::bad_alloc();
  if (code == SPNG_ESIGNATURE) fail(Errc::kParse, "is no PNG file");
  if (code != 0) fail(Errc::kParse, fmt::format("damaged PNG ({})", spng_strerror(code)));
}

/// What a kind of map takes from a PNG.
struct Wanted {
  const char* what;      // "a label map"
  const char* expected;  // for messages
  int most_bits;
  bool palette;
};
constexpr Wanted kLabels = {
    "a label map", "grey values or palette indices of at most 8 bits", 8, true};
constexpr Wanted kDepth = {"a depth picture", "grey values of 16 bits", 16, false};

const char* colour_name(int type) {
  switch (type) {
    case SPNG_COLOR_TYPE_TRUECOLOR:
      return "RGB";
    case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
      return "RGB with alpha";
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
      return "grey with alpha";
    case SPNG_COLOR_TYPE_INDEXED:
      return "of palette indices";
    default:
      return "grey";
  }
}

void check_kind(const spng_ihdr& header, const Wanted& wanted) {
  const bool grey = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE;
  const bool indexed = header.color_type == SPNG_COLOR_TYPE_INDEXED;
  if (!grey && !(indexed && wanted.palette)) {
    fail(Errc::kUnexpectedFormat,
         fmt::format("{} holds one value a pixel; this PNG is {}, expected {}",
                     wanted.what,
                     colour_name(header.color_type),
                     wanted.expected));
  }
  if (header.bit_depth > wanted.most_bits) {
    fail(Errc::kUnexpectedFormat,
         fmt::format(
             "this PNG has {} bits a pixel, expected {}", header.bit_depth, wanted.expected));
  }
}

std::size_t row_bytes(const spng_ihdr& header) {
  return (std::size_t{header.width} * header.bit_depth + 7) / 8;
}

void check_size(const spng_ihdr& header, std::size_t file_bytes) {
  const std::uint64_t pixels = std::uint64_t{header.width} * header.height;
  if (pixels > static_cast<std::uint64_t>(kMaxValueMapPixels)) {
    fail(Errc::kLimit,
         fmt::format("{} x {} pixels, more than the {} that are read",
                     header.width,
                     header.height,
                     kMaxValueMapPixels));
  }
  if (row_bytes(header) * header.height > kMaxDeflateRatio * file_bytes) {
    fail(Errc::kParse,
         fmt::format("damaged PNG ({} x {} pixels cannot be in {} bytes)",
                     header.width,
                     header.height,
                     file_bytes));
  }
}

/// Sample `column` of a row; 16-bit samples are as the machine has them.
unsigned sample(std::span<const std::uint8_t> row, std::size_t column, unsigned bits) {
  if (bits == 8) return row[column];
  if (bits == 16) {
    std::uint16_t value = 0;
    std::copy_n(row.data() + 2 * column, 2, reinterpret_cast<std::uint8_t*>(&value));
    return value;
  }
  const std::size_t first = column * bits;  // from the left: the highest bits come first
  return unsigned{row[first / 8]} >> (8 - bits - first % 8) & ((1U << bits) - 1U);
}

template <typename Value>
ValueMap<Value> decode(std::string_view png, const Wanted& wanted) {
  const Context context = make_context(0);
  check(spng_set_image_limits(context.get(), kMaxSide, kMaxSide));
  check(spng_set_chunk_limits(context.get(), kMaxChunk, kMaxChunkCache));
  check(spng_set_png_buffer(context.get(), png.data(), png.size()));
  spng_ihdr header = {};
  check(spng_get_ihdr(context.get(), &header));
  check_kind(header, wanted);
  check_size(header, png.size());
  const std::size_t pitch = row_bytes(header);
  std::vector<std::uint8_t> packed(pitch * header.height);
  check(spng_decode_image(context.get(), packed.data(), packed.size(), SPNG_FMT_PNG, 0));
  check(spng_decode_chunks(context.get()));  // what follows the last row must be whole, too

  ValueMap<Value> map;
  map.size = {static_cast<int>(header.width), static_cast<int>(header.height)};
  if constexpr (sizeof(Value) == 1) {
    if (header.bit_depth == 8) {
      map.values = std::move(packed);
      return map;
    }
  }
  map.values.reserve(std::size_t{header.width} * header.height);
  for (std::size_t y = 0; y < header.height; ++y) {
    const auto row = std::span<const std::uint8_t>(packed).subspan(y * pitch, pitch);
    for (std::size_t x = 0; x < header.width; ++x) {
      map.values.push_back(static_cast<Value>(sample(row, x, header.bit_depth)));
    }
  }
  return map;
}

/// Runs `decode` on a file; what it throws gets the file's name.
template <typename Decode>
auto read(const std::filesystem::path& path, const Decode& decode) {
  const InputFile file(path);
  try {
    return decode(file.text());
  } catch (const Error& error) {
    throw Error(error.code(), {.file = path.string()}, error.message());
  }
}

template <typename Value>
std::string encode(const ValueMap<Value>& map,
                   std::uint8_t colour_type,
                   std::span<const PaletteColour> palette) {
  const auto [width, height] = map.size;
  if (width < 1 || height < 1 || std::int64_t{width} * height > kMaxValueMapPixels ||
      static_cast<std::uint32_t>(std::max(width, height)) > kMaxSide) {
    fail(Errc::kLimit, fmt::format("{} x {} pixels cannot be written as a PNG", width, height));
  }
  if (map.values.size() != static_cast<std::size_t>(std::int64_t{width} * height)) {
    fail(Errc::kArgument,
         fmt::format("{} values for {} x {} pixels", map.values.size(), width, height));
  }
  const Context context = make_context(SPNG_CTX_ENCODER);
  check(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1));
  spng_ihdr header = {};
  header.width = static_cast<std::uint32_t>(width);
  header.height = static_cast<std::uint32_t>(height);
  header.bit_depth = static_cast<std::uint8_t>(8 * sizeof(Value));
  header.color_type = colour_type;
  check(spng_set_ihdr(context.get(), &header));
  if (colour_type == SPNG_COLOR_TYPE_INDEXED) {
    spng_plte entries = {};
    entries.n_entries = 256;  // every value must have a colour
    for (unsigned i = 0; i < 256; ++i) {
      const auto grey = static_cast<std::uint8_t>(i);
      const PaletteColour c = i < palette.size() ? palette[i] : PaletteColour{grey, grey, grey};
      entries.entries[i] = {c[0], c[1], c[2], 255};
    }
    check(spng_set_plte(context.get(), &entries));
  }
  check(spng_encode_image(context.get(),
                          map.values.data(),
                          map.values.size() * sizeof(Value),
                          SPNG_FMT_PNG,
                          SPNG_ENCODE_FINALIZE));
  struct Free {
    void operator()(void* memory) const { std::free(memory); }  // NOLINT: it is the library's
  };
  std::size_t size = 0;
  int code = 0;
  const std::unique_ptr<void, Free> buffer(spng_get_png_buffer(context.get(), &size, &code));
  check(code);
  return {static_cast<const char*>(buffer.get()), size};
}

}  // namespace

LabelMap decode_label_map(std::string_view png) { return decode<std::uint8_t>(png, kLabels); }

DepthMap decode_depth_map(std::string_view png) { return decode<std::uint16_t>(png, kDepth); }

LabelMap read_label_map(const std::filesystem::path& path) { return read(path, decode_label_map); }

DepthMap read_depth_map(const std::filesystem::path& path) { return read(path, decode_depth_map); }

std::vector<PaletteColour> label_palette() {
  // The bits of the index, lowest first, are dealt to red, green and blue, highest bit first
  // (VOCcode, VOClabelcolormap).
  std::vector<PaletteColour> palette(256);
  for (unsigned i = 0; i < 256; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const unsigned value = (i >> bit & 1U) << (7 - bit / 3);
      std::uint8_t& channel = palette[i][bit % 3];
      channel = static_cast<std::uint8_t>(channel | value);
    }
  }
  return palette;
}

std::string encode_label_map(const LabelMap& map, std::span<const PaletteColour> palette) {
  return encode(
      map, palette.empty() ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_INDEXED, palette);
}

std::string encode_depth_map(const DepthMap& map) {
  return encode(map, SPNG_COLOR_TYPE_GRAYSCALE, {});
}

void write_label_map(const std::filesystem::path& path,
                     const LabelMap& map,
                     std::span<const PaletteColour> palette) {
  write_file(path, encode_label_map(map, palette));
}

void write_label_map(const std::filesystem::path& path, const LabelMap& map) {
  write_label_map(path, map, label_palette());
}

void write_depth_map(const std::filesystem::path& path, const DepthMap& map) {
  write_file(path, encode_depth_map(map));
}

}  // namespace labelloom
