#include "model/decode.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "model/nms.h"
#include "tests/model_core/dense_support.h"

namespace labelloom::model {
namespace {

using test::Dense;
using test::Scene;
using ::testing::HasSubstr;

constexpr double kFloat = 1e-5;  // outputs are single precision

std::string error_of(const Scene& scene, const DenseOutputs& outputs) {
  try {
    static_cast<void>(decode(outputs, scene.config, {}));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Decode, FindsNothingOnAnEmptyMap) { EXPECT_TRUE(Scene().decode().empty()); }

TEST(Decode, ReadsBoxScoreAndClassesInTheCellOfThePeak) {
  Scene scene;
  scene.put(2, 3, 1, 2, {1, 0.5F, 1.5F, 2});
  const std::vector<Detection> found = scene.decode();
  ASSERT_EQ(found.size(), 1U);
  // The centre is at (14, 10).
  EXPECT_EQ(found[0].box, (Box{10, 8, 10, 10}));
  EXPECT_EQ(found[0].class_index, 1);
  const double second = 1 / (1 + std::exp(-10.0));
  EXPECT_NEAR(found[0].score, sigmoid(2) * second, kFloat);
  ASSERT_EQ(found[0].class_probabilities.size(), 2U);
  EXPECT_NEAR(found[0].class_probabilities[1], second, kFloat);
  EXPECT_NEAR(found[0].class_probabilities[0] + found[0].class_probabilities[1], 1, kFloat);
}

TEST(Decode, ClipsBoxesToTheInput) {
  Scene scene;
  scene.put(0, 7, 0, 3, {1, 9, 9, 1});
  const std::vector<Detection> found = scene.decode();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].box, (Box{26, 0, 6, 6}));
}

TEST(Decode, DropsBoxesWithoutArea) {
  Scene scene;
  scene.put(4, 4, 0, 3, {-1, 1, -1, 1});
  EXPECT_TRUE(scene.decode().empty());
}

TEST(Decode, TakesOnlyTheHighestCellOfANeighbourhood) {
  Scene scene;
  scene.put(3, 3, 0, 3, {1, 1, 1, 1});
  scene.put(3, 4, 1, 2.9F, {1, 1, 1, 1});  // another class, so NMS would keep it
  scene.put(4, 2, 1, 2.9F, {1, 1, 1, 1});
  const std::vector<Detection> found = scene.decode();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].class_index, 0);
}

TEST(Decode, DropsWhatScoresTooLow) {
  Scene scene;
  scene.put(3, 3, 0, 0, {1, 1, 1, 1});  // sigmoid(0) = 0.5, times almost 1
  EXPECT_EQ(scene.decode({.min_score = 0.49}).size(), 1U);
  EXPECT_TRUE(scene.decode({.min_score = 0.51}).empty());
  EXPECT_EQ(scene.decode({.min_score = 0}).size(), scene.decode({.min_score = -1}).size());
  EXPECT_TRUE(scene.decode({.min_score = 1}).empty());
}

TEST(Decode, SuppressesOverlapsOfOneClassOnly) {
  Scene scene;
  scene.put(3, 2, 0, 3, {2, 2, 3, 2});
  scene.put(3, 4, 0, 2, {3, 2, 2, 2});
  EXPECT_EQ(scene.decode().size(), 1U);
  scene.classes.at(0, 3, 4) = 0;
  scene.classes.at(1, 3, 4) = 10;
  EXPECT_EQ(scene.decode().size(), 2U);
}

TEST(Decode, KeepsNoMoreThanAskedFor) {
  Scene scene;
  for (const int row : {1, 4, 7})
    scene.put(row, 1 + row / 2, 0, 1.0F + float(row), {.5, .5, .5, .5});
  const std::vector<Detection> found = scene.decode({.max_detections = 2});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_GT(found[0].score, found[1].score);
  EXPECT_EQ(found[0].box.y, 28);
  EXPECT_TRUE(scene.decode({.max_detections = 0}).empty());
}

TEST(Decode, OrdersEqualScoresByCell) {
  Scene scene;
  for (const int column : {6, 1, 4}) scene.put(2, column, 0, 2, {.5, .5, .5, .5});
  const std::vector<Detection> found = scene.decode();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_LT(found[0].box.x, found[1].box.x);
  EXPECT_LT(found[1].box.x, found[2].box.x);
}

TEST(Decode, GivesKeypointsOfTheObjectsClassOnly) {
  Scene scene;
  scene.put(4, 4, 0, 3, {3, 3, 3, 3});
  scene.keypoints.at(0, 2, 3) = 2;
  scene.offsets.at(0, 4, 4) = -1.25F;  // expects it at (13, 10)
  scene.offsets.at(1, 4, 4) = -2;
  scene.offsets.at(0, 2, 3) = -0.25F;  // and the peak's cell says where it is
  scene.keypoints.at(2, 4, 4) = 5;     // the other class's
  const std::vector<Detection> found = scene.decode();
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found[0].keypoints.size(), 3U);
  EXPECT_EQ(found[0].keypoints[0], (Keypoint{{13, 10}, Visibility::kVisible}));
  EXPECT_NEAR(found[0].keypoint_scores[0], sigmoid(2), kFloat);
  // No heat: absent, and where it would be.
  EXPECT_EQ(found[0].keypoints[1], (Keypoint{{18, 18}, Visibility::kAbsent}));
  EXPECT_NEAR(found[0].keypoint_scores[1], sigmoid(-8), kFloat);
  EXPECT_EQ(found[0].keypoints[2], Keypoint{});
  EXPECT_EQ(found[0].keypoint_scores[2], 0);
}

TEST(Decode, DrawsAKeypointToWhereThePeakNearbyHasIt) {
  Scene scene;
  scene.put(4, 4, 0, 3, {3, 3, 3, 3});
  scene.keypoints.at(1, 5, 5) = 2;    // pixels [20, 24) x [20, 24)
  scene.offsets.at(2, 4, 4) = 0.25F;  // expects it at (19, 21)
  scene.offsets.at(3, 4, 4) = 0.75F;
  scene.offsets.at(2, 5, 5) = 0.5F;
  scene.offsets.at(3, 5, 5) = -3;  // a cell away at most
  const std::vector<Detection> found = scene.decode();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].keypoints[1].point, (Point2d{24, 18}));
}

TEST(Decode, TakesAPeakOfItsBoxWhenTheKeypointIsExpectedElsewhere) {
  Scene scene;
  scene.put(4, 4, 0, 3, {3, 3, 3, 3});
  scene.keypoints.at(1, 6, 4) = 2;  // pixels [16, 20) x [24, 28), expected at (18, 18)
  EXPECT_EQ(scene.decode()[0].keypoints[1].point, (Point2d{18, 26}));
}

TEST(Decode, LeavesAKeypointWhereItIsExpectedWhenThePeakIsFarAway) {
  Scene scene;
  scene.put(4, 4, 0, 3, {3, 3, 3, 3});
  scene.keypoints.at(0, 1, 1) = 9;
  scene.keypoints.at(0, 6, 6) = -1;
  scene.offsets.at(0, 4, 4) = 2;
  scene.offsets.at(1, 4, 4) = 2;  // (26, 26), in cell (6, 6)
  const std::vector<Detection> found = scene.decode();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].keypoints[0].point, (Point2d{26, 26}));
  EXPECT_NEAR(found[0].keypoint_scores[0], sigmoid(-1), kFloat);
}

TEST(Decode, PrefersTheNearerOfTwoEqualPeaks) {
  Scene scene;
  scene.put(4, 4, 0, 3, {3, 3, 3, 3});
  scene.keypoints.at(0, 4, 3) = 2;
  scene.keypoints.at(0, 4, 5) = 2;
  scene.offsets.at(0, 4, 4) = 0.25F;  // (19, 18): 5 pixels from the left one, 3 from the right
  EXPECT_EQ(scene.decode()[0].keypoints[0].point, (Point2d{22, 18}));
}

TEST(Decode, DoesNotTakeTwoEndsThatLookAlikeForTheSameOne) {
  Scene scene;
  scene.put(4, 4, 0, 3, {3, 3, 3, 3});
  scene.keypoints.at(0, 4, 2) = 2;  // the head is there
  scene.keypoints.at(1, 4, 2) = 1;  // the foot more likely there than at the other end, too
  scene.keypoints.at(1, 4, 6) = 0;
  const std::vector<Detection> found = scene.decode();
  EXPECT_EQ(found[0].keypoints[0].point, (Point2d{10, 18}));
  EXPECT_EQ(found[0].keypoints[1].point, (Point2d{26, 18}));
}

TEST(Decode, LetsTwoKeypointsShareACellWhenThereIsNoOtherPeak) {
  Scene scene;
  scene.put(4, 4, 0, 3, {3, 3, 3, 3});
  scene.keypoints.at(0, 4, 2) = 2;
  scene.keypoints.at(1, 4, 2) = 1;
  scene.keypoints.at(1, 4, 6) = -2;  // hardly
  const std::vector<Detection> found = scene.decode();
  EXPECT_EQ(found[0].keypoints[0].point, (Point2d{10, 18}));
  EXPECT_EQ(found[0].keypoints[1].point, (Point2d{10, 18}));
}

TEST(Decode, TakesProbabilitiesAsTheyAre) {
  Scene scene;
  scene.center = Dense(1, 8, 8, 0);
  scene.put(2, 2, 0, 0.8F, {1, 1, 1, 1});
  scene.classes.at(0, 2, 2) = 0.3F;
  scene.classes.at(1, 2, 2) = 0.1F;
  DenseOutputs outputs = scene.outputs();
  outputs.center_is_probability = true;
  outputs.classes_are_probabilities = true;
  const std::vector<Detection> found = decode(outputs, scene.config, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].score, 0.8 * 0.75, kFloat);
  EXPECT_NEAR(found[0].class_probabilities[1], 0.25, kFloat);
}

TEST(Decode, WorksWithoutKeypoints) {
  Scene scene;
  scene.put(2, 2, 0, 3, {1, 1, 1, 1});
  DenseOutputs outputs = scene.outputs();
  outputs.keypoints = {};
  outputs.offsets = {};
  const std::vector<Detection> found = decode(outputs, scene.config, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].keypoints.empty());
}

TEST(Decode, NamesTheOutputThatIsNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    Scene scene;
    scene.classes.at(1, 5, 6) = bad;
    EXPECT_THAT(
        error_of(scene, scene.outputs()),
        ::testing::AllOf(HasSubstr("\"classes\" is "), HasSubstr("channel 1, row 5, column 6")));
  }
}

TEST(Decode, NamesTheOutputOfAnotherShape) {
  Scene scene;
  scene.config.classes.emplace_back("washer");
  EXPECT_THAT(error_of(scene, scene.outputs()),
              HasSubstr("\"classes\" has 2 channels, expected 3"));
  const Dense small(4, 4, 4, 1);
  DenseOutputs outputs = Scene().outputs();
  outputs = scene.outputs();
  scene.config.classes.pop_back();
  outputs.box = small.map();
  EXPECT_THAT(error_of(scene, outputs), HasSubstr("\"box\" is 4x4 cells, \"center\" is 8x8"));
  outputs = scene.outputs();
  outputs.input = {33, 32};
  EXPECT_THAT(error_of(scene, outputs), HasSubstr("no multiple"));
}

TEST(Suppress, DoesNotDependOnTheOrderGiven) {
  const std::vector<Candidate> candidates = {{{0, 0, 10, 10}, 0, 0.5, 7},
                                             {{1, 0, 10, 10}, 0, 0.5, 3},
                                             {{20, 0, 10, 10}, 0, 0.9, 9},
                                             {{0, 0, 10, 10}, 1, 0.1, 1}};
  const std::vector<Candidate> kept = suppress(candidates, 0.5, 10);
  const std::vector<Candidate> again = suppress({candidates.rbegin(), candidates.rend()}, 0.5, 10);
  ASSERT_EQ(kept.size(), 3U);
  ASSERT_EQ(again.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(kept[i].cell, again[i].cell);
  EXPECT_EQ(kept[0].cell, 9U);
  EXPECT_EQ(kept[1].cell, 3U);
}

TEST(BoxIou, IsTheShareInCommon) {
  EXPECT_DOUBLE_EQ(box_iou({0, 0, 10, 10}, {5, 0, 10, 10}), 50.0 / 150);
  EXPECT_EQ(box_iou({0, 0, 10, 10}, {10, 0, 10, 10}), 0);
  EXPECT_EQ(box_iou({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

}  // namespace
}  // namespace labelloom::model
