#pragma once

#include <string_view>

namespace labelloom {

/// Kinds of JSON annotation files that are told apart by the names of their members.
enum class JsonLook { kUnknown, kCoco, kCocoResults, kLabelStudio };

/// Reads as far as the beginning of a file allows; it may be cut off anywhere.
[[nodiscard]] JsonLook look_at_json(std::string_view head);

}  // namespace labelloom
