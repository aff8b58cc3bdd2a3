#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/rle.h"

namespace labelloom {

/// Decodes a mask that is a picture in a URL, `data:image/png;base64,...` (Label Studio's
/// `bitmasklabels`): foreground is where alpha is not 0, or, in a picture without transparency,
/// where the colour is not black. Rows are decoded one by one; only an interlaced picture is laid
/// out whole (a byte a pixel, and no more than 64 million pixels).
/// @throws Error(kParse) if the URL, its base64 text or the PNG is damaged or of another kind;
/// Error(kInvalidData) if the picture is not of the expected size; Error(kLimit) if that size is
/// not within the mask limits.
[[nodiscard]] Rle decode_bitmask_data_url(std::string_view data_url, Size expected);

/// Strict base64 (RFC 4648, padded); white space is passed over.
/// @throws Error(kParse) for other characters, wrong padding or a cut-off group.
[[nodiscard]] std::vector<std::uint8_t> decode_base64(std::string_view text);

}  // namespace labelloom
