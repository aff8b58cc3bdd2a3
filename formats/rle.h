#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/error.h"
#include "formats/geometry.h"

namespace labelloom {

/// A binary mask as COCO run lengths: column-major, the first run counts background (and may be
/// 0), runs alternate, and their sum is width * height. Every function here relies on that sum;
/// `validate` checks it for runs that come from outside.
struct Rle {
  Size size;
  std::vector<std::uint32_t> counts;
  friend bool operator==(const Rle&, const Rle&) = default;
};

/// Largest mask side and pixel count that readers accept.
inline constexpr int kMaxMaskSide = 65535;
inline constexpr std::int64_t kMaxMaskPixels = std::int64_t{1} << 31;
/// Most changes of value that a mask made by `rasterise`, `encode` or `encode_rows` may have. A few
/// bytes of input can ask for stripes across a huge image, which column-major runs hold badly.
inline constexpr std::uint64_t kMaxMaskChanges = std::uint64_t{1} << 26;

/// @throws Error(`code`) unless the size is positive and within the limits above.
void validate_mask_size(Size size, Errc code = Errc::kLimit);
/// @throws Error(kInvalidData) unless the size is positive and within limits and the runs sum to
/// it.
void validate(const Rle& rle);

/// COCO's compressed text (6 bits a character, differences to the run before the last).
[[nodiscard]] std::string compress(const Rle& rle);
/// @throws Error(kParse) for characters outside the alphabet, a cut-off number, a negative or
/// oversized run; Error(kInvalidData) when the runs do not sum to the size.
[[nodiscard]] Rle decompress(std::string_view text, Size size);

/// Number of foreground pixels.
[[nodiscard]] std::uint64_t pixel_count(const Rle& rle);
/// Tight box around the foreground in whole pixels; zeros when there is none.
[[nodiscard]] Box extent(const Rle& rle);

/// Rasterises rings exactly as pycocotools' rleFrPoly does, each ring by itself, and merges them:
/// union of the outer rings, less their holes. Without holes this equals
/// `mask.merge(mask.frPyObjects(...))` bit for bit. No rings: no foreground.
/// @throws Error(kLimit) if the size or the number of changes is not within the mask limits;
/// Error(kInvalidData) if a coordinate is not finite or beyond +-1e6.
[[nodiscard]] Rle rasterise(const Rings& rings, Size size);
/// One ring, bit-exact with pycocotools' rleFrPoly.
[[nodiscard]] Rle rasterise_ring(std::span<const Point2d> ring, Size size);

/// Pixel-wise operations. @throws Error(kArgument) when the sizes differ.
[[nodiscard]] Rle unite(const Rle& a, const Rle& b);
[[nodiscard]] Rle intersect(const Rle& a, const Rle& b);
[[nodiscard]] Rle subtract(const Rle& a, const Rle& b);
/// Intersection over union of two masks; 0 when both are empty.
[[nodiscard]] double iou(const Rle& a, const Rle& b);

/// Row-major bytes, [height * width], zero or not, to runs and back (0 / 1).
/// @throws Error(kArgument) if `row_major` has another length; Error(kLimit) beyond the mask
/// limits.
[[nodiscard]] Rle encode(std::span<const std::uint8_t> row_major, Size size);
[[nodiscard]] std::vector<std::uint8_t> decode(const Rle& rle);

/// Turns sorted, non-overlapping row-major foreground runs into COCO's column-major runs. This is
/// how masks that arrive in row order (Label Studio brush, PNG) avoid a full bitmap.
struct RowRun {
  std::uint32_t row = 0;
  std::uint32_t first = 0;  ///< first foreground column
  std::uint32_t last = 0;   ///< one past the last foreground column
};
/// @throws Error(kArgument) if a run is not sorted or not inside the image; Error(kLimit) if the
/// size or the number of changes is not within the mask limits.
[[nodiscard]] Rle encode_rows(std::span<const RowRun> runs, Size size);

/// Distance from `point` to the nearest foreground/background border, measured to pixel edges:
/// negative inside the mask, positive outside, infinity for an empty mask. Everything outside the
/// image is background. O(runs).
[[nodiscard]] double signed_distance(const Rle& rle, Point2d point);

}  // namespace labelloom
