// The scenes that networks are trained on, against their own truth and what a COCO reader sees.

#include "samples/generator/training_scene.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "formats/coco.h"
#include "formats/rle.h"
#include "samples/generator/training_paint.h"
#include "samples/generator/training_truth.h"
#include "tests/support/temp_dir.h"

namespace labelloom::samples {
namespace {

constexpr int kScenes = 300;

TrainingOptions pool_options() {
  return {.seed = 3, .frame = {64, 64}, .rare_share = 0.05, .near_duplicates = 0.2};
}

std::vector<TrainingScene> pool() {
  std::vector<TrainingScene> scenes;
  scenes.reserve(kScenes);
  for (int i = 0; i < kScenes; ++i) scenes.push_back(make_training_scene(pool_options(), i));
  return scenes;
}

std::vector<SceneTruth> truths(const std::vector<TrainingScene>& scenes) {
  std::vector<SceneTruth> all;
  all.reserve(scenes.size());
  for (const TrainingScene& scene : scenes) {
    all.push_back(scene_truth(scene, owner_map(scene), ".jpg"));
  }
  return all;
}

TEST(TrainingScenes, ReadAsTheMasksThatTheirPixelsHave) {
  const test::TempDir folder;
  const std::vector<TrainingScene> scenes = pool();
  write_scenes_coco(folder.path() / "coco.json", truths(scenes));
  Report report;
  const Dataset d = read_coco(folder.path() / "coco.json", {}, report);
  EXPECT_EQ(d.keypoint_origin, KeypointOrigin::kContinuous);
  ASSERT_EQ(d.images.size(), scenes.size());
  const InstancesByImage instances(d);
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const OwnerMap owners = owner_map(scenes[i]);
    ASSERT_EQ(instances[i].size(), scenes[i].parts.size());
    for (std::size_t k = 0; k < scenes[i].parts.size(); ++k) {
      const Instance& instance = d.instances[instances[i][k]];
      std::vector<std::uint8_t> pixels;
      for (const int owner : owners.owners())
        pixels.push_back(owner == static_cast<int>(k) ? 1 : 0);
      ASSERT_NE(instance.mask(), nullptr);
      EXPECT_EQ(*instance.mask(), encode(pixels, {64, 64})) << i << ' ' << k;
      EXPECT_EQ(instance.bbox, extent(*instance.mask()));
      EXPECT_EQ(instance.area, static_cast<double>(pixel_count(*instance.mask())));
    }
  }
}

TEST(TrainingScenes, AreLargeEnoughToBeLearnt) {
  for (const SceneTruth& scene : truths(pool())) {
    EXPECT_GE(scene.instances.size(), 1U);
    EXPECT_LE(scene.instances.size(), 6U);
    for (const SceneInstance& instance : scene.instances) {
      EXPECT_GE(std::max(instance.box.width, instance.box.height), 8) << scene.file_name;
      EXPECT_GE(instance.seen_share, scene.duplicate_of ? 0.3 : 0.45) << scene.file_name;
    }
  }
}

TEST(TrainingScenes, HaveAsManyRarePartsAndRepetitionsAsAsked) {
  int washers = 0;
  int parts = 0;
  int repeated = 0;
  for (const TrainingScene& scene : pool()) {
    repeated += scene.duplicate_of ? 1 : 0;
    for (const TrainingPart& part : scene.parts) {
      ++parts;
      washers += part.shape.kind == PartKind::kWasher ? 1 : 0;
    }
  }
  EXPECT_NEAR(static_cast<double>(washers) / parts, 0.05, 0.03);
  EXPECT_NEAR(static_cast<double>(repeated) / kScenes, 0.2, 0.06);
}

TEST(TrainingScenes, RepeatAnEarlierSceneOfTheirHundredThatIsNoRepetition) {
  const std::vector<TrainingScene> scenes = pool();
  for (const TrainingScene& scene : scenes) {
    if (!scene.duplicate_of) continue;
    const int source = *scene.duplicate_of;
    EXPECT_LT(source, scene.index);
    EXPECT_EQ(source / kDuplicateBlock, scene.index / kDuplicateBlock);
    const TrainingScene& original = scenes[static_cast<std::size_t>(source)];
    EXPECT_FALSE(original.duplicate_of);
    ASSERT_EQ(scene.parts.size(), original.parts.size());
    for (std::size_t i = 0; i < scene.parts.size(); ++i) {
      const double moved = length(scene.parts[i].pose.centre - original.parts[i].pose.centre);
      EXPECT_GT(moved, 0);
      EXPECT_LT(moved, 6);
    }
  }
}

TEST(TrainingScenes, ShareTheirPlanAtEverySize) {
  const TrainingScene small = make_training_scene({.seed = 5, .frame = {64, 64}}, 17);
  const TrainingScene large = make_training_scene({.seed = 5, .frame = {128, 128}}, 17);
  ASSERT_EQ(small.parts.size(), large.parts.size());
  for (std::size_t i = 0; i < small.parts.size(); ++i) {
    EXPECT_DOUBLE_EQ(2 * small.parts[i].pose.centre.x, large.parts[i].pose.centre.x);
  }
}

TEST(TrainingScenes, ArePaintedAlikeByEveryPainter) {
  const TrainingOptions options{.seed = 9, .frame = {160, 128}};
  const TrainingScene scene = make_training_scene(options, 4);
  const cv::Mat first = TrainingPainter(options.frame).paint(scene, options.seed);
  const TrainingPainter painter(options.frame);
  (void)painter.paint(make_training_scene(options, 3), options.seed);
  const cv::Mat second = painter.paint(scene, options.seed);
  ASSERT_EQ(first.size(), cv::Size(160, 128));
  EXPECT_EQ(cv::norm(first, second, cv::NORM_INF), 0);
}

TEST(TrainingScenes, PointTheAxisFromTheLastKeyPointToTheFirst) {
  for (const SceneTruth& scene : truths(pool())) {
    for (const SceneInstance& instance : scene.instances) {
      ASSERT_EQ(instance.axis_rad.has_value(), instance.kind != PartKind::kWasher);
      if (!instance.axis_rad) continue;
      const SceneKeypoint& head = instance.keypoints.front();
      const SceneKeypoint& tail = instance.keypoints.back();
      if (head.visibility == 0 || tail.visibility == 0) continue;
      const Point along = head.point - tail.point;
      const double apart = *instance.axis_rad - std::atan2(along.y, along.x);
      // A rocker arm's arms are not quite in line with its principal axis.
      EXPECT_LT(std::abs(std::remainder(apart, 2 * 3.14159265358979)), 0.15) << scene.file_name;
    }
  }
}

TEST(TrainingScenes, HavePivotsOnTheSideThatMirroringDecides) {
  int left = 0;
  int right = 0;
  for (const TrainingScene& scene : pool()) {
    const SceneTruth truth = scene_truth(scene, owner_map(scene), ".jpg");
    if (truth.instances.size() != scene.parts.size()) continue;
    for (std::size_t i = 0; i < scene.parts.size(); ++i) {
      if (scene.parts[i].shape.kind != PartKind::kRockerArm) continue;
      ASSERT_TRUE(truth.instances[i].outer_is_left.has_value());
      EXPECT_EQ(*truth.instances[i].outer_is_left, scene.parts[i].pose.mirrored);
      ++(*truth.instances[i].outer_is_left ? left : right);
    }
  }
  EXPECT_GT(left, 50);
  EXPECT_GT(right, 50);
}

}  // namespace
}  // namespace labelloom::samples
