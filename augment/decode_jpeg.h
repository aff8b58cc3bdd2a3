#pragma once

#include <string_view>

#include "augment/decode.h"

namespace labelloom::augment {

[[nodiscard]] bool is_jpeg(std::string_view bytes);

/// 8-bit BGR as stored: EXIF is not looked at. `keep_side` as for decode_image.
/// @throws Error(kParse) for what is damaged or cut off, also where libjpeg would only warn and
/// fill the rest with grey; Error(kLimit).
[[nodiscard]] DecodedImage decode_jpeg(std::string_view bytes, int keep_side);

/// @throws Error(kLimit) for sizes that are not decoded.
void check_decoded_size(Size size);

}  // namespace labelloom::augment
