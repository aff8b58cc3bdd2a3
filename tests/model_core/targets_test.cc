#include "model/targets.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ModelConfig two_classes() {
  ModelConfig config;
  config.classes = {"bolt", "nut"};
  config.seg_classes = {"background", "bolt", "nut"};
  config.seg_of_class = {1, 2};
  config.keypoints = {{.class_index = 0, .name = "left", .mirrored = 1},
                      {.class_index = 0, .name = "right", .mirrored = 0}};
  return config;
}

/// A 64x32 picture, 16x8 cells, without labels of pixels.
Sample sample_of(std::vector<TargetObject> objects) {
  Sample sample;
  sample.image.name = "a.jpg";
  sample.image.size = {64, 32};
  sample.objects = std::move(objects);
  sample.has_segmentation = false;
  return sample;
}

TargetObject object_of(int class_index, Box box, std::vector<Keypoint> keypoints = {}) {
  return {.class_index = class_index, .box = box, .keypoints = std::move(keypoints)};
}

Keypoint visible(double x, double y) {
  return {.point = {x, y}, .visibility = Visibility::kVisible};
}

std::size_t at(int column, int row) {
  return static_cast<std::size_t>(row) * 16 + static_cast<std::size_t>(column);
}

std::string refusal(const Sample& sample) {
  try {
    static_cast<void>(make_targets(sample, two_classes()));
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Targets, PutACentreAndTheDistancesToTheSidesIntoTheCellsRoundIt) {
  // Centre (26, 14): cell (6, 3), whose own centre is (26, 14).
  const Targets targets = make_targets(sample_of({object_of(1, {18, 6, 16, 16})}), two_classes());
  EXPECT_EQ(targets.cells, (Size{16, 8}));
  EXPECT_FLOAT_EQ(targets.center[at(6, 3)], 1);
  EXPECT_EQ(std::ranges::count(targets.center, 1.F), 1);
  // 4 cells / 6 = 0.667 cells of deviation.
  EXPECT_NEAR(targets.center[at(7, 3)], std::exp(-0.5 * 36 / 16), 1e-6);
  EXPECT_FLOAT_EQ(targets.center[at(12, 3)], 0);
  ASSERT_EQ(targets.boxes.size(), 9U);
  const BoxCell& first = targets.boxes.front();  // cell (5, 2), centre (22, 10)
  EXPECT_EQ(first.cell, static_cast<int>(at(5, 2)));
  EXPECT_EQ(first.class_index, 1);
  EXPECT_THAT((std::vector{first.left, first.top, first.right, first.bottom}),
              ElementsAre(1, 1, 3, 3));
}

TEST(Targets, KeepASmallBoxToItsOwnCell) {
  const Targets targets = make_targets(sample_of({object_of(0, {20.5, 8.5, 1, 1})}), two_classes());
  ASSERT_EQ(targets.boxes.size(), 1U);
  EXPECT_EQ(targets.boxes[0].cell, static_cast<int>(at(5, 2)));
  EXPECT_GT(targets.boxes[0].right, 0);
  EXPECT_FLOAT_EQ(targets.center[at(6, 2)], static_cast<float>(std::exp(-0.5 / 0.36)));
}

TEST(Targets, GiveASharedCellToTheSmallestBox) {
  const std::vector<TargetObject> objects = {object_of(0, {24, 12, 5, 5}),
                                             object_of(1, {10, 2, 32, 24})};
  for (const bool turned : {false, true}) {
    std::vector<TargetObject> order = objects;
    if (turned) std::ranges::reverse(order);
    const Targets targets = make_targets(sample_of(order), two_classes());
    const auto shared =
        std::ranges::find(targets.boxes, static_cast<int>(at(6, 3)), &BoxCell::cell);
    ASSERT_NE(shared, targets.boxes.end());
    EXPECT_EQ(shared->class_index, 0);
    EXPECT_TRUE(
        std::ranges::any_of(targets.boxes, [](const BoxCell& c) { return c.class_index == 1; }));
  }
}

TEST(Targets, CutBoxesOffAtTheFrameAndLeaveOutWhatIsOutside) {
  const Targets targets = make_targets(
      sample_of({object_of(0, {-20, 4, 28, 8}), object_of(0, {70, 4, 8, 8})}), two_classes());
  EXPECT_FLOAT_EQ(targets.center[at(1, 2)], 1);
  EXPECT_EQ(std::ranges::count(targets.center, 1.F), 1);
}

TEST(Targets, HeatTheCellsOfKeyPointsThatAreThere) {
  const Targets targets = make_targets(
      sample_of({object_of(0, {18, 6, 16, 16}, {visible(20, 8), Keypoint{}})}), two_classes());
  const std::size_t cells = std::size_t{16} * 8;
  EXPECT_FLOAT_EQ(targets.keypoints[at(5, 2)], 1);
  // It lies on the corner of four cells; the others' middles are as near as its own cell's.
  EXPECT_FLOAT_EQ(targets.keypoints[at(4, 1)], static_cast<float>(std::exp(-0.25)));
  EXPECT_FLOAT_EQ(targets.keypoints[at(6, 2)], static_cast<float>(std::exp(-1.25)));
  EXPECT_TRUE(std::all_of(
      targets.keypoints.begin() + cells, targets.keypoints.end(), [](float v) { return v == 0; }));
  ASSERT_EQ(targets.offsets.size(), 9U + 5U);  // round the middle, and round the key point
  EXPECT_EQ(targets.offsets[0].slot, 0);
  EXPECT_FLOAT_EQ(targets.offsets[0].x, -0.5);  // (20, 8) from (22, 10)
  EXPECT_FLOAT_EQ(targets.offsets[0].y, -0.5);
}

TEST(Targets, KnowTheWayToAKeyPointInTheCellsRoundIt) {
  // Both lie outside the nine cells round the middle; their rings share cells.
  const Targets targets = make_targets(
      sample_of({object_of(0, {0, 0, 40, 40}, {visible(5, 5), visible(9, 5)})}), two_classes());
  std::vector<int> cells_of_slot(2, 0);
  for (const OffsetCell& offset : targets.offsets) {
    ++cells_of_slot[static_cast<std::size_t>(offset.slot)];
    const double x = (offset.cell % 16 + 0.5 + offset.x) * 4;
    const int row = offset.cell / 16;
    const double y = (row + 0.5 + offset.y) * 4;
    EXPECT_NEAR(x, offset.slot == 0 ? 5 : 9, 1e-5);
    EXPECT_NEAR(y, 5, 1e-5);
  }
  EXPECT_THAT(cells_of_slot, ElementsAre(18, 18));
}

TEST(Targets, LearnNothingInsideIgnoredObjects) {
  TargetObject crowd = object_of(0, {16, 0, 32, 32});
  crowd.ignored = true;
  const Targets targets =
      make_targets(sample_of({crowd, object_of(0, {26, 10, 8, 8})}), two_classes());
  EXPECT_EQ(targets.center_known[at(4, 0)], 0);
  EXPECT_EQ(targets.center_known[at(11, 7)], 0);
  EXPECT_EQ(targets.center_known[at(3, 0)], 1);
  EXPECT_EQ(targets.center_known[at(12, 7)], 1);
  EXPECT_EQ(targets.center_known[at(7, 3)], 1) << "an object's own centre is known";
  EXPECT_EQ(targets.keypoints_known[at(4, 0)], 0);
}

TEST(Targets, LearnNoKeyPointsWhereAnObjectHasNoneLabelled) {
  const Targets targets = make_targets(
      sample_of({object_of(0, {0, 0, 16, 16}), object_of(1, {32, 0, 16, 16})}), two_classes());
  EXPECT_EQ(targets.keypoints_known[at(1, 1)], 0);
  EXPECT_EQ(targets.keypoints_known[at(9, 1)], 1) << "a nut has no key points";
  EXPECT_THAT(targets.offsets, IsEmpty());
}

TEST(Targets, AreLeftOutForTasksWithoutLabelsOrHead) {
  Sample sample = sample_of({object_of(0, {0, 0, 16, 16})});
  sample.has_keypoints = false;
  const Targets targets = make_targets(sample, two_classes());
  EXPECT_TRUE(targets.has_boxes);
  EXPECT_FALSE(targets.has_keypoints);
  EXPECT_THAT(targets.keypoints, IsEmpty());
  ModelConfig config = two_classes();
  config.heads.boxes = false;
  EXPECT_FALSE(make_targets(sample, config).has_boxes);
  sample.objects.clear();
  EXPECT_TRUE(make_targets(sample, two_classes()).has_boxes) << "an empty picture is labelled";
}

using Cell = std::tuple<int, int, int, float, float, float, float>;

/// Cells of a picture, mirrored when asked for, in order.
std::vector<Cell> cells_of(const Targets& targets, bool mirrored) {
  std::vector<Cell> cells;
  for (const BoxCell& c : targets.boxes) {
    const int column = c.cell % 16;
    cells.emplace_back(c.cell / 16,
                       mirrored ? 15 - column : column,
                       c.class_index,
                       mirrored ? c.right : c.left,
                       c.top,
                       mirrored ? c.left : c.right,
                       c.bottom);
  }
  std::ranges::sort(cells);
  return cells;
}

TEST(Targets, OfAMirroredPictureAreMirrored) {
  const Box box = {9, 6, 17.5, 19};
  const Box other = {40, 3, 14, 9.25};
  const Keypoint left = visible(11, 8);
  const Keypoint right = visible(25, 20);
  const auto mirror = [](Box b) { return Box{64 - b.right(), b.y, b.width, b.height}; };
  const auto mirror_point = [](Keypoint k) { return visible(64 - k.point.x - 1e-9, k.point.y); };
  const Targets targets = make_targets(
      sample_of({object_of(0, box, {left, right}), object_of(1, other)}), two_classes());
  const Targets turned =
      make_targets(sample_of({object_of(0, mirror(box), {mirror_point(right), mirror_point(left)}),
                              object_of(1, mirror(other))}),
                   two_classes());
  EXPECT_EQ(cells_of(targets, true), cells_of(turned, false));
  for (int row = 0; row < 8; ++row) {
    for (int column = 0; column < 16; ++column) {
      EXPECT_FLOAT_EQ(targets.center[at(column, row)], turned.center[at(15 - column, row)]);
      // The left slot of one is the right slot of the other.
      EXPECT_FLOAT_EQ(targets.keypoints[at(column, row)],
                      turned.keypoints[std::size_t{16} * 8 + at(15 - column, row)]);
    }
  }
}

TEST(Targets, RefuseWhatTheConfigurationDoesNotHave) {
  EXPECT_THAT(refusal(sample_of({object_of(2, {0, 0, 4, 4})})),
              HasSubstr("a.jpg: objects[0]: class 2 is not one of the 2 classes"));
  EXPECT_THAT(refusal(sample_of({object_of(0, {0, 0, 4, 4}, {Keypoint{}})})),
              HasSubstr("1 key points for 2 slots"));
  Sample sample = sample_of({});
  sample.has_segmentation = true;
  sample.labels.assign(std::size_t{64} * 32, kIgnoredLabel);
  EXPECT_EQ(refusal(sample), "accepted");
  sample.labels[65] = 3;
  EXPECT_THAT(refusal(sample), HasSubstr("label 3 at column 1, row 1"));
  sample.labels.pop_back();
  EXPECT_THAT(refusal(sample), HasSubstr("2047 labels for 2048 pixels"));
  sample.image.size = {60, 32};
  EXPECT_THAT(refusal(sample), HasSubstr("multiples of 32"));
}

}  // namespace
}  // namespace labelloom::model
