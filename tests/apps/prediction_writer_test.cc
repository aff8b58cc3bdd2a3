#include "apps/prediction_writer.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "formats/coco.h"
#include "formats/error.h"
#include "formats/png_values.h"
#include "tests/support/temp_dir.h"

namespace labelloom::apps {
namespace {

model::ModelConfig two_classes() {
  model::ModelConfig config;
  config.classes = {"bolt", "nut"};
  config.seg_classes = {"background", "bolt", "nut"};
  config.seg_of_class = {1, 2};
  config.keypoints = {{1, "hole", 0}, {0, "head", 1}, {0, "foot", 2}};
  return config;
}

/// A picture of 64x32 that the network saw at half its size, shifted down by 8.
model::InputImage half_sized(const std::string& name) {
  return {name, {32, 32}, {}, {{64, 32}, 0.5, {0, 8}}};
}

model::Detection bolt() {
  const Keypoint head = {{6, 12}, Visibility::kVisible};
  const Keypoint in_the_filling = {{6, 2}, Visibility::kVisible};
  return {.box = {4, 10, 8, 8},
          .class_index = 0,
          .score = 0.75,
          .class_probabilities = {1, 0},
          .keypoints = {{}, head, in_the_filling},
          .keypoint_scores = {0, 0.5F, 0.5F}};
}

/// Logits [3,8,8] of bolts everywhere.
std::vector<float> bolts_everywhere() {
  std::vector<float> logits(std::size_t{3} * 64, 0);
  std::fill(logits.begin() + 64, logits.begin() + 128, 1.0F);
  return logits;
}

TEST(PredictionWriter, WritesADataSetInThePicturesOwnCoordinates) {
  const test::TempDir folder;
  PredictionWriter writer(folder.path(), two_classes(), {});
  const std::vector<float> logits = bolts_everywhere();
  const std::vector<model::Detection> found = {bolt()};
  writer.add(half_sized("a/one.jpg"), found, {logits, 3, 8, 8});
  writer.add(half_sized("two.jpg"), {}, {logits, 3, 8, 8});
  writer.finish();

  Report report;
  const Dataset read = read_coco(folder.path() / "coco.json", {}, report);
  EXPECT_TRUE(report.empty());
  ASSERT_EQ(read.images.size(), 2U);
  ASSERT_EQ(read.instances.size(), 1U);
  const Instance& instance = read.instances[0];
  EXPECT_EQ(instance.bbox, (Box{8, 4, 16, 16}));
  EXPECT_EQ(instance.area, 256);
  ASSERT_NE(instance.mask(), nullptr);
  EXPECT_EQ(extent(*instance.mask()), instance.bbox);
  EXPECT_EQ(instance.extra->score, 0.75);
  ASSERT_EQ(read.categories.size(), 2U);
  EXPECT_EQ(read.categories[0].keypoints, (std::vector<std::string>{"head", "foot"}));
  ASSERT_EQ(instance.keypoints.size(), 2U);
  EXPECT_EQ(instance.keypoints[0].point, (Point2d{12, 8}));
  EXPECT_EQ(instance.keypoints[1], Keypoint{});

  const LabelMap labels = read_label_map(folder.path() / "segmentation/a/one.png");
  EXPECT_EQ(labels.size, (Size{64, 32}));
  EXPECT_EQ(std::count(labels.values.begin(), labels.values.end(), 1), 64 * 32);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "segmentation/two.png"));
}

TEST(PredictionWriter, WritesTheValuesThatStandForClassesInLabelMaps) {
  const test::TempDir folder;
  model::ModelConfig config = two_classes();
  config.seg_values = {0, 10, 200};
  PredictionWriter writer(folder.path(), config, {});
  const std::vector<model::Detection> found = {bolt()};
  const std::vector<float> logits = bolts_everywhere();
  writer.add(half_sized("one.jpg"), found, {logits, 3, 8, 8});
  const LabelMap labels = read_label_map(folder.path() / "segmentation/one.png");
  EXPECT_EQ(std::count(labels.values.begin(), labels.values.end(), 10), 64 * 32);
  ASSERT_EQ(writer.dataset().instances.size(), 1U);
  EXPECT_NE(writer.dataset().instances[0].mask(), nullptr);  // found by the class's index
}

TEST(PredictionWriter, KeepsTheBoxOfAnObjectTheSegmentationDoesNotSee) {
  const test::TempDir folder;
  PredictionWriter writer(folder.path(), two_classes(), {});
  const std::vector<float> nothing(std::size_t{3} * 64, 0);
  const std::vector<model::Detection> found = {bolt()};
  writer.add(half_sized("one.jpg"), found, {nothing, 3, 8, 8});
  writer.add(half_sized("two.jpg"), found, {});
  ASSERT_EQ(writer.dataset().instances.size(), 2U);
  for (const Instance& instance : writer.dataset().instances) {
    EXPECT_EQ(instance.mask(), nullptr);
    EXPECT_EQ(instance.area, 256);
  }
}

TEST(PredictionWriter, LeavesNoDataSetWhenItIsNotFinished) {
  const test::TempDir folder;
  PredictionWriter(folder.path(), two_classes(), {}).add(half_sized("one.jpg"), {}, {});
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "coco.json"));
}

TEST(PredictionWriter, KnowsPicturesThatWouldHaveOneLabelMap) {
  const auto failure = [](const std::vector<std::string>& names) -> std::string {
    std::deque<Image> images;
    for (const std::string& name : names) images.emplace_back().file_name = name;
    try {
      require_own_label_maps(images);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_EQ(failure({"a.jpg", "b.png", "c/a.jpg", "a.jpg"}), "none");
  EXPECT_EQ(failure({"a.jpg", "b.png", "./a.png"}),
            "./a.png: its label map would replace that of a.jpg; rename one, or leave label maps "
            "out");
}

TEST(PredictionWriter, RefusesNamesThatLeaveTheFolder) {
  const test::TempDir folder;
  PredictionWriter writer(folder.path(), two_classes(), {});
  EXPECT_THROW(writer.add(half_sized("../one.jpg"), {}, {}), Error);
}

}  // namespace
}  // namespace labelloom::apps
