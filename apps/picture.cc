#include "apps/picture.h"

#include <algorithm>

#include <fmt/format.h>
#include <opencv2/imgcodecs.hpp>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::apps {
namespace {

int decode_flags(Size size, int longest_side) {
  const int longest = std::max(size.width, size.height);
  if (longest >= 8 * longest_side) return cv::IMREAD_REDUCED_COLOR_8;
  if (longest >= 4 * longest_side) return cv::IMREAD_REDUCED_COLOR_4;
  if (longest >= 2 * longest_side) return cv::IMREAD_REDUCED_COLOR_2;
  return cv::IMREAD_COLOR;
}

cv::Mat decode_pixels(std::string_view bytes, int flags) {
  if (bytes.empty()) return {};
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    return cv::imdecode(buffer, flags);
  } catch (const cv::Exception&) {  // e.g. more pixels than OpenCV accepts
    return {};
  }
}

Picture failed(ImageStatus status, std::string message) {
  Picture picture;
  picture.status = status;
  picture.message = std::move(message);
  return picture;
}

std::string size_text(Size size) { return fmt::format("{} x {}", size.width, size.height); }

std::string size_message(Size file, Size annotated) {
  std::string text = fmt::format("the file is {}, its annotations are for {}: not drawn",
                                 size_text(file),
                                 size_text(annotated));
  if (file.width == annotated.height && file.height == annotated.width) {
    text += " (turned by 90 degrees: was the EXIF orientation lost or ignored?)";
  }
  return text;
}

}  // namespace

std::filesystem::path PictureSource::find(const std::string& name) {
  const std::filesystem::path relative = safe_relative_path(name);
  std::error_code ignored;
  if (std::filesystem::is_regular_file(folder_ / relative, ignored)) return folder_ / relative;
  std::call_once(listed_, [this] { files_ = std::make_unique<ImageFolder>(folder_); });
  const ImageFolder::Found found = files_->find(name);
  if (found.match == ImageFolder::Match::kSeveral) {
    throw Error(Errc::kIo, {}, "several files have this name");
  }
  if (found.match == ImageFolder::Match::kNone) throw Error(Errc::kIo, {}, "no such file");
  return files_->path(found.relative);
}

Picture PictureSource::load(const Image& image, int longest_side) {
  std::unique_ptr<InputFile> file;
  Picture picture;
  std::filesystem::path path;
  try {
    path = find(image.file_name);
    file = std::make_unique<InputFile>(path);
  } catch (const Error& error) {
    return failed(ImageStatus::kMissing, error.message());
  }
  const std::string_view bytes = file->text();
  constexpr std::size_t kLargestFile = std::size_t{1} << 30;
  if (bytes.size() > kLargestFile) {
    return failed(ImageStatus::kUndecodable, "larger than 1 GiB");
  }
  int flags = cv::IMREAD_COLOR;
  try {
    picture.size = read_image_size(path);
    flags = decode_flags(picture.size, longest_side);
  } catch (const Error&) {
    // OpenCV knows more formats than the header reader does.
  }
  picture.pixels = decode_pixels(bytes, flags);
  if (picture.pixels.empty()) {
    return failed(ImageStatus::kUndecodable,
                  bytes.empty() ? "the file is empty" : "not an image, or damaged");
  }
  // What was decoded is what is shown, whatever the header says.
  if (flags == cv::IMREAD_COLOR) picture.size = {picture.pixels.cols, picture.pixels.rows};
  if (bytes.starts_with("\xFF\xD8\xFF") && flags == cv::IMREAD_COLOR) picture.jpeg = bytes;
  const bool known = image.size.width > 0 && image.size.height > 0;
  if (known && picture.size != image.size) {
    picture.status = ImageStatus::kOtherSize;
    picture.message = size_message(picture.size, image.size);
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
