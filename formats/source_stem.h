#pragma once

#include <string_view>

namespace labelloom {

/// The path without its extension and without Roboflow's `.rf.<hash>`.
[[nodiscard]] std::string_view source_stem(std::string_view file_name);

}  // namespace labelloom
