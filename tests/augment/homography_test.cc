#include "augment/homography.h"

#include <cmath>

#include <gtest/gtest.h>

namespace labelloom::augment {
namespace {

TEST(Homography, TakesFourCornersToFourCorners) {
  const std::array<Point2d, 4> from{{{0, 0}, {10, 0}, {10, 5}, {0, 5}}};
  const std::array<Point2d, 4> to{{{1, 2}, {9, 1}, {12, 8}, {-1, 6}}};
  const Homography map = from_corners(from, to);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(map(from[i]).x, to[i].x, 1e-9);
    EXPECT_NEAR(map(from[i]).y, to[i].y, 1e-9);
  }
}

TEST(Homography, TimesItsInverseIsTheIdentity) {
  const Homography map = about({3, 4}, rotation(33) * scaling(2, 0.5));
  const Homography both = map * inverse(map);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(both.m[i], Homography{}.m[i], 1e-12);
}

TEST(Homography, PositiveAnglesTurnCounterClockwiseOnTheScreen) {
  const Point2d up = rotation(90)({1, 0});  // y grows down
  EXPECT_EQ(up, (Point2d{0, -1}));
  EXPECT_LT(rotation(20)({1, 0}).y, 0);
}

TEST(Homography, QuarterTurnsAreExact) {
  EXPECT_EQ(rotation(-90), rotation(270));
  EXPECT_EQ(rotation(180).m[0], -1);
  EXPECT_EQ(rotation(720).m[1], 0);
}

TEST(Homography, MirroringHasANegativeDeterminant) {
  EXPECT_LT(scaling(-1, 1).determinant(), 0);
  EXPECT_GT(rotation(180).determinant(), 0);
}

}  // namespace
}  // namespace labelloom::augment
