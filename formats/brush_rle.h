#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "formats/rle.h"

namespace labelloom {

/// Decodes a brush mask of Label Studio (the bytes of a `brushlabels` region's `rle`, packed by
/// thi.ng/rle-pack) to runs. A pixel is foreground when its alpha value is not 0, as Label Studio
/// shows and exports it. Memory and time follow the bytes and the result, never the picture's
/// size: no pixel of it is laid out.
/// @param size the picture's `original_width` and `original_height`.
/// @throws Error(kParse) if the bytes end early or go on after the last value; Error(kInvalidData)
/// if they hold another number of values than the size asks for, or words of other than 8 bits;
/// Error(kLimit) if the size is not within the mask limits. No bytes at all are an error too:
/// Label Studio writes `rle: []` for regions that were never drawn, which readers leave out.
[[nodiscard]] Rle decode_brush(std::span<const std::uint8_t> bytes, Size size);

/// The same the other way: row-major foreground runs, sorted and apart, as Label Studio takes them.
/// @throws Error(kArgument) for runs that are not sorted or not inside the image; Error(kLimit) if
/// the size is not within the mask limits or its values are more than 32 bits can count.
[[nodiscard]] std::vector<std::uint8_t> encode_brush(std::span<const RowRun> runs, Size size);

}  // namespace labelloom
