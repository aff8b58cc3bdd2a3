#pragma once

#include <cstdint>
#include <string>

#include "augment/render.h"

namespace labelloom::augment {

enum class ImageFormat : std::uint8_t { kJpeg, kPng, kWebp };

/// Including the dot.
[[nodiscard]] const char* file_extension(ImageFormat format);

struct EncodeOptions {
  ImageFormat format = ImageFormat::kJpeg;
  int quality = 95;  ///< 1 to 100; of no meaning for PNG
};

/// The bytes of an image file. @throws Error(kIo) when it cannot be encoded, e.g. WebP beyond 16383
/// pixels a side.
[[nodiscard]] std::string encode(const cv::Mat& bgr, const EncodeOptions& options);

/// A rendered picture as a file, and its masks.
struct EncodedCanvas {
  std::string file;
  std::vector<MaskWindow> masks;
};

/// `render`, then `encode`; faster than one after the other where the plan ends in a resampling and
/// colours: those go to the JPEG encoder tile by tile.
[[nodiscard]] EncodedCanvas render_encoded(const PixelPlan& plan,
                                           const Canvas& source,
                                           const Donors* donors,
                                           const EncodeOptions& options);

}  // namespace labelloom::augment
