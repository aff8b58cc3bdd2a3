#pragma once

// Internal: where a large file may be cut.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/json_token_parser.h"

namespace labelloom::json {

/// Parts of about `share` bytes that begin where elements of a long array seem to begin: of the
/// root array, or of a root object's `sections`. Guesses, which the parser checks. The views in the
/// parts are of `sections`. Empty when a part would be too large to find its tokens at one go.
[[nodiscard]] std::vector<Part> cut_into_parts(std::string_view text,
                                               const std::vector<std::string>& sections,
                                               std::size_t share);

}  // namespace labelloom::json
