#include "convert/unite_images.h"

#include <vector>

#include <gtest/gtest.h>

namespace labelloom {
namespace {

TEST(UniteImages, WhatLiesOnImagesOfOneNameLiesOnOne) {
  Dataset dataset;
  for (const char* name : {"a.jpg", "a.jpg", "b.jpg"}) {
    Image& image = dataset.images.emplace_back();
    image.id = static_cast<std::int64_t>(dataset.images.size());
    image.file_name = name;
    dataset.instances.emplace_back().image_id = image.id;
  }
  dataset.loose_keypoints.emplace_back().image_id = 2;
  std::vector<LooseKeypoint> keypoints(2);
  keypoints[0].image_id = 3;
  keypoints[1].image_id = 9;
  unite_images(dataset, keypoints);
  ASSERT_EQ(dataset.images.size(), 2U);
  EXPECT_EQ(dataset.images[1].file_name, "b.jpg");
  EXPECT_EQ(dataset.images[1].id, 2);
  EXPECT_EQ(dataset.instances[0].image_id, 1);
  EXPECT_EQ(dataset.instances[1].image_id, 1);
  EXPECT_EQ(dataset.instances[2].image_id, 2);
  EXPECT_EQ(dataset.loose_keypoints[0].image_id, 1);
  EXPECT_EQ(keypoints[0].image_id, 2);
  EXPECT_EQ(keypoints[1].image_id, 9) << "of no image of the data set";
}

}  // namespace
}  // namespace labelloom
