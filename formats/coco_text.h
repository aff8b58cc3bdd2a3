#pragma once

// The text of COCO records, for those who write files that no Dataset in memory holds.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "formats/dataset.h"
#include "formats/text_buffer.h"

namespace labelloom {

/// What all annotations of a file have in common.
struct CocoStyle {
  KeypointOrigin origin = KeypointOrigin::kContinuous;  ///< how key points are written
  bool any_keypoints = false;                           ///< a category of the file has some
};

[[nodiscard]] CocoStyle coco_style(const Dataset& dataset);

/// What a reader could find out from the key points of a file as they are written.
struct KeypointNumbers {
  bool any = false;
  bool whole = true;  ///< all coordinates are whole numbers
  void add(const Instance& instance, KeypointOrigin origin);
  void add(const KeypointNumbers& other) {
    any = any || other.any;
    whole = whole && other.whole;
  }
};

/// The beginning of a file: its brace and the members before "images". Says how the key points are
/// meant where a reader would not find it out from the numbers: whole ones are taken for pixels.
void append_coco_head(std::string& out,
                      const std::vector<std::pair<std::string, std::string>>& root_members,
                      KeypointOrigin origin,
                      const KeypointNumbers& numbers);

// Compact JSON objects, keys in a fixed order, shortest numbers that read back to the same double.

void append_coco_image(json::TextBuffer& out, const Image& image);
/// An annotation is its id and the rest. `image` is the size of its picture: rings with holes
/// are written as RLE.
void append_coco_annotation_id(json::TextBuffer& out, std::int64_t id);
void append_coco_annotation_rest(json::TextBuffer& out,
                                 const Instance& instance,
                                 Size image,
                                 const CocoStyle& style);
void append_coco_category(json::TextBuffer& out, const Category& category);

}  // namespace labelloom
