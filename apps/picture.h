#pragma once

#include <deque>
#include <filesystem>
#include <string>

#include <opencv2/core.hpp>

#include "apps/gallery.h"
#include "augment/sources.h"
#include "formats/dataset.h"

namespace labelloom::apps {

/// A decoded image, or why there is none.
struct Picture {
  ImageStatus status = ImageStatus::kShown;
  std::string message;  ///< one line, empty when status is kShown
  cv::Mat pixels;       ///< 8-bit BGR as it is shown (EXIF orientation applied); may be reduced
  Size size;            ///< full size as it is shown
  std::string jpeg;     ///< the file's bytes, if a browser can show them as they are
};

/// Finds and decodes a data set's images. Threads may share one.
class PictureSource {
 public:
  /// The images must outlive this.
  PictureSource(std::filesystem::path folder, const std::deque<Image>& images)
      : files_(std::move(folder), images) {}

  /// Decodes so that the longer side keeps at least `longest_side` pixels, if it has them: large
  /// JPEGs decode several times faster at a half or a quarter of their size. Never throws for what
  /// is wrong with the file.
  [[nodiscard]] Picture load(const Image& image, int longest_side);

 private:
  augment::ImageFinder files_;
};

/// The JPEG file of 8-bit BGR pixels. @throws Error(kIo) when it cannot be encoded.
[[nodiscard]] std::string encode_jpeg(const cv::Mat& pixels, int quality);

}  // namespace labelloom::apps
