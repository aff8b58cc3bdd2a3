#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/apps/cli_support.h"

namespace labelloom::test {

/// A small set with pictures: PNG files made here, polygons, a mask, key points, and an image
/// without annotations.
class AugmentSet {
 public:
  explicit AugmentSet(int images = 6);

  [[nodiscard]] std::string coco() const { return (folder_ / "coco.json").string(); }
  [[nodiscard]] std::string images() const { return (folder_ / "images").string(); }
  [[nodiscard]] std::string pipeline() const { return (folder_ / "pipeline.json").string(); }
  [[nodiscard]] std::filesystem::path operator/(const char* name) const { return folder_ / name; }
  [[nodiscard]] const TempDir& folder() const { return folder_; }

  /// `labelloom augment` of this set into `output`.
  [[nodiscard]] Finished augment(const std::filesystem::path& output,
                                 std::vector<std::string> more = {},
                                 const RunOptions& options = {}) const;

 private:
  TempDir folder_;
};

/// An 8-bit grey PNG file without compression: what a test needs without a codec.
[[nodiscard]] std::string grey_png(int width, int height, int seed = 0);

/// Names and bytes of all files below a folder.
[[nodiscard]] std::map<std::string, std::string> bytes_below(const std::filesystem::path& folder);

}  // namespace labelloom::test
