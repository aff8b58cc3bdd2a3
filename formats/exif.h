#pragma once

#include <string_view>

namespace labelloom {

/// How a JPEG, PNG or WebP file's pixels are to be turned to be shown: 1 to 8 as in EXIF 2.3,
/// 4.6.4 A; 1, as they are, where the file does not say. As in browsers, a PNG file says it before
/// its pixels or not at all.
[[nodiscard]] int exif_orientation(std::string_view file);

/// Whether that exchanges width and height.
[[nodiscard]] constexpr bool exchanges_sides(int orientation) { return orientation >= 5; }

}  // namespace labelloom
