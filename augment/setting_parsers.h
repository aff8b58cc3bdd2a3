#pragma once

// Texts to trees of settings, one parser a syntax. What the trees mean is decided elsewhere.
// Nothing is evaluated; sizes and depths are bounded before anything is built.

#include <string>
#include <string_view>

#include "augment/setting.h"

namespace labelloom::augment {

inline constexpr std::size_t kMaxPipelineBytes = std::size_t{4} << 20U;

// @throws Error(kParse, kLimit) with `file` and line, for JSON also the byte, for lines the column.
[[nodiscard]] Setting parse_json_setting(std::string_view text, const std::string& file);
[[nodiscard]] Setting parse_yaml_setting(std::string_view text, const std::string& file);

/// Python's way to write it: `HorizontalFlip(p=1)`, one a line or between commas, or a whole
/// `A.Compose([...])`. The tree is that of our own JSON; each call also has the member kLineMember.
[[nodiscard]] Setting parse_lines_setting(std::string_view text, const std::string& file);

/// Where a call of the lines stands. No parameter of a transform can have this name.
inline constexpr std::string_view kLineMember = "#line";

}  // namespace labelloom::augment
