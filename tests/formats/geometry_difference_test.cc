#include "formats/geometry_difference.h"

#include <gtest/gtest.h>

#include "formats/rle.h"

namespace labelloom {
namespace {

Rings square(double x, double y, double side) {
  return Rings({{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}});
}

TEST(Difference, OfRegionsThatDoNotMeetIsTheFirst) {
  EXPECT_EQ(*subtract(square(0, 0, 10), square(20, 0, 5)), square(0, 0, 10));
  EXPECT_EQ(*subtract(square(0, 0, 10), square(10, 0, 5)), square(0, 0, 10));
}

TEST(Difference, TakesABiteOutOfACorner) {
  const Rings rest = *subtract(square(0, 0, 10), square(5, 5, 10));
  EXPECT_EQ(rest.size(), 1U);
  EXPECT_NEAR(ring_area(rest), 75, 1e-4);
}

TEST(Difference, ABarAcrossLeavesTwoParts) {
  const Rings bar({{-1, 4}, {11, 4}, {11, 6}, {-1, 6}});
  const Rings rest = *subtract(square(0, 0, 10), bar);
  EXPECT_EQ(rest.size(), 2U);
  EXPECT_NEAR(ring_area(rest), 80, 1e-4);
}

TEST(Difference, AnInnerPieceLeavesAHole) {
  const Rings rest = *subtract(square(0, 0, 10), square(3, 3, 4));
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_TRUE(rest.is_hole(1));
  EXPECT_NEAR(ring_area(rest), 84, 1e-4);
}

TEST(Difference, WhatLiesInAHoleTakesNothing) {
  Rings frame = square(0, 0, 20);
  frame.add(square(5, 5, 10)[0], true);
  EXPECT_NEAR(ring_area(*subtract(frame, square(7, 7, 3))), 300, 1e-4);
  EXPECT_NEAR(ring_area(*subtract(square(7, 7, 3), frame)), 9, 1e-4);
}

TEST(Difference, OfACoveredRegionIsEmpty) {
  EXPECT_TRUE(subtract(square(3, 3, 4), square(0, 0, 10))->empty());
}

TEST(Difference, OverlappingPartsOfWhatIsTakenCountOnce) {
  Rings two = square(0, 0, 6);
  two.add(square(3, 0, 6)[0]);
  EXPECT_NEAR(ring_area(*subtract(square(0, 0, 10), two)), 46, 1e-4);
}

TEST(Difference, PartsThatNothingComesNearStayAsTheyAre) {
  Rings two = square(0.1, 0.2, 10.3);
  two.add(square(40.7, 0, 6)[0]);
  const Rings rest = *subtract(two, square(45, 1, 30));
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0].front(), (Point2d{0.1, 0.2}));
  // Nor does it matter there that a ring crosses itself.
  two.add(std::vector<Point2d>{{0, 50}, {9, 59}, {9, 50}, {0, 59}});
  EXPECT_TRUE(subtract(two, square(45, 1, 30)));
}

TEST(Difference, OfThousandsOfPartsIsFoundInTheBlinkOfAnEye) {
  Rings specks;
  for (int row = 0; row < 50; ++row) {
    for (int column = 0; column < 80; ++column) {
      specks.add(square(column * 3, row * 3, 1 + (row + column) % 3)[0]);
    }
  }
  const double all = ring_area(specks);
  const Rings rest = *subtract(specks, square(-1, -1, 500));
  EXPECT_TRUE(rest.empty());
  EXPECT_NEAR(ring_area(*subtract(square(-1, -1, 500), specks)), 500 * 500 - all, 0.1);
}

TEST(Difference, HasNoAnswerForSelfIntersectingRings) {
  const Rings bow({{0, 0}, {10, 10}, {10, 0}, {0, 10}});
  EXPECT_FALSE(subtract(bow, square(2, 2, 4)));
  EXPECT_FALSE(subtract(square(2, 2, 4), bow));
}

TEST(Difference, AgreesWithMasks) {
  const Size size{64, 64};
  const Rings star({{32, 4}, {40, 28}, {60, 30}, {42, 40}, {50, 60}, {32, 46}, {14, 60}, {22, 40}});
  const Rings other({{20, 20}, {61, 25}, {30, 50}});
  const Rle expected = subtract(rasterise(star, size), rasterise(other, size));
  EXPECT_GT(iou(expected, rasterise(*subtract(star, other), size)), 0.93);
}

}  // namespace
}  // namespace labelloom
