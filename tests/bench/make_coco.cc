// A COCO file with the proportions of COCO's own instances_train2017.json: 7 instances an image, 24
// points an instance in the mean, two decimals, areas of 17 digits.
// usage: make_coco FILE MEGABYTES

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "formats/coco.h"

namespace {

double hundredths(double value) { return std::round(value * 100) / 100; }

}  // namespace

int main(int argc, char** argv) {
  using namespace labelloom;  // NOLINT(google-build-using-namespace): a small program
  if (argc != 3) return 2;
  constexpr double kBytesPerImage = 3700;
  const auto images = static_cast<std::int64_t>(std::atof(argv[2]) * 1e6 / kBytesPerImage);
  std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed): the same file every time
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 11U) * 0x1p-53;
  };
  Dataset dataset;
  for (std::int64_t c = 1; c <= 80; ++c) {
    dataset.categories.push_back({.id = c, .name = "class " + std::to_string(c)});
  }
  std::vector<Point2d> ring;
  for (std::int64_t i = 1; i <= images; ++i) {
    dataset.images.push_back({.id = i,
                              .file_name = std::to_string(100000000000 + i) + ".jpg",
                              .size = {640, 480},
                              .extra = "\"license\":3,\"date_captured\":\"2013-11-14 11:18:45\""});
    for (int k = 0; k < 7; ++k) {
      Instance& instance = dataset.instances.emplace_back();
      instance.id = static_cast<std::int64_t>(dataset.instances.size());
      instance.image_id = i;
      instance.category_id = 1 + static_cast<std::int64_t>(random() % 80);
      const auto points = static_cast<std::size_t>(std::exp(uniform(std::log(6), std::log(70))));
      const Point2d centre{uniform(80, 560), uniform(80, 400)};
      const double radius = uniform(10, 80);
      ring.clear();
      for (std::size_t p = 0; p < points; ++p) {
        const double angle =
            2 * 3.141592653589793 * static_cast<double>(p) / static_cast<double>(points);
        const double r = radius * uniform(0.7, 1);
        ring.push_back({hundredths(centre.x + r * std::cos(angle)),
                        hundredths(centre.y + r * std::sin(angle))});
      }
      instance.rings = Rings(ring);
      instance.area = ring_area(instance.rings);
      instance.bbox = extent(ring);
    }
  }
  write_coco(dataset, argv[1]);
  return 0;
}
