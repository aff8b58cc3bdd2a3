#pragma once

// Small data sets of drawn pictures, for tests of what training reads.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "formats/dataset.h"
#include "tests/support/temp_dir.h"

namespace labelloom::test {

/// Writes a PNG picture that is grey but for a red rectangle.
inline void write_picture(const std::filesystem::path& file, Size size, const cv::Rect& red) {
  std::filesystem::create_directories(file.parent_path());
  cv::Mat pixels(size.height, size.width, CV_8UC3, cv::Scalar(128, 128, 128));
  pixels(red).setTo(cv::Scalar(0, 0, 255));
  cv::imwrite(file.string(), pixels);
}

inline Rings rectangle_ring(const Box& box) {
  return Rings(
      {{box.x, box.y}, {box.right(), box.y}, {box.right(), box.bottom()}, {box.x, box.bottom()}});
}

/// An instance whose box is its shape.
inline Instance instance_of(std::int64_t id, std::int64_t image, std::int64_t category, Box box) {
  Instance instance;
  instance.id = id;
  instance.image_id = image;
  instance.category_id = category;
  instance.bbox = box;
  instance.area = box.area();
  instance.rings = rectangle_ring(box);
  return instance;
}

/// One picture of 64 x 32 with one red thing on [16, 32) x [8, 24) and its two corners as key
/// points, which are each other's mirror image.
struct OneThing {
  static constexpr Box kBox{16, 8, 16, 16};
  TempDir folder;
  Dataset dataset;

  OneThing() {
    write_picture(folder / "a.png", {64, 32}, {16, 8, 16, 16});
    Image image;
    image.id = 7;
    image.file_name = "a.png";
    image.size = {64, 32};
    dataset.images.push_back(image);
    dataset.categories.push_back(
        {.id = 3, .name = "thing", .keypoints = {"left_corner", "right_corner"}});
    Instance instance = instance_of(1, 7, 3, kBox);
    instance.keypoints = {{{16, 8}, Visibility::kVisible}, {{32, 8}, Visibility::kHidden}};
    dataset.instances.push_back(instance);
  }
};

}  // namespace labelloom::test
