#include "augment/frames.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace labelloom::augment {
namespace {

int whole_side(double length) { return std::max(1, static_cast<int>(std::ceil(length - 1e-6))); }

}  // namespace

Box mapped_extent(const Homography& map, Size in) {
  const double w = in.width;
  const double h = in.height;
  return extent(std::array<Point2d, 4>{map({0, 0}), map({w, 0}), map({w, h}), map({0, h})});
}

Projective fitted(const Homography& map, Size in, const Sampling& sampling) {
  const Box box = mapped_extent(map, in);
  return {
      translation(-box.x, -box.y) * map, {whole_side(box.width), whole_side(box.height)}, sampling};
}

Projective cropped(const PixelRect& rect, Size in, const Sampling& sampling) {
  Projective crop{translation(-rect.x, -rect.y), {rect.width, rect.height}, sampling};
  const bool inside = rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= in.width &&
                      rect.y + rect.height <= in.height;
  // The border never shows; replicated it does not bleed into a resampling fused with the crop.
  if (inside) crop.sampling.border = Border::kReplicate;
  return crop;
}

Projective resized(Size in, Size out, const Resizing& how) {
  Sampling sampling;
  sampling.border = Border::kReplicate;
  sampling.interpolation = how.interpolation;
  if (how.area_for_downscale && out.width <= in.width && out.height <= in.height) {
    sampling.interpolation = Interpolation::kArea;
  }
  const double x = static_cast<double>(out.width) / in.width;
  const double y = static_cast<double>(out.height) / in.height;
  return {scaling(x, y), out, sampling};
}

}  // namespace labelloom::augment
