#pragma once

#include <cstdint>

namespace labelloom::augment {

/// Hue in units of 30 degrees, any real number; lightness and saturation in [0, 1].
struct Hls {
  float hue = 0;
  float lightness = 0;
  float saturation = 0;
};

/// Of a pixel's three bytes blue, green, red. Plain arithmetic: the same on every machine, which
/// OpenCV's conversions of floating-point pictures are not.
[[nodiscard]] Hls hls_of(const std::uint8_t* bgr);
/// Lightness and saturation are clamped.
void set_pixel(std::uint8_t* bgr, Hls hls);

}  // namespace labelloom::augment
