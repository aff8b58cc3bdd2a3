#pragma once

// Where the region around a box is cut out, and how crops of all images are gathered into batches.

#include <cstdint>
#include <span>
#include <vector>

#include "formats/geometry.h"
#include "select/boxmask.h"

namespace labelloom::select {

/// A part of the network's input, and the size at which it goes through the network again.
struct Window {
  Cells pixels;  ///< in input pixels; may leave the input only for WindowBorder::kPad
  Size crop;     ///< as large as `pixels` at native scale; multiples of the alignment
  friend bool operator==(const Window&, const Window&) = default;
};

/// The window of a box in an input of that size: the box with its margins, `min_size` at least,
/// brought inside, snapped outward to the alignment. It holds all of the box that is inside.
/// @throws Error(kArgument) if the input's sides are not multiples of the alignment.
[[nodiscard]] Window window_of(const Box& box, Size input, const WindowOptions& options);

/// The window in the grid of the input's logits, for BoxJob::window.
/// @throws Error(kArgument) if the stride does not divide it.
[[nodiscard]] Cells window_cells(const Window& window, int stride);

/// One crop and the batch it goes in.
struct Placed {
  std::size_t window = 0;  ///< index among those that were given
  int crop = 0;            ///< index in the batch
};

/// Crops that go through the network together, each at the top left of a picture of `size`; what is
/// behind it is padding.
struct CropBatch {
  Size size;
  std::vector<Placed> crops;
};

/// Gathers crops of similar size. Sides of buckets are 64, 96, 128, 192, 256, 384 and 512 pixels
/// (rounded up to the alignment), width and height each on its own but within a factor of two; a
/// larger crop has a bucket of its own size. No batch has more than `max_pixels` pixels (a single
/// crop may). Batches come in the order in which they are full, then by size, so that the same
/// windows give the same batches.
[[nodiscard]] std::vector<CropBatch> batch_crops(std::span<const Window> windows,
                                                 int alignment = 32,
                                                 std::int64_t max_pixels = 1 << 20);

}  // namespace labelloom::select
