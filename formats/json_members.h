#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/dataset.h"

namespace labelloom {

/// The member that ties an augmented picture to the picture it was made from.
inline constexpr std::string_view kSourceImageId = "source_image_id";

/// The JSON text of a member's value, e.g. `"x y"` with its quotes or `[1,2]`; nothing when there
/// is no such member at the top level. Borrowed from `members`, which must be well-formed.
[[nodiscard]] std::optional<std::string_view> find_member(const JsonMembers& members,
                                                          std::string_view name);

/// The text of a member that is a JSON string without escapes, as names of files are; empty for
/// others and when there is no such member.
[[nodiscard]] std::string find_plain_string(const JsonMembers& members, std::string_view name);

/// The members with the value of `name` replaced; as they were when there is no such member.
[[nodiscard]] JsonMembers replace_member(const JsonMembers& members,
                                         std::string_view name,
                                         std::string_view value);

/// The members without `name`.
[[nodiscard]] JsonMembers remove_member(const JsonMembers& members, std::string_view name);

}  // namespace labelloom
