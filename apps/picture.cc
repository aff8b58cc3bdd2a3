#include "apps/picture.h"

#include <opencv2/imgcodecs.hpp>

#include "augment/decode.h"
#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::apps {
namespace {

Picture failed(ImageStatus status, std::string message) {
  Picture picture;
  picture.status = status;
  picture.message = std::move(message);
  return picture;
}

}  // namespace

Picture PictureSource::load(const Image& image, int longest_side) {
  Picture picture;
  try {
    const std::filesystem::path path = files_.find(image.file_name);
    const augment::DecodedImage decoded = augment::decode_image(path, longest_side);
    picture.pixels = decoded.pixels;
    picture.size = decoded.full;
    const bool is_whole = decoded.pixels.cols == decoded.full.width;
    if (is_whole) {
      const InputFile file(path);
      if (file.text().starts_with("\xFF\xD8\xFF")) picture.jpeg = file.text();
    }
  } catch (const Error& error) {
    const bool is_missing = error.code() == Errc::kIo || error.code() == Errc::kInvalidData;
    return failed(is_missing ? ImageStatus::kMissing : ImageStatus::kUndecodable, error.message());
  }
  const bool known = image.size.width > 0 && image.size.height > 0;
  if (known && picture.size != image.size) {
    picture.status = ImageStatus::kOtherSize;
    picture.message = augment::size_mismatch(picture.size, image.size) + ": not drawn";
  }
  return picture;
}

std::string encode_jpeg(const cv::Mat& pixels, int quality) {
  std::vector<unsigned char> bytes;
  const std::vector<int> options{cv::IMWRITE_JPEG_QUALITY, quality, cv::IMWRITE_JPEG_OPTIMIZE, 1};
  if (!cv::imencode(".jpg", pixels, bytes, options)) {
    throw Error(Errc::kIo, {}, "OpenCV cannot encode JPEG");
  }
  return {bytes.begin(), bytes.end()};
}

}  // namespace labelloom::apps
