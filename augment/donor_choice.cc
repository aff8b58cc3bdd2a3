#include "augment/donor_choice.h"

#include <algorithm>

#include "augment/donors.h"

namespace labelloom::augment {

std::optional<std::size_t> draw_donor(const Scene& scene, Random& random) {
  const std::size_t count = scene.donors == nullptr ? 0 : scene.donors->count();
  const bool known = scene.self < count;
  const auto others = static_cast<std::int64_t>(count) - (known ? 1 : 0);
  if (others <= 0) return std::nullopt;
  const auto chosen = static_cast<std::size_t>(random.integer(0, others - 1));
  return known && chosen >= scene.self ? chosen + 1 : chosen;
}

Homography fitted(Size image, const PixelRect& rect, Fit fit) {
  const double x = static_cast<double>(rect.width) / image.width;
  const double y = static_cast<double>(rect.height) / image.height;
  const double scale = fit == Fit::kCover ? std::max(x, y) : std::min(x, y);
  return translation(rect.x + rect.width / 2.0, rect.y + rect.height / 2.0) *
         scaling(scale, scale) * translation(-image.width / 2.0, -image.height / 2.0);
}

}  // namespace labelloom::augment
