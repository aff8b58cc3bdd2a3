#include "augment/decode.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "augment/decode_jpeg.h"
#include "augment/decode_png.h"
#include "formats/error.h"
#include "formats/exif.h"
#include "formats/file_io.h"
#include "formats/image_folder.h"

namespace labelloom::augment {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30;

/// Turns pixels as EXIF 2.3, 4.6.4 A says they are to be shown.
cv::Mat upright(const cv::Mat& pixels, int orientation) {
  cv::Mat turned = pixels;
  if (exchanges_sides(orientation)) cv::transpose(pixels, turned);
  constexpr int kBoth = -1;
  constexpr int kUpsideDown = 0;
  constexpr int kLeftToRight = 1;
  switch (orientation) {
    case 2:
    case 6:
      cv::flip(turned, turned, kLeftToRight);
      break;
    case 3:
    case 7:
      cv::flip(turned, turned, kBoth);
      break;
    case 4:
    case 8:
      cv::flip(turned, turned, kUpsideDown);
      break;
    default:
      break;
  }
  return turned;
}

/// Formats that only OpenCV decodes here: WebP as stored, TIFF as shown, BMP, PNM.
DecodedImage decode_other(const std::filesystem::path& file, std::string_view bytes) {
  check_decoded_size(read_image_size(file));
  // Later releases turn WebP too. TIFF is always turned.
  const int flags =
      cv::IMREAD_COLOR | (bytes.starts_with("RIFF") ? cv::IMREAD_IGNORE_ORIENTATION : 0);
  cv::Mat pixels;
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    pixels = cv::imdecode(buffer, flags);
  } catch (const cv::Exception&) {
    pixels.release();
  }
  if (pixels.empty()) {
    throw Error(Errc::kParse, {}, "is damaged, or of a kind that cannot be decoded");
  }
  return {pixels, {pixels.cols, pixels.rows}};
}

DecodedImage decode(const std::filesystem::path& file, std::string_view bytes, int keep_side) {
  if (bytes.empty()) throw Error(Errc::kParse, {}, "the file is empty");
  if (bytes.size() > kLargestFile) throw Error(Errc::kLimit, {}, "is larger than 1 GiB");
  DecodedImage image = is_jpeg(bytes)  ? decode_jpeg(bytes, keep_side)
                       : is_png(bytes) ? decode_png(bytes)
                                       : decode_other(file, bytes);
  const int orientation = exif_orientation(bytes);
  image.pixels = upright(image.pixels, orientation);
  if (exchanges_sides(orientation)) std::swap(image.full.width, image.full.height);
  return image;
}

}  // namespace

void check_decoded_size(Size size) {
  const auto pixels = static_cast<std::int64_t>(size.width) * size.height;
  if (size.width >= 1 && size.height >= 1 && size.width <= kMaxDecodedSide &&
      size.height <= kMaxDecodedSide && pixels <= kMaxDecodedPixels) {
    return;
  }
  throw Error(Errc::kLimit,
              {},
              fmt::format("has {} x {} pixels; at most {} a side and {} together are decoded",
                          size.width,
                          size.height,
                          kMaxDecodedSide,
                          kMaxDecodedPixels));
}

DecodedImage decode_image(const std::filesystem::path& file, int keep_side) {
  const InputFile input(file);
  try {
    return decode(file, input.text(), keep_side);
  } catch (const Error& error) {
    if (!error.where().file.empty()) throw;
    throw Error(error.code(), {.file = file.string()}, error.message());
  } catch (const cv::Exception&) {
    throw Error(Errc::kLimit, {.file = file.string()}, "there is no memory for its pixels");
  }
}

Size reduced_size(Size full, int max_side) {
  const int longest = std::max(full.width, full.height);
  if (max_side <= 0 || longest <= max_side) return full;
  const double scale = static_cast<double>(max_side) / longest;
  const auto side = [scale](int length) {
    return std::max(1, static_cast<int>(std::lround(length * scale)));
  };
  return {side(full.width), side(full.height)};
}

cv::Mat reduced(const cv::Mat& pixels, Size size) {
  if (pixels.cols == size.width && pixels.rows == size.height) return pixels;
  cv::Mat result;
  cv::resize(pixels, result, {size.width, size.height}, 0, 0, cv::INTER_AREA);
  return result;
}

}  // namespace labelloom::augment
