#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/geometry.h"

namespace labelloom {

/// Size of an image file as a browser shows it: from its header, EXIF orientation applied.
/// @throws Error(kIo) if it cannot be read, Error(kParse) if it is no image.
[[nodiscard]] Size read_image_size(const std::filesystem::path& file);

/// The image files below a folder, found by name.
class ImageFolder {
 public:
  /// Lists the folder and all below it. @throws Error(kIo) when it is missing or unreadable.
  explicit ImageFolder(std::filesystem::path root);

  enum class Match : std::uint8_t { kNone, kOne, kSeveral };
  struct Found {
    Match match = Match::kNone;
    std::string relative = {};  ///< with forward slashes, when match is kOne
  };
  /// The file whose path below the folder is `name`, or ends in it, or in the longest tail of it
  /// that only one file has.
  [[nodiscard]] Found find(std::string_view name) const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path path(std::string_view relative) const {
    return root_ / std::filesystem::path(relative);
  }
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  std::filesystem::path root_;
  std::vector<std::string> files_;  // sorted
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_basename_;
};

}  // namespace labelloom
