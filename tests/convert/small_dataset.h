#pragma once

#include <utility>
#include <vector>

#include "formats/dataset.h"

namespace labelloom::test {

/// A rectangle as a ring.
inline std::vector<Point2d> rectangle(double x, double y, double width, double height) {
  return {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
}

/// An instance with the ring, and the box and area that belong to it.
inline Instance polygon_instance(std::int64_t id,
                                 std::int64_t image_id,
                                 std::int64_t category_id,
                                 const std::vector<Point2d>& ring) {
  Instance instance;
  instance.id = id;
  instance.image_id = image_id;
  instance.category_id = category_id;
  instance.rings = Rings(ring);
  instance.bbox = extent(instance.rings.points());
  instance.area = ring_area(instance.rings);
  return instance;
}

/// An instance with the mask, and the box and area that belong to it.
inline Instance mask_instance(std::int64_t id,
                              std::int64_t image_id,
                              std::int64_t category_id,
                              Rle mask) {
  Instance instance;
  instance.id = id;
  instance.image_id = image_id;
  instance.category_id = category_id;
  instance.bbox = extent(mask);
  instance.area = static_cast<double>(pixel_count(mask));
  instance.ensure_extra().mask = std::move(mask);
  return instance;
}

inline Instance box_instance(std::int64_t id,
                             std::int64_t image_id,
                             std::int64_t category_id,
                             const Box& box) {
  Instance instance;
  instance.id = id;
  instance.image_id = image_id;
  instance.category_id = category_id;
  instance.bbox = box;
  instance.area = box.area();
  return instance;
}

/// Two images of 100 x 80, a category with two key points and one without, three polygons.
/// Nothing is wrong with it.
inline Dataset small_dataset() {
  Dataset dataset;
  dataset.images = {{.id = 1, .file_name = "a.jpg", .size = {100, 80}, .extra = {}},
                    {.id = 2, .file_name = "b.jpg", .size = {100, 80}, .extra = {}}};
  dataset.categories = {
      {.id = 1, .name = "cart", .keypoints = {"left", "right"}, .skeleton = {{1, 2}}},
      {.id = 2, .name = "box"}};
  dataset.instances.push_back(polygon_instance(1, 1, 1, rectangle(10, 10, 30, 20)));
  dataset.instances.push_back(polygon_instance(2, 1, 2, rectangle(50, 40, 20, 20)));
  dataset.instances.push_back(polygon_instance(3, 2, 2, rectangle(0, 0, 100, 80)));
  dataset.instances[0].keypoints = {{{12, 12}, Visibility::kVisible}, {}};
  return dataset;
}

}  // namespace labelloom::test
