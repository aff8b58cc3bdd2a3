#include "augment/hls.h"

#include <algorithm>
#include <cmath>

#include "augment/rounded.h"

namespace labelloom::augment {

Hls hls_of(const std::uint8_t* bgr) {
  const int b = bgr[0];
  const int g = bgr[1];
  const int r = bgr[2];
  const int high = std::max({b, g, r});
  const int low = std::min({b, g, r});
  const int sum = high + low;
  const int chroma = high - low;
  Hls hls{0, static_cast<float>(sum) / 510, 0};
  if (chroma == 0) return hls;
  hls.saturation = static_cast<float>(chroma) / static_cast<float>(std::min(sum, 510 - sum));
  int base = 0;
  int part = g - b;
  if (high == g && high != r) {
    base = 4;
    part = b - r;
  } else if (high == b && high != r) {
    base = 8;
    part = r - g;
  }
  hls.hue = static_cast<float>(base) + 2 * static_cast<float>(part) / static_cast<float>(chroma);
  return hls;
}

void set_pixel(std::uint8_t* bgr, Hls hls) {
  const float lightness = std::clamp(hls.lightness, 0.0F, 1.0F);
  const float half = std::clamp(hls.saturation, 0.0F, 1.0F) * std::min(lightness, 1 - lightness);
  float hue = hls.hue;
  if (hue < 0 || hue >= 12) hue -= 12 * std::floor(hue * (1 / 12.0F));
  // A channel is low, rises, is high and falls again as the hue goes round.
  const auto level = [&](float begin) {
    float at = begin + hue;
    if (at >= 12) at -= 12;
    const float height = std::clamp(std::min(at - 3, 9 - at), -1.0F, 1.0F);
    return rounded<std::uint8_t>((lightness - half * height) * 255);
  };
  bgr[0] = level(4);
  bgr[1] = level(8);
  bgr[2] = level(0);
}

}  // namespace labelloom::augment
