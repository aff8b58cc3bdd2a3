#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include <opencv2/core.hpp>

#include "apps/gallery.h"
#include "formats/dataset.h"
#include "formats/image_folder.h"

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
  explicit PictureSource(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Decodes so that the longer side keeps at least `longest_side` pixels, if it has them: large
  /// JPEGs decode several times faster at a half or a quarter of their size. Never throws for what
  /// is wrong with the file.
  [[nodiscard]] Picture load(const Image& image, int longest_side);

 private:
  [[nodiscard]] std::filesystem::path find(const std::string& name);

  std::filesystem::path folder_;
  std::once_flag listed_;
  std::unique_ptr<ImageFolder> files_;  // listed when a name is not found as it is
};

/// The JPEG file of 8-bit BGR pixels. @throws Error(kIo) when it cannot be encoded.
[[nodiscard]] std::string encode_jpeg(const cv::Mat& pixels, int quality);

}  // namespace labelloom::apps
