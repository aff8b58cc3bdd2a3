#pragma once

// One region of a Label Studio annotation: what it is, and its geometry in pixels.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/dataset.h"
#include "formats/json_records.h"

namespace labelloom::label_studio {

enum class RegionKind : std::uint8_t {
  kRectangle,
  kPolygon,
  kEllipse,
  kBrush,
  kBitmask,
  kKeypoint,
  kVector,
  kVideo,
  kText,       ///< spans of text or audio
  kAttribute,  ///< text or choices about another region (or the image)
  kNone,       ///< nothing known
};

[[nodiscard]] const char* name(RegionKind kind);

/// The members of a region's value object, as far as they are there.
struct Fields {
  json::Value x, y, width, height, rotation;
  json::Value points, closed;
  json::Value radius_x, radius_y;
  json::Value rle, image_data;
  json::Value labels;  ///< the member whose name ends in "labels"
  json::Value original_width, original_height;
  bool keypoint_labels = false;
  bool vertices = false;
  bool sequence = false;
  bool text_span = false;
  bool attribute = false;
  bool plain_labels = false;  ///< the member is called "labels": the partner of a shape tag
};

struct Region {
  RegionKind kind = RegionKind::kNone;
  Fields fields;
  json::Value value;
  std::string_view label;  ///< the first, if there is one
  std::size_t label_count = 0;
  std::optional<Size> original;  ///< size of the picture as the browser showed it
  std::optional<double> score;
  std::string_view id, parent_id;
  std::string_view control;   ///< from_name
  std::string_view shown_on;  ///< to_name
  bool elsewhere = false;     ///< on another picture than the annotation's
  JsonMembers attributes;     ///< per-region text, choices, ...: `"control":value,...`
  /// Place inside the record: `control[index]`, or `prefix[index].value` for the full JSON.
  std::string_view place_prefix;
  std::size_t place_index = 0;
  bool full = false;

  [[nodiscard]] std::string place(std::string_view member) const;
};

/// Fills kind, fields and size from a region's value object.
void parse_value(Region& region, json::Value value);

/// Fills the labels of a region whose value is parsed.
/// @throws Error(kInvalidData) for a label that is no string.
void read_labels(Region& region);

/// Reads a size; nothing when it is absent, null or not positive.
[[nodiscard]] std::optional<Size> read_original_size(json::Value width, json::Value height);

/// A key point's place in pixels; nothing when it has no position.
[[nodiscard]] std::optional<Point2d> keypoint_position(const Region& region, Size image);

/// A shape in pixels, cut at the image's frame.
struct Shape {
  Box bbox;
  double area = 0;
  Rings rings;
  std::optional<Rle> mask;
  bool clipped = false;
  const char* left_out = nullptr;  ///< the reason why there is no shape
};

/// Geometry of a rectangle, polygon, ellipse, brush or bitmap region.
/// @throws Error(kInvalidData) for zero or negative sizes, coordinates far outside, broken masks.
[[nodiscard]] Shape make_shape(const Region& region, Size image);

}  // namespace labelloom::label_studio
