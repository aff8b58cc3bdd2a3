#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace labelloom {

/// What LabelLoom needs of a Label Studio labelling interface (its XML).
struct LabelConfig {
  struct Label {
    std::string name;
    std::optional<std::int64_t> category_id = {};  ///< the attribute `category`, as in Label Studio
    friend bool operator==(const Label&, const Label&) = default;
  };
  std::vector<Label> categories;       ///< of all shape tags, in document order, once each
  std::vector<std::string> keypoints;  ///< by `model_index` where every label has one
  struct Image {
    std::string name;
    std::string key;
    friend bool operator==(const Image&, const Image&) = default;
  };
  std::vector<Image> images;  ///< `<Image name="name" value="$key">`, those with a key
  std::string image_key;      ///< of the first; empty if there is none
};

/// @throws Error(kParse) for what is not XML, Error(kInvalidData) without any image tag.
[[nodiscard]] LabelConfig read_label_config(const std::filesystem::path& path);

struct LabelConfigRequest {
  std::vector<std::string> classes;
  std::vector<std::string> keypoints = {};
  bool boxes = false;                     ///< rectangles beside polygons
  std::vector<std::string> brushes = {};  ///< classes that are painted: regions without objects
};

/// A labelling interface for polygons and key points (and boxes) on one image.
/// @throws Error(kArgument) without classes, or for empty or repeated names.
[[nodiscard]] std::string make_label_config(const LabelConfigRequest& request);

}  // namespace labelloom
