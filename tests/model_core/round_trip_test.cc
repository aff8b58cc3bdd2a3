// What the targets encode, decoding reads.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "model/decode.h"
#include "model/targets.h"
#include "tests/model_core/dense_support.h"

namespace labelloom::model {
namespace {

constexpr double kBoxTolerance = 1e-3;      // distances are single precision
constexpr double kKeypointTolerance = 0.5;  // pixels

TEST(RoundTrip, GivesBackBoxesClassesAndKeypoints) {
  test::Scene scene;
  scene.config.input = {128, 96};
  Sample sample;
  sample.image.size = scene.config.input;
  sample.has_segmentation = false;
  const auto seen = [](double x, double y) { return Keypoint{{x, y}, Visibility::kVisible}; };
  sample.objects = {
      {0, {10.3, 12.7, 40.2, 33.9}, {seen(14.6, 20.1), seen(45.9, 40.3), {}}},
      {1, {70.5, 40.25, 21, 50}, {{}, {}, seen(80.7, 60.9)}},
      {0, {60, 5, 30, 20}, {seen(66.1, 9.9), {}, {}}},
  };
  const Targets targets = make_targets(sample, scene.config);
  const test::IdealOutputs ideal(targets, scene.config);
  const std::vector<Detection> found = decode(ideal.outputs(), scene.config, {});
  ASSERT_EQ(found.size(), sample.objects.size());
  for (const TargetObject& object : sample.objects) {
    const auto match = std::find_if(found.begin(), found.end(), [&](const Detection& detection) {
      return std::abs(detection.box.x - object.box.x) < kBoxTolerance;
    });
    ASSERT_NE(match, found.end()) << object.box.x;
    EXPECT_EQ(match->class_index, object.class_index);
    EXPECT_NEAR(match->box.y, object.box.y, kBoxTolerance);
    EXPECT_NEAR(match->box.width, object.box.width, kBoxTolerance);
    EXPECT_NEAR(match->box.height, object.box.height, kBoxTolerance);
    ASSERT_EQ(match->keypoints.size(), object.keypoints.size());
    for (std::size_t slot = 0; slot < object.keypoints.size(); ++slot) {
      EXPECT_EQ(match->keypoints[slot].visibility, object.keypoints[slot].visibility) << slot;
      if (object.keypoints[slot].visibility == Visibility::kAbsent) continue;
      EXPECT_NEAR(
          match->keypoints[slot].point.x, object.keypoints[slot].point.x, kKeypointTolerance);
      EXPECT_NEAR(
          match->keypoints[slot].point.y, object.keypoints[slot].point.y, kKeypointTolerance);
    }
  }
}

}  // namespace
}  // namespace labelloom::model
