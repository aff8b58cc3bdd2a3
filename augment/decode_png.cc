#include "augment/decode_png.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>
#include <spng.h>

#include "augment/decode_jpeg.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

void check(int code) {
  if (code == SPNG_OK) return;
  if (code == SPNG_IO_EOF) throw Error(Errc::kParse, {}, "is a PNG file that is cut off");
  throw Error(Errc::kParse, {}, fmt::format("is a damaged PNG file: {}", spng_strerror(code)));
}

/// Deflate packs at most 1032 bytes into one (zlib's technical details): a file that claims more
/// than that is no picture, whatever it says.
void check_claim(const spng_ihdr& header, std::size_t file_size) {
  constexpr std::uint64_t kMostPacked = 1032;
  const std::uint64_t bits = std::uint64_t{header.width} * header.height * header.bit_depth;
  if (bits / 8 <= kMostPacked * file_size) return;
  throw Error(Errc::kLimit,
              {},
              fmt::format("claims {} x {} pixels, which its {} bytes cannot hold",
                          header.width,
                          header.height,
                          file_size));
}

}  // namespace

bool is_png(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

DecodedImage decode_png(std::string_view bytes) {
  constexpr std::size_t kLargestChunk = std::size_t{1} << 26;
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> png(spng_ctx_new(0), spng_ctx_free);
  if (!png) throw Error(Errc::kLimit, {}, "there is no memory for its pixels");
  spng_set_crc_action(png.get(), SPNG_CRC_ERROR, SPNG_CRC_DISCARD);
  spng_set_chunk_limits(png.get(), kLargestChunk, kLargestChunk);
  check(spng_set_png_buffer(png.get(), bytes.data(), bytes.size()));
  spng_ihdr header{};
  check(spng_get_ihdr(png.get(), &header));
  constexpr std::uint32_t kMostInt = 0x7FFFFFFF;
  const Size size{static_cast<int>(std::min(header.width, kMostInt)),
                  static_cast<int>(std::min(header.height, kMostInt))};
  check_decoded_size(size);
  check_claim(header, bytes.size());
  cv::Mat pixels(size.height, size.width, CV_8UC3);
  check(spng_decode_image(
      png.get(), pixels.data, pixels.total() * pixels.elemSize(), SPNG_FMT_RGB8, 0));
  cv::cvtColor(pixels, pixels, cv::COLOR_RGB2BGR);
  return {pixels, size};
}

}  // namespace labelloom::augment
