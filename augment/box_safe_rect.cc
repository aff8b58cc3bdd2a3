#include "augment/box_safe_rect.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace labelloom::augment {
namespace {

PixelRect rect_without_boxes(Size size, double erosion_rate, Random& random) {
  const int least = std::max(1, static_cast<int>(size.height * (1 - erosion_rate)));
  const auto height = static_cast<int>(random.integer(least, size.height));
  const double share = static_cast<double>(height) / size.height;
  const int width = std::clamp(static_cast<int>(std::lround(size.width * share)), 1, size.width);
  const int x = static_cast<int>(random.integer(0, size.width - width));
  return {x, static_cast<int>(random.integer(0, size.height - height)), width, height};
}

}  // namespace

PixelRect box_safe_rect(const Scene& scene, double erosion_rate, Random& random) {
  std::vector<Point2d> kept;  // corners of what must stay
  for (const Box& box : scene.boxes ? scene.boxes() : std::vector<Box>{}) {
    const double dx = std::min(erosion_rate, 0.5) * box.width;
    const double dy = std::min(erosion_rate, 0.5) * box.height;
    kept.push_back({box.x + dx, box.y + dy});
    kept.push_back({box.right() - dx, box.bottom() - dy});
  }
  if (kept.empty()) return rect_without_boxes(scene.size, erosion_rate, random);
  const Box all = extent(kept);
  const double right = all.right() + (scene.size.width - all.right()) * random.uniform();
  const double bottom = all.bottom() + (scene.size.height - all.bottom()) * random.uniform();
  const int x = std::clamp(static_cast<int>(all.x * random.uniform()), 0, scene.size.width - 1);
  const int y = std::clamp(static_cast<int>(all.y * random.uniform()), 0, scene.size.height - 1);
  // Rounded outwards; Albumentations cuts up to a pixel off.
  return {x,
          y,
          std::clamp(static_cast<int>(std::ceil(right)), x + 1, scene.size.width) - x,
          std::clamp(static_cast<int>(std::ceil(bottom)), y + 1, scene.size.height) - y};
}

}  // namespace labelloom::augment
