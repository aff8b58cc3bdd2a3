#pragma once

#include <cstdint>
#include <filesystem>

#include <opencv2/core.hpp>

#include "formats/geometry.h"

namespace labelloom::augment {

/// A picture as a browser shows it.
struct DecodedImage {
  cv::Mat pixels;  ///< 8-bit BGR; EXIF orientation applied, alpha dropped, 16 bits reduced to 8
  Size full;       ///< size of the file's picture; `pixels` may be fewer, and are all of it
};

/// Reads and decodes an image file. JPEGs come at a half, a quarter or an eighth of their size,
/// which is several times faster, as long as the longer side keeps at least `keep_side` pixels; 0:
/// full size.
///
/// What a file claims is checked before memory is taken for it: at most kMaxDecodedSide a side and
/// kMaxDecodedPixels in all, after the reduction.
/// @throws Error naming the file: kIo when it cannot be read, kParse when it is no image, damaged
/// or cut off, kLimit when it is too large.
[[nodiscard]] DecodedImage decode_image(const std::filesystem::path& file, int keep_side = 0);

inline constexpr int kMaxDecodedSide = 32767;
inline constexpr std::int64_t kMaxDecodedPixels = std::int64_t{1} << 28;

/// `full`, reduced in proportion until no side is longer than `max_side`; 0: as it is.
[[nodiscard]] Size reduced_size(Size full, int max_side);

/// Pixels brought down to a size by averaging.
[[nodiscard]] cv::Mat reduced(const cv::Mat& pixels, Size size);

}  // namespace labelloom::augment
