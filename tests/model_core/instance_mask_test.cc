#include "model/instance_mask.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "formats/rle.h"

namespace labelloom::model {
namespace {

/// 10x6 pixels, the label everywhere but in the first row.
LabelMap labelled(std::uint8_t label) {
  LabelMap map{{10, 6}, std::vector<std::uint8_t>(60, label)};
  for (std::size_t x = 0; x < 10; ++x) map.values[x] = 0;
  return map;
}

ModelConfig two_classes() {
  ModelConfig config;
  config.classes = {"bolt", "nut"};
  config.seg_of_class = {1, -1};
  return config;
}

Detection detection(const Box& box, int class_index = 0) {
  Detection result;
  result.box = box;
  result.class_index = class_index;
  return result;
}

const Placement kSame = {{10, 6}, 1, {0, 0}};

TEST(InstanceMasks, AreTheLabelsInsideTheBox) {
  const std::vector<Detection> found = {detection({1, 0, 3, 4})};
  const std::vector<Rle> masks = instance_masks(labelled(1), found, two_classes(), kSame);
  ASSERT_EQ(masks.size(), 1U);
  EXPECT_EQ(pixel_count(masks[0]), 9U);
  EXPECT_EQ(extent(masks[0]), (Box{1, 1, 3, 3}));
}

TEST(InstanceMasks, CountPixelsWhoseCentreIsInTheBox) {
  const std::vector<Detection> found = {detection({1.4, 2.6, 2.2, 2})};
  const std::vector<Rle> masks = instance_masks(labelled(1), found, two_classes(), kSame);
  EXPECT_EQ(extent(masks[0]), (Box{1, 3, 3, 2}));
}

TEST(InstanceMasks, AreInTheOriginalPicture) {
  // The original is twice as large as what the network saw, and was shifted by 3.
  const Placement placement = {.original = {10, 6}, .scale = 0.5, .offset = {3, 0}};
  const std::vector<Detection> found = {detection({4, 1, 2, 2})};
  const std::vector<Rle> masks = instance_masks(labelled(1), found, two_classes(), placement);
  EXPECT_EQ(masks[0].size, (Size{10, 6}));
  EXPECT_EQ(extent(masks[0]), (Box{2, 2, 4, 4}));
}

TEST(InstanceMasks, AreEmptyForOtherLabelsAndClassesWithout) {
  const std::vector<Detection> found = {detection({0, 0, 10, 6}), detection({0, 0, 10, 6}, 1)};
  const std::vector<Rle> masks = instance_masks(labelled(2), found, two_classes(), kSame);
  EXPECT_EQ(pixel_count(masks[0]), 0U);
  EXPECT_EQ(pixel_count(masks[1]), 0U);
}

TEST(InstanceMasks, ShareWhereBoxesOverlapByNearness) {
  const std::vector<Detection> found = {detection({0, 1, 6, 5}), detection({4, 1, 6, 5})};
  const std::vector<Rle> masks = instance_masks(labelled(1), found, two_classes(), kSame);
  EXPECT_EQ(pixel_count(intersect(masks[0], masks[1])), 0U);
  EXPECT_EQ(pixel_count(unite(masks[0], masks[1])), 50U);
  EXPECT_EQ(extent(masks[0]).right(), 5);
  EXPECT_EQ(extent(masks[1]).x, 5);
}

TEST(InstanceMasks, GiveEqualBoxesToTheBetterDetection) {
  const std::vector<Detection> found = {detection({2, 2, 3, 3}), detection({2, 2, 3, 3})};
  const std::vector<Rle> masks = instance_masks(labelled(1), found, two_classes(), kSame);
  EXPECT_EQ(pixel_count(masks[0]), 9U);
  EXPECT_EQ(pixel_count(masks[1]), 0U);
}

TEST(ToOriginal, LeavesNoKeyPointBeyondThePicture) {
  const Placement placement = {.original = {10, 6}, .scale = 0.5, .offset = {3, 0}};
  const Keypoint inside = to_original(Keypoint{{4, 3}, Visibility::kVisible}, placement);
  EXPECT_EQ(inside, (Keypoint{{2, 6}, Visibility::kVisible}));
  const Keypoint beyond = to_original(Keypoint{{2, 3}, Visibility::kVisible}, placement);
  EXPECT_EQ(beyond, (Keypoint{{-2, 6}, Visibility::kAbsent}));
}

TEST(InstanceMasks, OutsideThePictureAreEmpty) {
  const Placement placement = {.original = {10, 6}, .scale = 1, .offset = {0, 20}};
  const std::vector<Detection> found = {detection({0, 0, 8, 8})};
  const std::vector<Rle> masks = instance_masks(labelled(1), found, two_classes(), placement);
  EXPECT_EQ(pixel_count(masks[0]), 0U);
  EXPECT_EQ(to_original(found[0].box, placement).area(), 0);
}

}  // namespace
}  // namespace labelloom::model
