#pragma once

#include <string_view>

#include "augment/decode.h"

namespace labelloom::augment {

[[nodiscard]] bool is_png(std::string_view bytes);

/// 8-bit BGR. @throws Error(kParse), Error(kLimit).
[[nodiscard]] DecodedImage decode_png(std::string_view bytes);

}  // namespace labelloom::augment
