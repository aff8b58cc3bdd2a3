#include "augment/encode.h"

#include <opencv2/imgcodecs.hpp>

#include "formats/error.h"

namespace labelloom::augment {

const char* file_extension(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return ".jpg";
    case ImageFormat::kPng:
      return ".png";
    case ImageFormat::kWebp:
      return ".webp";
  }
  return "";
}

std::string encode(const cv::Mat& bgr, const EncodeOptions& options) {
  std::vector<int> settings;
  if (options.format == ImageFormat::kJpeg) {
    settings = {cv::IMWRITE_JPEG_QUALITY, options.quality};
  } else if (options.format == ImageFormat::kWebp) {
    settings = {cv::IMWRITE_WEBP_QUALITY, options.quality};
  }
  std::vector<unsigned char> bytes;
  bool done = false;
  try {
    done = cv::imencode(file_extension(options.format), bgr, bytes, settings);
  } catch (const cv::Exception&) {
    done = false;
  }
  if (!done) throw Error(Errc::kIo, {}, "the picture cannot be encoded");
  return {bytes.begin(), bytes.end()};
}

EncodedCanvas render_encoded(const PixelPlan& plan,
                             const Canvas& source,
                             const Donors* donors,
                             const EncodeOptions& options) {
  Canvas canvas = render(plan, source, donors);
  return {encode(canvas.pixels, options), std::move(canvas.masks)};
}

}  // namespace labelloom::augment
