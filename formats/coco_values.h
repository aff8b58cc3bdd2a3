#pragma once

// Internal: the values that annotations and results of COCO have in common. Errors say what is
// wrong and where in the record; the reader of the file adds the rest.

#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "formats/dataset.h"
#include "formats/json_records.h"

namespace labelloom::coco {

/// Place of a member, and of an element of it, for messages.
inline auto at(const char* member) {
  return [member] { return std::string(member); };
}
inline auto at(const char* member, std::size_t index) {
  return [member, index] { return fmt::format("{}[{}]", member, index); };
}

/// @throws Error(kInvalidData), always.
[[noreturn]] void fail(std::string path, const std::string& message);

/// `what` is the member's name.
[[nodiscard]] double read_coordinate(const json::Value& value, const char* what, std::size_t index);
/// The member "bbox": x, y, width, height.
[[nodiscard]] Box read_box(const json::Value& value);
/// The member "segmentation" where it is an array: x, y of at least 3 points for each ring.
[[nodiscard]] Rings read_rings(const json::Value& value);
/// The member "segmentation" where it is an object; says whether its runs are compressed text.
[[nodiscard]] Rle read_mask(const json::Value& value, bool& compressed);
/// The member "keypoints" of an annotation, as the numbers are.
[[nodiscard]] std::vector<Keypoint> read_keypoints(const json::Value& value);

}  // namespace labelloom::coco
