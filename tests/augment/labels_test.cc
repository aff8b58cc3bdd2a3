// Laying instances out as points, applying effects, and making instances of them again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/apply.h"
#include "augment/frames.h"
#include "augment/restore.h"

namespace labelloom::augment {
namespace {

constexpr Size kFrame{100, 100};

Instance square(double x, double y, double side) {
  Instance instance;
  instance.id = 1;
  instance.category_id = 1;
  instance.rings = Rings({{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}});
  instance.bbox = {x, y, side, side};
  instance.area = side * side;
  return instance;
}

Category person() {
  Category category;
  category.id = 1;
  category.keypoints = {"nose", "left_eye", "right_eye"};
  return category;
}

Labels moved(const Instance& instance, const std::vector<Effect>& effects, Size frame = kFrame) {
  const std::vector<const Instance*> all{&instance};
  Labels labels = lay_out(all, frame);
  for (const Effect& effect : effects) apply(effect, labels, nullptr, BoxOutline::kCorners);
  return labels;
}

std::vector<Instance> restored(const Instance& instance,
                               const std::vector<Effect>& effects,
                               const RestoreOptions& options = {},
                               Size frame = kFrame) {
  const std::vector<Category> categories{person()};
  return restore(moved(instance, effects, frame), {}, FlipPairs(categories), options);
}

Effect crop(int x, int y, int width, int height, Size frame = kFrame) {
  return cropped({x, y, width, height}, frame);
}

TEST(Labels, AConcavePolygonCutInTwoStaysOneInstanceWithTwoRings) {
  Instance u = square(10, 10, 10);
  u.rings = Rings({{10, 10}, {20, 10}, {20, 40}, {40, 40}, {40, 10}, {50, 10}, {50, 60}, {10, 60}});
  u.bbox = extent(u.rings.points());
  const auto after = restored(u, {crop(0, 0, 100, 30)});
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].rings.size(), 2U);
  EXPECT_DOUBLE_EQ(after[0].area, 2 * 10 * 20);
  EXPECT_EQ(after[0].bbox, (Box{10, 10, 40, 20}));
}

TEST(Labels, HolesSurviveAndAreSubtracted) {
  Instance ring = square(20, 20, 60);
  const std::vector<Point2d> hole{{40, 40}, {60, 40}, {60, 60}, {40, 60}};
  ring.rings.add(hole, true);
  const auto after = restored(ring, {fitted(rotation(90), kFrame)});
  ASSERT_EQ(after.size(), 1U);
  ASSERT_EQ(after[0].rings.size(), 2U);
  EXPECT_TRUE(after[0].rings.is_hole(1));
  EXPECT_DOUBLE_EQ(after[0].area, 60 * 60 - 20 * 20);
}

TEST(Labels, WhatLiesOutsideTheSourceFrameHasNoPixelsAndNeverComesBack) {
  const auto after = restored(square(80, 40, 40), {cropped({-50, -50, 200, 200}, kFrame)});
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].bbox, (Box{130, 90, 20, 40}));
}

TEST(Labels, AKeyPointOutsideKeepsItsSlotAsAbsent) {
  Instance instance = square(10, 10, 80);
  instance.keypoints = {{{20, 20}, Visibility::kVisible},
                        {{85, 20}, Visibility::kVisible},
                        {{30, 30}, Visibility::kHidden}};
  const auto after = restored(instance, {crop(0, 0, 50, 50)});
  ASSERT_EQ(after.size(), 1U);
  EXPECT_THAT(after[0].keypoints,
              ::testing::ElementsAre(Keypoint{{20, 20}, Visibility::kVisible},
                                     Keypoint{},
                                     Keypoint{{30, 30}, Visibility::kHidden}));
}

TEST(Labels, AnErasedKeyPointIsHidden) {
  Instance instance = square(10, 10, 80);
  instance.keypoints = {{{20, 20}, Visibility::kVisible}, {{60, 60}, Visibility::kVisible}, {}};
  const auto after = restored(instance, {Erase{{{15, 15, 10, 10}}, {}}});
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].keypoints[0], (Keypoint{{20, 20}, Visibility::kHidden}));
  EXPECT_EQ(after[0].keypoints[1].visibility, Visibility::kVisible);
  EXPECT_EQ(after[0].keypoints[2], Keypoint{});
}

TEST(Labels, LeftAndRightSwapExactlyAfterAnOddNumberOfMirrorings) {
  Instance instance = square(10, 10, 80);
  instance.keypoints = {{{50, 20}, Visibility::kVisible},
                        {{30, 30}, Visibility::kVisible},
                        {{70, 31}, Visibility::kHidden}};
  const Effect flip = fitted(scaling(-1, 1), kFrame);
  const Effect upside_down = fitted(scaling(1, -1), kFrame);
  const Effect transposed = fitted({{0, 1, 0, 1, 0, 0, 0, 0, 1}}, kFrame);
  const auto once = restored(instance, {flip});
  EXPECT_EQ(once[0].keypoints[1], (Keypoint{{30, 31}, Visibility::kHidden}));
  EXPECT_EQ(once[0].keypoints[2], (Keypoint{{70, 30}, Visibility::kVisible}));
  const auto twice = restored(instance, {flip, upside_down});
  EXPECT_EQ(twice[0].keypoints[1], (Keypoint{{70, 70}, Visibility::kVisible}));
  const auto thrice = restored(instance, {flip, upside_down, transposed});
  EXPECT_EQ(thrice[0].keypoints[2], (Keypoint{{70, 70}, Visibility::kVisible}));
  const auto turned = restored(instance, {fitted(rotation(90), kFrame)});
  EXPECT_EQ(turned[0].keypoints[1], (Keypoint{{30, 70}, Visibility::kVisible}));
}

TEST(Labels, EverythingElseOfAnInstanceSurvives) {
  Instance instance = square(10, 10, 30);
  instance.id = 77;
  instance.iscrowd = true;
  instance.ensure_extra().score = 0.25;
  instance.ensure_extra().members = R"("track":5)";
  const auto after = restored(instance, {fitted(scaling(-1, 1), kFrame)});
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].id, 77);
  EXPECT_EQ(after[0].category_id, 1);
  EXPECT_TRUE(after[0].iscrowd);
  ASSERT_NE(after[0].extra, nullptr);
  EXPECT_EQ(after[0].extra->score, 0.25);
  EXPECT_EQ(after[0].extra->members, R"("track":5)");
}

TEST(Labels, AnInstanceOfKeyPointsAloneStaysWhileOneIsThere) {
  Instance instance;
  instance.category_id = 1;
  instance.keypoints = {{{20, 20}, Visibility::kVisible}, {{90, 90}, Visibility::kVisible}, {}};
  EXPECT_EQ(restored(instance, {crop(0, 0, 50, 50)}).size(), 1U);
  EXPECT_EQ(restored(instance, {crop(40, 40, 20, 20)}).size(), 0U);
}

TEST(Labels, VisibilityIsAShareOfTheOriginalHoweverManyCropsCutIt) {
  const Instance instance = square(0, 0, 100);
  const std::vector<Effect> crops{crop(0, 0, 70, 100), crop(0, 0, 49, 100, {70, 100})};
  EXPECT_NEAR(moved(instance, crops).instances[0].visible, 0.49, 1e-9);
  EXPECT_EQ(restored(instance, crops, {.min_visibility = 0.5}).size(), 0U);
  EXPECT_EQ(restored(instance, crops, {.min_visibility = 0.48}).size(), 1U);
}

TEST(Labels, VisibilityOfAMaskIsItsOwnAsThatOfAPolygonIs) {
  Instance outlined = square(10, 10, 80);
  outlined.rings = Rings({{10, 10}, {20, 10}, {20, 80}, {90, 80}, {90, 90}, {10, 90}});
  Instance masked = outlined;
  masked.rings = {};
  masked.ensure_extra().mask = rasterise(outlined.rings, kFrame);
  for (const Instance* instance : {&outlined, &masked}) {
    const auto share = [&](const std::vector<Effect>& effects) {
      return moved(*instance, effects).instances[0].visible;
    };
    EXPECT_NEAR(share({crop(20, 0, 80, 100)}), 700.0 / 1500, 1e-9);  // of the box: 7 / 8
    EXPECT_NEAR(share({crop(0, 0, 50, 100)}), 1100.0 / 1500, 1e-9);  // of the box: a half
    EXPECT_NEAR(share({Projective{scaling(0.5, 2), {50, 100}}}), 400.0 / 1500, 1e-9);
  }
}

TEST(Labels, AMaskOfAnotherSizeThanThePictureIsJudgedByItsBox) {
  Instance instance = square(10, 10, 80);
  instance.rings = {};
  instance.ensure_extra().mask = rasterise(Rings({{1, 1}, {4, 1}, {4, 4}}), {10, 10});
  EXPECT_NEAR(moved(instance, {crop(0, 0, 50, 100)}).instances[0].visible, 0.5, 1e-9);
}

Instance bow_tie() {
  Instance instance = square(10, 10, 40);
  instance.rings = Rings({{10, 10}, {50, 50}, {50, 10}, {10, 50}});
  instance.area = 780;
  return instance;
}

TEST(Labels, AShapeThatIsWhatItWasKeepsItsArea) {
  Instance overlapping = square(0, 0, 20);
  overlapping.rings = Rings({{0, 0}, {20, 0}, {20, 10}, {0, 10}});
  const std::vector<Point2d> second{{10, 0}, {30, 0}, {30, 10}, {10, 10}};
  overlapping.rings.add(second);
  overlapping.area = 305;
  const Effect colour = HsvShift{1, 2, 3};
  EXPECT_EQ(restored(overlapping, {colour}).at(0).area, 305);
  EXPECT_EQ(restored(overlapping, {fitted(scaling(-1, 1), kFrame)}).at(0).area, 300);
  EXPECT_EQ(restored(bow_tie(), {colour}).at(0).area, 780);
  Instance boxed;
  boxed.bbox = {10.1, 10.2, 30.3, 20.7};
  boxed.area = 321;
  EXPECT_EQ(restored(boxed, {colour}).at(0).area, 321);
  // Too small is too small, whatever the source says.
  EXPECT_TRUE(restored(square(5, 5, 0.5), {colour}).empty());
}

TEST(Labels, ARingThatCrossesItselfIsThereAsLongAsItsPixelsAre) {
  EXPECT_NEAR(restored(bow_tie(), {fitted(scaling(-1, 1), kFrame)}).at(0).area, 800, 1e-9);
  // Cut through the right lobe, through both, and through the right lobe from both sides.
  EXPECT_NEAR(restored(bow_tie(), {crop(0, 0, 40, 100)}).at(0).area, 500, 1e-9);
  EXPECT_NEAR(restored(bow_tie(), {crop(0, 20, 100, 80)}).at(0).area, 700, 1e-9);
  EXPECT_NEAR(restored(bow_tie(), {crop(20, 0, 20, 100)}).at(0).area, 200, 1e-9);
  EXPECT_NEAR(moved(bow_tie(), {crop(20, 0, 20, 100)}).instances[0].visible, 0.25, 1e-9);
}

TEST(Labels, WhatWasOutsideTheSourceDoesNotCountAsCutOff) {
  const Instance instance = square(-50, 0, 100);
  EXPECT_EQ(moved(instance, {fitted(scaling(-1, 1), kFrame)}).instances[0].visible, 1);
}

TEST(Labels, AnInstanceWithNothingLeftGoes) {
  EXPECT_TRUE(restored(square(60, 60, 30), {crop(0, 0, 50, 50)}).empty());
}

TEST(Labels, ABoxAloneFollowsItsCorners) {
  Instance instance;
  instance.bbox = {40, 40, 20, 20};
  const auto after = restored(instance, {Projective{about({50, 50}, rotation(45)), kFrame}});
  ASSERT_EQ(after.size(), 1U);
  EXPECT_NEAR(after[0].bbox.width, 20 * std::sqrt(2), 1e-9);
  EXPECT_NEAR(after[0].area, 800, 1e-9);
}

TEST(Labels, ThePartBehindAHorizonIsCutOff) {
  // w = 1 - x / 50: the right half of the frame is behind the horizon.
  const Homography map{{1, 0, 0, 0, 1, 0, -1.0 / 50, 0, 1}};
  Instance instance = square(10, 10, 80);
  instance.keypoints = {{{20, 20}, Visibility::kVisible},
                        {{80, 20}, Visibility::kVisible},
                        {{50, 20}, Visibility::kHidden}};
  const auto after = restored(instance, {Projective{map, {200, 200}}});
  ASSERT_EQ(after.size(), 1U);
  EXPECT_TRUE(is_finite(after[0].rings.points()));
  EXPECT_NEAR(after[0].bbox.x, map({10, 10}).x, 1e-9);
  EXPECT_DOUBLE_EQ(after[0].bbox.right(), 200);
  EXPECT_EQ(after[0].keypoints[0].visibility, Visibility::kVisible);
  EXPECT_EQ(after[0].keypoints[1], Keypoint{});
  EXPECT_EQ(after[0].keypoints[2], Keypoint{});
}

TEST(Labels, KeyPointsOnTheFarEdgeOfTheFrameAreStillInIt) {
  Instance instance = square(10, 10, 90);
  instance.keypoints = {{{100, 100}, Visibility::kVisible}, {}, {}};
  const auto after = restored(instance, {fitted(scaling(-1, 1), kFrame)});
  EXPECT_EQ(after[0].keypoints[0], (Keypoint{{0, 100}, Visibility::kVisible}));
}

TEST(FlipPairs, AreFoundByTheWordsForSides) {
  Category category;
  category.id = 3;
  category.keypoints = {"nose",
                        "left_eye",
                        "right_eye",
                        "ear_l",
                        "ear_r",
                        "LeftHip",
                        "RightHip",
                        "upright_l",
                        "bright"};
  const std::vector<Category> categories{category};
  const FlipPairs pairs(categories);
  const std::vector<std::size_t> expected{0, 2, 1, 4, 3, 6, 5, 7, 8};
  for (std::size_t slot = 0; slot < expected.size(); ++slot) {
    EXPECT_EQ(pairs.source_slot(3, slot), expected[slot]) << category.keypoints[slot];
  }
  EXPECT_EQ(pairs.pairs().size(), 3U);
  EXPECT_EQ(pairs.source_slot(4, 1), 1U);  // another category
}

std::vector<std::size_t> mirrored_slots(const std::vector<std::string>& names) {
  Category category;
  category.id = 1;
  category.keypoints = names;
  const std::vector<Category> categories{category};
  const FlipPairs pairs(categories);
  std::vector<std::size_t> slots;
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    slots.push_back(pairs.source_slot(1, slot));
  }
  return slots;
}

TEST(FlipPairs, TurnEverySideWordOfAName) {
  EXPECT_EQ(mirrored_slots({"left_eye_left_corner",
                            "left_eye_right_corner",
                            "right_eye_left_corner",
                            "right_eye_right_corner",
                            "LeftWing_l",
                            "RightWing_r"}),
            (std::vector<std::size_t>{3, 2, 1, 0, 5, 4}));
}

TEST(FlipPairs, AreMutualSoThatNoKeyPointIsLostOrDoubled) {
  EXPECT_EQ(mirrored_slots({"left", "left", "right"}), (std::vector<std::size_t>{2, 1, 0}));
  EXPECT_EQ(mirrored_slots({"left_eye_left", "right_eye_left"}), (std::vector<std::size_t>{0, 1}));
}

TEST(FlipPairs, NameTheKeyPointsThatHaveASideButNoPartner) {
  const std::vector<Category> categories{
      {1, "a", "", {"left_eye", "right_eye", "left_tip", "nose"}},
      {2, "b", "", {"left_tip", "ear_l", "ear_r"}}};
  const FlipPairs pairs(categories);
  EXPECT_THAT(pairs.unpaired(), ::testing::ElementsAre("left_tip"));
  EXPECT_THAT(pairs.pairs(),
              ::testing::ElementsAre(::testing::Pair("left_eye", "right_eye"),
                                     ::testing::Pair("ear_l", "ear_r")));
}

}  // namespace
}  // namespace labelloom::augment
