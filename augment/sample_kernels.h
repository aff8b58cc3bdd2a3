#pragma once

// The inner loops of resampling, for every instruction set of the machine (Highway). All compute
// the same bytes on every one: whole numbers, or floats without fused operations.
//
// A row of pixels on its way is a row of words: blue, green, red and a byte of no meaning, in this
// order in memory.

#include <cstddef>
#include <cstdint>

namespace labelloom::augment {

/// Pixels located and blended at a time.
inline constexpr std::size_t kBlock = 256;

/// Positions of pixels i = 0, 1, ... of a block: ((x + x_step i) / w, (y + y_step i) / w), w = w0 +
/// w_step i, from the pixel (left, top) of the source, and what they are clamped to.
struct BlockMap {
  float x = 0;
  float x_step = 0;
  float y = 0;
  float y_step = 0;
  float w = 1;
  float w_step = 0;
  std::int32_t left = 0;
  std::int32_t top = 0;
  std::int32_t min_x = 0;
  std::int32_t max_x = 0;
  std::int32_t min_y = 0;
  std::int32_t max_y = 0;
};

/// Positions are rounded to 1 / kSubpixels. A weight word holds the weight of the pixels at left,
/// that of those at right, shifted by 8, and that of those below, by kWeightShift.
inline constexpr int kSubpixelBits = 7;
inline constexpr int kSubpixels = 1 << kSubpixelBits;
inline constexpr int kWeightShift = 24;

/// Scratch memory of a block.
struct Block {
  alignas(64) std::uint32_t offsets[kBlock];  ///< of pixels, in bytes from the source's first
  alignas(64) std::int32_t x[kBlock];
  alignas(64) std::int32_t y[kBlock];
  alignas(64) std::uint32_t weights[kBlock];
  alignas(64) std::uint64_t upper[kBlock];  ///< two neighbours, blue green red blue green red
  alignas(64) std::uint64_t lower[kBlock];
};

/// The pixel up and left of each position, given in kSubpixels around pixel centres, as x and y,
/// and the weights of its neighbours.
void locate_linear(const BlockMap& map, std::size_t count, Block& block);
/// The same as offsets: y * pitch + x * 3.
void locate_linear(const BlockMap& map, std::size_t count, std::uint32_t pitch, Block& block);
/// The pixel at each position, given in continuous coordinates, as x and y.
void locate_nearest(const BlockMap& map, std::size_t count, Block& block);

/// Reads `upper` at the offsets from `pixels`, and `lower` `pitch` bytes farther; 8 bytes each.
/// What lies `ahead` of them will be read soon.
void fetch(const std::uint8_t* pixels,
           std::size_t pitch,
           std::ptrdiff_t ahead,
           std::size_t count,
           Block& block);

/// Bilinear mixtures of the neighbours in `upper` and `lower`.
void blend(const Block& block, std::size_t count, std::uint32_t* words);

void words_from_bgr(const std::uint8_t* bgr, std::size_t count, std::uint32_t* words);
void bgr_from_words(const std::uint32_t* words, std::size_t count, std::uint8_t* bgr);
void fill_words(std::uint32_t word, std::size_t count, std::uint32_t* words);

}  // namespace labelloom::augment
