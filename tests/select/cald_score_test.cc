#include "select/cald_score.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::SizeIs;

constexpr double kTolerance = 1e-6;
constexpr Box kBox{10, 10, 20, 20};

CaldBox box(const Box& where, int class_index, double score, std::vector<float> p) {
  return {where, class_index, score, std::move(p)};
}

TEST(CaldConsistency, ABoxFoundAgainJustSoIsJudgedByItsScore) {
  const std::vector<CaldBox> boxes{box(kBox, 0, 0.6, {0.6F, 0.4F})};
  const std::vector<CaldView> views{{{kBox}, {box(kBox, 0, 0.8, {0.6F, 0.4F})}}};
  // IoU 1, JS 0: M = 1 + (0.6 + 0.8) / 2.
  EXPECT_NEAR(cald_consistency(boxes, views), std::abs(1 + 0.7 - 1.3), kTolerance);
}

TEST(CaldConsistency, OverlapAndClassesCountByHand) {
  const std::vector<CaldBox> boxes{box(kBox, 0, 0.9, {0.9F, 0.1F})};
  const std::vector<CaldView> views{
      {{kBox}, {box({20, 10, 20, 20}, 0, 0.5, {0.5F, 0.5F}), box({90, 90, 5, 5}, 0, 1, {1, 0})}}};
  const auto half = [](double p, double q) { return p * std::log(p / ((p + q) / 2)) / 2; };
  const double js = half(0.9, 0.5) + half(0.1, 0.5) + half(0.5, 0.9) + half(0.5, 0.1);
  const double iou = 200.0 / 600.0;
  const double m = iou + (1 - js) * 0.7;
  EXPECT_NEAR(cald_consistency(boxes, views), std::abs(m - 1.3), kTolerance);
}

TEST(CaldConsistency, TheLeastConsistentBoxOfAViewCountsAndViewsAreAveraged) {
  const Box other{50, 50, 10, 10};
  const std::vector<CaldBox> boxes{box(kBox, 0, 1, {1, 0}), box(other, 0, 0.3, {1, 0})};
  const CaldView view{{kBox, other}, {box(kBox, 0, 1, {1, 0}), box(other, 0, 0.3, {1, 0})}};
  const std::vector<CaldView> once{view};
  EXPECT_NEAR(cald_consistency(boxes, once), 0, kTolerance);  // 1 + 0.3 is the turning point itself
  const std::vector<CaldView> twice{view, {{kBox, other}, {box(kBox, 0, 1, {1, 0})}}};
  // In the second view the other box meets nothing: 0 + (1 - 0) (0.3 + 1) / 2.
  EXPECT_NEAR(cald_consistency(boxes, twice), std::min(0.7, std::abs(0.65 - 1.3)) / 2, kTolerance);
}

TEST(CaldConsistency, NothingFoundIsZeroWhichComesFirst) {
  const std::vector<CaldBox> boxes{box(kBox, 0, 0.9, {0.9F, 0.1F})};
  const std::vector<CaldView> views{{{kBox}, {}}};
  EXPECT_EQ(cald_consistency({}, views), 0);
  EXPECT_EQ(cald_consistency(boxes, views), 0);
}

TEST(CaldConsistency, OfManyBoxesSomeCount) {
  // Box 1 of 101 is not among the 50 evenly spaced ones, box 2 is.
  for (const std::size_t odd : {std::size_t{1}, std::size_t{2}}) {
    std::vector<CaldBox> boxes(101, box(kBox, 0, 1, {1, 0}));
    const std::vector<CaldView> views{{std::vector<Box>(101, kBox), {box(kBox, 0, 1, {1, 0})}}};
    boxes[odd].score = 0;
    const double value = cald_consistency(boxes, views);
    EXPECT_NEAR(value, odd == 1 ? 0.7 : 0.2, kTolerance) << odd;
  }
}

TEST(CaldClasses, TheGreatestScoresAreAveragedOverAllViews) {
  const std::vector<CaldBox> boxes{box(kBox, 0, 0.8, {}), box(kBox, 0, 0.4, {})};
  const std::vector<CaldView> views{{{}, {box(kBox, 1, 0.6, {}), box(kBox, 0, 0.2, {})}}, {{}, {}}};
  EXPECT_THAT(cald_classes(boxes, views, 3),
              ElementsAre(FloatNear(1.0F / 3, 1e-6F), FloatNear(0.2F, 1e-6F), 0));
}

TEST(WithBackground, TheScoreIsWhatTheLikeliestClassKeeps) {
  const std::vector<float> p{0.75F, 0.25F};
  EXPECT_THAT(with_background(p, 0.6),
              ElementsAre(FloatNear(0.6F, 1e-6F), FloatNear(0.2F, 1e-6F), FloatNear(0.2F, 1e-6F)));
  EXPECT_THAT(with_background(p, 0.9),  // more than that class can have
              ElementsAre(0.75F, 0.25F, 0));
}

TEST(CutoutHoles, EveryHoleCoversSomeOfABoxAndNotAllOfIt) {
  const std::vector<Box> boxes{{20, 20, 60, 40}, {100, 30, 30, 70}};
  const Size picture{200, 160};
  int found = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<Box> holes = cutout_holes(boxes, picture, seed);
    EXPECT_LE(holes.size(), 2U);
    for (const Box& hole : holes) {
      ++found;
      EXPECT_GE(hole.x, 0);
      EXPECT_GE(hole.y, 0);
      EXPECT_LE(hole.right(), picture.width);
      EXPECT_LE(hole.bottom(), picture.height);
      EXPECT_GE(hole.width, 10);
      EXPECT_LE(hole.width, 40);
      double cover = 0;
      for (const Box& b : boxes) {
        const double w = std::min(hole.right(), b.right()) - std::max(hole.x, b.x);
        const double h = std::min(hole.bottom(), b.bottom()) - std::max(hole.y, b.y);
        cover = std::max(cover, std::max(w, 0.0) * std::max(h, 0.0) / b.area());
      }
      EXPECT_GE(cover, 0.1);
      EXPECT_LE(cover, 0.4);
    }
  }
  EXPECT_GT(found, 20);
  EXPECT_EQ(cutout_holes(boxes, picture, 7), cutout_holes(boxes, picture, 7));
  EXPECT_NE(cutout_holes(boxes, picture, 7), cutout_holes(boxes, picture, 8));
  EXPECT_THAT(cutout_holes({}, picture, 7), SizeIs(0));
}

TEST(RotatedView, AQuarterTurnOfASquareSwapsTheSides) {
  const RotatedView view{{100, 100}, 90};
  const Box turned = view.box({10, 20, 30, 5});
  // (x, y) from the middle becomes (-y, x).
  EXPECT_NEAR(turned.x, 75, kTolerance);
  EXPECT_NEAR(turned.y, 10, kTolerance);
  EXPECT_NEAR(turned.width, 5, kTolerance);
  EXPECT_NEAR(turned.height, 30, kTolerance);
}

TEST(RotatedView, TheWholePictureStaysInsideAndPixelsComeFromWhereBoxesWere) {
  const RotatedView view{{200, 120}, 5};
  const Box all = view.box({0, 0, 200, 120});
  EXPECT_NEAR(all.x, 0, kTolerance);
  EXPECT_NEAR(all.bottom(), 120, kTolerance);
  const Box point = view.box({150, 40, 0, 0});
  const Point2d source = view.source({point.x - 100, point.y - 60});
  EXPECT_NEAR(source.x, 50, kTolerance);
  EXPECT_NEAR(source.y, -20, kTolerance);
}

}  // namespace
}  // namespace labelloom::select
