// Measuring against the truth of drawn scenes: axis, outer side and depth.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "convert/measure.h"
#include "formats/coco.h"
#include "formats/png_values.h"
#include "samples/generator/training_paint.h"
#include "samples/generator/training_scene.h"
#include "samples/generator/training_truth.h"
#include "tests/support/temp_dir.h"

namespace labelloom::samples {
namespace {

constexpr int kScenes = 150;
constexpr double kDegree = std::numbers::pi / 180;
/// What is not cut by frame or neighbour. Washers apart, all kinds are long.
constexpr double kWhole = 0.999;

DepthMap depth_map(const TrainingScene& scene, const OwnerMap& owners, std::uint64_t seed) {
  const cv::Mat1w image = paint_depth(scene, owners, seed);
  return {{image.cols, image.rows}, std::vector<std::uint16_t>(image.begin(), image.end())};
}

/// Scenes at 64 x 64, where a pixel is much, with their truth and what was measured, side by side.
class MeasuredScenes : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const test::TempDir folder;
    const TrainingOptions options{.seed = 11, .frame = {64, 64}};
    std::vector<SceneTruth> scenes;
    for (int i = 0; i < kScenes; ++i) {
      const TrainingScene scene = make_training_scene(options, i);
      const OwnerMap owners = owner_map(scene);
      scenes.push_back(scene_truth(scene, owners, ".jpg"));
      write_depth_map(folder.path() / (scene_stem(i) + ".png"), depth_map(scene, owners, 11));
    }
    write_scenes_coco(folder.path() / "coco.json", scenes);
    Report report;
    dataset = read_coco(folder.path() / "coco.json", {}, report);
    measured = measure(dataset, {.depth = DepthOptions{.folder = folder.path()}}, report);
    ASSERT_TRUE(report.empty());
    for (const SceneTruth& scene : scenes) {
      truth.insert(truth.end(), scene.instances.begin(), scene.instances.end());
    }
    ASSERT_EQ(truth.size(), measured.size());
  }

  static Dataset dataset;
  static std::vector<SceneInstance> truth;
  static std::vector<ObjectMeasure> measured;
};

Dataset MeasuredScenes::dataset;
std::vector<SceneInstance> MeasuredScenes::truth;
std::vector<ObjectMeasure> MeasuredScenes::measured;

TEST_F(MeasuredScenes, HaveTheAxisOfEveryWholePart) {
  std::vector<double> errors;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!truth[i].axis_rad || truth[i].seen_share < kWhole) continue;
    ASSERT_TRUE(measured[i].axis_rad && measured[i].directed) << i;
    const double apart = *measured[i].axis_rad - *truth[i].axis_rad;
    errors.push_back(std::abs(std::remainder(apart, 2 * std::numbers::pi)));
  }
  ASSERT_GT(errors.size(), 100U);
  std::ranges::sort(errors);
  EXPECT_LT(errors[errors.size() / 2], 2 * kDegree);
  EXPECT_LT(errors.back(), 10 * kDegree);
}

TEST_F(MeasuredScenes, HaveTheOuterSideOfEveryWholeRockerArm) {
  int left = 0;
  int right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!truth[i].outer_is_left || truth[i].seen_share < kWhole) continue;
    ASSERT_TRUE(measured[i].outer_side) << i;
    EXPECT_EQ(*measured[i].outer_side == AxisSide::kLeft, *truth[i].outer_is_left) << i;
    ++(*truth[i].outer_is_left ? left : right);
  }
  EXPECT_GT(left, 5);
  EXPECT_GT(right, 5);
}

TEST_F(MeasuredScenes, HaveTheMeanDepthOfEveryPart) {
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ASSERT_TRUE(measured[i].depth && measured[i].depth->mean) << i;
    const double valid = static_cast<double>(measured[i].depth->valid);
    EXPECT_LT(valid, truth[i].pixels + 0.5);
    EXPECT_GT(valid, 0.8 * truth[i].pixels);
    // Five times the standard error of noise of 1 mm, and what blind pixels of a slope shift.
    const double tolerance = 5 / std::sqrt(valid) + 0.3;
    EXPECT_NEAR(1000 * *measured[i].depth->mean, truth[i].depth_mm, tolerance) << i;
  }
}

TEST_F(MeasuredScenes, HaveTheDepthAtKeyPointsInSight) {
  int compared = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto& expected = truth[i].keypoints;
    ASSERT_EQ(measured[i].depth->keypoints.size(), expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) {
      const auto& found = measured[i].depth->keypoints[k];
      if (expected[k].visibility != 2) {
        EXPECT_FALSE(found);
        continue;
      }
      if (!found) continue;  // one of the blind pixels
      const Instance& instance = dataset.instances[measured[i].instance];
      const Point2d at = instance.keypoints[k].point;
      // Near a border the pixel may belong to the neighbour.
      if (signed_distance(instance, at) > -0.8) continue;
      EXPECT_NEAR(1000 * *found, *expected[k].depth_mm, 5);
      ++compared;
    }
  }
  EXPECT_GT(compared, 200);
}

}  // namespace
}  // namespace labelloom::samples
