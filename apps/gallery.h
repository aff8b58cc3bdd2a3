#pragma once

// The gallery's page: index.html with style, script and data inline. Data is one JSON object:
//   title, total, categories [{n, c, k, s, i, m}], images [...], doubtful [...], doubtful_total
// with an image's record made by image_record and a doubtful key point's by doubtful_record. All
// names in it are hostile: the script shows them as text only.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/doubtful.h"
#include "apps/overlay.h"

namespace labelloom::apps {

/// What could be shown of an image. The values are part of the page's data.
enum class ImageStatus : std::uint8_t {
  kShown = 0,
  kMissing = 1,      ///< no such file, or a name that leaves the images' folder
  kUndecodable = 2,  ///< not an image, or damaged
  kOtherSize = 3,    ///< not the size its annotations are for: shown without them
};

/// "00012_some_stem.jpg": a name of our own for the picture of the image at `index`, whatever
/// `name` is. Letters other than ASCII become "_".
[[nodiscard]] std::string picture_name(std::size_t index, std::string_view name);

/// `value` as JSON that can stand inside an HTML script element: "<" is escaped; bytes that are not
/// UTF-8 are replaced.
[[nodiscard]] std::string html_safe_json_string(std::string_view value);

/// One image: {n name, f picture, w h shown size, W H size in the data set, s status, m message,
/// a instances}. An instance is [category, id, flags, score, box, path, key points]: flags 1 crowd,
/// 2 mask, 4 mask unusable; the box x y w h, the SVG path and the key points (slot, x, y, v each)
/// in tenths of a shown pixel. Without a status of kShown, nothing but category, id and flags.
[[nodiscard]] std::string image_record(const Image& image,
                                       std::string_view picture,
                                       const Scene& scene,
                                       ImageStatus status,
                                       std::string_view message);

/// One doubtful key point: {n image, i index among the page's images or -1, f picture or "", k
/// label, d doubt, t text, x, y}, with x and y as shares of width and height.
struct DoubtfulCard {
  std::string picture = {};  ///< empty when there is none
  std::string text;
  std::optional<std::size_t> image_index = {};
  Size image_size = {};
};
[[nodiscard]] std::string doubtful_record(const DoubtfulKeypoint& keypoint,
                                          const DoubtfulCard& card);

struct GalleryCounts {
  std::vector<std::size_t> instances;  ///< by category, of the page's images
  std::vector<std::size_t> images;     ///< by category, the images that have any
};

struct Gallery {
  std::string title;
  std::size_t total_images = 0;  ///< in the data set; the page may have fewer
  std::vector<std::string> images;
  std::size_t total_doubtful = 0;
  std::vector<std::string> doubtful;
  GalleryCounts counts;
};

/// Writes the page. Records must come from image_record and doubtful_record.
/// @throws Error(kIo) when it cannot be written; then the file is as it was.
void write_index(const Gallery& gallery,
                 const CategoryTable& categories,
                 const std::filesystem::path& file);

}  // namespace labelloom::apps
