#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formats/geometry.h"
#include "formats/rle.h"

namespace labelloom {

/// COCO's three values of a key point's visibility.
enum class Visibility : std::uint8_t { kAbsent = 0, kHidden = 1, kVisible = 2 };

/// One key point slot, in continuous image coordinates. An absent one is all zeros.
struct Keypoint {
  Point2d point;
  Visibility visibility = Visibility::kAbsent;
  friend bool operator==(const Keypoint&, const Keypoint&) = default;
};

/// JSON object members LabelLoom does not interpret, as compact JSON text without the braces:
/// `"license":3,"note":"x"`. They survive every conversion.
using JsonMembers = std::string;

struct Category {
  std::int64_t id = 0;
  std::string name;
  std::string supercategory = {};
  std::vector<std::string> keypoints = {};         ///< slot names, in order
  std::vector<std::pair<int, int>> skeleton = {};  ///< edges between slots, 1-based as in COCO
  JsonMembers extra = {};
  friend bool operator==(const Category&, const Category&) = default;
};

struct Image {
  std::int64_t id = 0;
  std::string file_name;  ///< relative path with forward slashes
  Size size;
  JsonMembers extra = {};
  friend bool operator==(const Image&, const Image&) = default;
};

/// Parts few instances have; kept apart so that an instance stays small.
struct InstanceExtra {
  std::optional<Rle> mask = {};    ///< instead of rings; never both
  bool mask_is_compressed = true;  ///< how the file wrote it, and how it is written again
  std::optional<double> score = {};
  JsonMembers members = {};
  friend bool operator==(const InstanceExtra&, const InstanceExtra&) = default;
};

/// One annotated object: its box, its rings or mask, and its key points together.
struct Instance {
  std::int64_t id = 0;
  std::int64_t image_id = 0;
  std::int64_t category_id = 0;
  Box bbox;
  double area = 0;  ///< ring area with holes subtracted; for masks the pixel count; box area else
  Rings rings;
  /// Either empty or one slot per name in Category::keypoints.
  std::vector<Keypoint> keypoints;
  std::unique_ptr<InstanceExtra> extra;  ///< null when there is nothing in it
  bool iscrowd = false;

  [[nodiscard]] const Rle* mask() const { return extra && extra->mask ? &*extra->mask : nullptr; }
  /// The extra part, made when missing.
  [[nodiscard]] InstanceExtra& ensure_extra();

  Instance() = default;
  Instance(const Instance& other);
  Instance& operator=(const Instance& other);
  Instance(Instance&&) noexcept = default;
  Instance& operator=(Instance&&) noexcept = default;
  ~Instance() = default;
};

/// Distance from `point` to the instance's border: its mask's, else its rings', else its box's.
/// Negative inside.
[[nodiscard]] double signed_distance(const Instance& instance, Point2d point);

/// Number of slots that are not absent.
[[nodiscard]] int labelled_count(const std::vector<Keypoint>& keypoints);

/// A key point of which the source format does not say to which instance it belongs, or which
/// names it by a label rather than a slot. `convert/group_keypoints` turns these into slots.
struct LooseKeypoint {
  std::int64_t image_id = 0;
  std::string label;
  Point2d point;
  Visibility visibility = Visibility::kVisible;
  /// Id of the instance that the source names as the owner (parentID, relation), if it does.
  std::optional<std::int64_t> owner_id = {};
  /// Id of the region in the source, for reports; may be empty.
  std::string source_id = {};
};

/// Where integers of key points lie in COCO files: on pixel edges or naming a pixel (centre + 0.5).
enum class KeypointOrigin : std::uint8_t { kContinuous, kPixelCentre };

/// A whole data set in memory. Instances are in a deque: hundreds of thousands are appended while
/// reading, and none is ever moved.
struct Dataset {
  std::deque<Image> images;
  std::deque<Instance> instances;
  std::vector<Category> categories;
  std::vector<LooseKeypoint> loose_keypoints;
  /// How the file stored key points. In memory they are always continuous.
  KeypointOrigin keypoint_origin = KeypointOrigin::kContinuous;
  /// Other members of the file's root object: name and compact JSON text (info, licenses, ...).
  std::vector<std::pair<std::string, std::string>> root_members;
};

/// For every image of a data set, the indexes of its instances, in file order.
class InstancesByImage {
 public:
  explicit InstancesByImage(const Dataset& dataset);
  /// Indexes into Dataset::instances of the image at `image_index` of Dataset::images.
  [[nodiscard]] std::span<const std::uint32_t> operator[](std::size_t image_index) const;

 private:
  std::vector<std::uint32_t> starts_;  // [images + 1]
  std::vector<std::uint32_t> indexes_;
};

}  // namespace labelloom
