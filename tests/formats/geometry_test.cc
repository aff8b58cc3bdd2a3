#include "formats/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"

namespace labelloom {
namespace {

using Ring = std::vector<Point2d>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Ring rectangle(double left, double top, double right, double bottom) {
  return {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
}

/// A comb whose `teeth` hang down from a bar: concave, simple.
Ring comb(int teeth, double left, double top, double tooth_length) {
  Ring ring;
  for (int i = 0; i < teeth; ++i) {
    ring.push_back({left + 20 * i, top + 10 + tooth_length});
    ring.push_back({left + 20 * i + 10, top + 10 + tooth_length});
    if (i + 1 < teeth) {
      ring.push_back({left + 20 * i + 10, top + 10});
      ring.push_back({left + 20 * i + 20, top + 10});
    }
  }
  ring.push_back({left + 20 * teeth - 10, top});
  ring.push_back({left, top});
  return ring;
}

/// A star-shaped ring with random radii: simple, usually concave.
Ring star(std::mt19937& random, Point2d centre, double radius, int count) {
  std::uniform_real_distribution<double> share(0.2, 1.0);
  Ring ring;
  for (int i = 0; i < count; ++i) {
    const double angle_rad = 2 * std::numbers::pi * i / count;
    const double r = radius * share(random);
    ring.push_back({centre.x + r * std::cos(angle_rad), centre.y + r * std::sin(angle_rad)});
  }
  return ring;
}

TEST(Rings, KeepTheirPointsWhenCopiedMovedAndAddedToThemselves) {
  const std::vector<Point2d> square = {{0, 0}, {4, 0}, {4, 4}, {0, 4}};
  Rings rings(square);
  rings.add(square, true);
  rings.add(rings[1]);  // its points move while they are copied
  ASSERT_EQ(rings.size(), 3U);
  EXPECT_TRUE(rings.is_hole(1));
  EXPECT_FALSE(rings.is_hole(2));
  const Rings copy = rings;
  Rings moved = std::move(rings);
  EXPECT_EQ(moved, copy);
  EXPECT_TRUE(std::ranges::equal(moved[2], square));
  moved[0][0].x = 1;
  EXPECT_NE(moved, copy);
  moved = Rings();
  EXPECT_TRUE(moved.empty());
  EXPECT_EQ(moved.size(), 0U);
}

TEST(Rings, OfAnySizeCanBeMadeByOneThreadAndGivenBackByAnother) {
  std::vector<Rings> made;
  std::thread([&] {
    for (std::size_t n = 1; n < 20000; n += 1 + n / 8) {
      made.emplace_back(std::vector<Point2d>(n, {1, static_cast<double>(n)}));
    }
  }).join();
  for (const Rings& rings : made) {
    EXPECT_EQ(rings.points().back().y, static_cast<double>(rings.points().size()));
  }
  std::thread([all = std::move(made)]() mutable { all.clear(); }).join();
}

TEST(Rings, KeepsOuterRingsAndHolesApart) {
  Rings rings(rectangle(0, 0, 10, 10));
  rings.add(rectangle(2, 2, 4, 4), true);
  rings.add({});
  rings.add(rectangle(20, 0, 30, 10));
  ASSERT_EQ(rings.size(), 3U);
  EXPECT_FALSE(rings.is_hole(0));
  EXPECT_TRUE(rings.is_hole(1));
  EXPECT_FALSE(rings.is_hole(2));
  EXPECT_TRUE(rings.has_holes());
  EXPECT_THAT(rings[1], testing::ElementsAreArray(rectangle(2, 2, 4, 4)));
  EXPECT_THAT(rings[2], testing::ElementsAreArray(rectangle(20, 0, 30, 10)));
  EXPECT_DOUBLE_EQ(ring_area(rings), 100 - 4 + 100);
  EXPECT_EQ(extent(rings.points()), (Box{0, 0, 30, 10}));
}

TEST(Rings, EmptyOnesHaveNothing) {
  const Rings rings;
  EXPECT_EQ(rings.size(), 0U);
  EXPECT_EQ(ring_area(rings), 0);
  EXPECT_EQ(extent(rings.points()), Box{});
  EXPECT_EQ(signed_distance(rings, {1, 2}), kInfinity);
  EXPECT_TRUE(clip_to_frame(rings, {10, 10}).empty());
}

TEST(SignedArea, IsPositiveClockwiseOnTheScreen) {
  EXPECT_DOUBLE_EQ(signed_area(rectangle(1, 2, 4, 6)), 12);
  EXPECT_DOUBLE_EQ(signed_area(Ring{{0, 0}, {0, 1}, {1, 0}}), -0.5);
  EXPECT_EQ(signed_area(Ring{{0, 0}, {5, 5}}), 0);
}

TEST(SignedArea, KeepsItsDigitsFarFromTheOrigin) {
  EXPECT_NEAR(signed_area(rectangle(1e8, 1e8, 1e8 + 0.5, 1e8 + 0.5)), 0.25, 1e-12);
}

TEST(RotatedCorners, TurnsClockwiseAboutTheTopLeftCorner) {
  const auto corners = rotated_corners({.x = 10, .y = 20, .width = 4, .height = 2}, 90);
  const Ring expected = {{10, 20}, {10, 24}, {8, 24}, {8, 20}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(corners[i].x, expected[i].x, 1e-12);
    EXPECT_NEAR(corners[i].y, expected[i].y, 1e-12);
  }
}

TEST(EllipsePoints, AreOnTheEllipseAndNearlyFillIt) {
  const Ring ring = ellipse_points({50, 40}, 20, 10, 30);
  ASSERT_EQ(ring.size(), 64U);
  EXPECT_NEAR(ring.front().x, 50 + 20 * std::cos(std::numbers::pi / 6), 1e-12);
  EXPECT_NEAR(ring.front().y, 40 + 20 * std::sin(std::numbers::pi / 6), 1e-12);
  const double area = std::numbers::pi * 20 * 10;
  EXPECT_NEAR(std::abs(signed_area(ring)), area, 0.0017 * area);
}

TEST(ClipToFrame, ReturnsRingsInsideToTheLastBit) {
  Rings rings(Ring{{0.1, 0.2}, {9.7, 0.3}, {5.5, 9.9}});
  rings.add(Ring{{5, 2}, {5.1, 2}, {5, 2.1}}, true);
  EXPECT_EQ(clip_to_frame(rings, {10, 10}), rings);
}

TEST(ClipToFrame, KeepsOnlyTheRingsThatAreLeft) {
  Rings rings(rectangle(-20, 0, -10, 10));
  rings.add(rectangle(-15, 2, -12, 4), true);
  rings.add(rectangle(2, 2, 4, 4));
  rings.add(rectangle(8, 8, 12, 12));
  const Rings clipped = clip_to_frame(rings, {10, 10});
  ASSERT_EQ(clipped.size(), 2U);
  EXPECT_FALSE(clipped.has_holes());
  EXPECT_THAT(clipped[0], testing::ElementsAreArray(rectangle(2, 2, 4, 4)));
  EXPECT_THAT(clipped[1], testing::UnorderedElementsAreArray(rectangle(8, 8, 10, 10)));
}

TEST(ClipToFrame, SplitsAConcavePolygonInTwo) {
  // The bar of the comb is above the frame, only its two teeth are inside.
  const Rings clipped = clip_to_frame(Rings(comb(2, 10, -15, 30)), {100, 100});
  ASSERT_EQ(clipped.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(clipped[i].size(), 4U);
    EXPECT_NEAR(std::abs(signed_area(clipped[i])), 10 * 25, 1e-9);
    EXPECT_EQ(ring_defect(clipped[i]), nullptr);
  }
}

TEST(ClipToFrame, AHoleThatCrossesTheFrameBecomesANotch) {
  Rings rings(rectangle(-10, -10, 50, 50));
  rings.add(rectangle(-5, 20, 20, 30), true);
  const Rings clipped = clip_to_frame(rings, {40, 40});
  ASSERT_EQ(clipped.size(), 1U);
  EXPECT_NEAR(ring_area(clipped), 40 * 40 - 20 * 10, 1e-9);
  EXPECT_GT(signed_distance(clipped, {10, 25}), 0);
  EXPECT_EQ(ring_defect(clipped[0]), nullptr);
}

TEST(ClipToFrame, AHoleInsideStaysAHole) {
  Rings rings(rectangle(-10, -10, 50, 50));
  rings.add(rectangle(5, 5, 20, 20), true);
  const Rings clipped = clip_to_frame(rings, {40, 40});
  ASSERT_EQ(clipped.size(), 2U);
  EXPECT_TRUE(clipped.is_hole(1));
  EXPECT_THAT(clipped[1], testing::ElementsAreArray(rectangle(5, 5, 20, 20)));
  EXPECT_NEAR(ring_area(clipped), 40 * 40 - 15 * 15, 1e-9);
}

TEST(ClipToFrame, HolesGoWithThePieceTheyLieIn) {
  Rings rings(comb(2, 10, -15, 30));
  rings.add(rectangle(32, 5, 38, 15), true);
  rings.add(rectangle(12, 0, 18, 5), true);
  const Rings clipped = clip_to_frame(rings, {100, 100});
  EXPECT_NEAR(ring_area(clipped), 2 * 10 * 25 - 60 - 30, 1e-9);
  EXPECT_GT(signed_distance(clipped, {35, 10}), 0);
  EXPECT_GT(signed_distance(clipped, {15, 2}), 0);
  EXPECT_LT(signed_distance(clipped, {35, 20}), 0);
  EXPECT_LT(signed_distance(clipped, {15, 10}), 0);
}

TEST(ClipToFrame, APolygonAroundTheWholeFrameBecomesTheFrame) {
  const Rings clipped = clip_to_frame(Rings(rectangle(-1e6, -1e6, 1e6, 1e6)), {30, 20});
  ASSERT_EQ(clipped.size(), 1U);
  EXPECT_NEAR(ring_area(clipped), 600, 1e-9);
}

TEST(ClipToFrame, HugeCoordinatesDoNotOverflow) {
  const Rings clipped = clip_to_frame(Rings(rectangle(-1e308, -1e308, 1e308, 5)), {30, 20});
  ASSERT_EQ(clipped.size(), 1U);
  EXPECT_NEAR(ring_area(clipped), 150, 1e-9);
}

TEST(ClipToFrame, DropsSmallParts) {
  const Rings rings(rectangle(-10, 0, 0.5, 1));
  EXPECT_EQ(clip_to_frame(rings, {10, 10}).size(), 1U);
  EXPECT_TRUE(clip_to_frame(rings, {10, 10}, 0.6).empty());
  EXPECT_TRUE(clip_to_frame(Rings(rectangle(-10, 0, 0, 5)), {10, 10}).empty());
}

TEST(ClipToFrame, CutsSelfIntersectingRingsToo) {
  const Rings bow_tie(Ring{{-10, 0}, {10, 20}, {10, 0}, {-10, 20}});
  const Rings clipped = clip_to_frame(bow_tie, {20, 20});
  ASSERT_FALSE(clipped.empty());
  EXPECT_NEAR(ring_area(clipped), 100, 1e-9);
  const Box box = extent(clipped.points());
  EXPECT_EQ(box, (Box{0, 0, 10, 20}));
}

TEST(ClipToFrame, RefusesCoordinatesThatAreNotFinite) {
  for (const double bad : {std::nan(""), kInfinity, -kInfinity}) {
    EXPECT_THROW((void)clip_to_frame(Rings(Ring{{0, 0}, {bad, 1}, {1, 1}}), {10, 10}), Error);
  }
}

TEST(ClipToFrame, AgreesWithSamplingOnRandomPolygons) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> position(-20, 120);
  constexpr Size kFrame{100, 80};
  for (int round = 0; round < 300; ++round) {
    const Point2d centre{position(random), position(random)};
    const Rings rings(star(random, centre, 60, 5 + round % 30));
    const Rings clipped = clip_to_frame(rings, kFrame);
    for (std::size_t i = 0; i < clipped.size(); ++i) {
      EXPECT_EQ(ring_defect(clipped[i]), nullptr) << "round " << round;
    }
    for (const Point2d& p : clipped.points()) {
      EXPECT_TRUE(p.x >= 0 && p.y >= 0 && p.x <= kFrame.width && p.y <= kFrame.height);
    }
    for (int sample = 0; sample < 50; ++sample) {
      const Point2d p{position(random), position(random)};
      const bool in_frame = p.x > 0 && p.y > 0 && p.x < kFrame.width && p.y < kFrame.height;
      EXPECT_EQ(signed_distance(clipped, p) < 0, in_frame && signed_distance(rings, p) < 0)
          << "round " << round << " at " << p.x << ", " << p.y;
    }
  }
}

TEST(ClipToFrame, AlignedEdgesAndTouchingCornersStayValid) {
  // Everything on a coarse grid: vertices on the frame's lines and corners are the rule.
  std::mt19937 random(11);
  std::uniform_int_distribution<int> step(-2, 6);
  constexpr Size kFrame{4, 4};
  int tested = 0;
  for (int round = 0; round < 4000; ++round) {
    Ring ring;
    for (int i = 0; i < 6; ++i) {
      ring.push_back({static_cast<double>(step(random)), static_cast<double>(step(random))});
    }
    if (ring_defect(ring) != nullptr) continue;
    ++tested;
    const Rings clipped = clip_to_frame(Rings(ring), kFrame);
    for (std::size_t i = 0; i < clipped.size(); ++i) {
      EXPECT_EQ(ring_defect(clipped[i]), nullptr) << "round " << round;
    }
    for (double x = 0.13; x < 4; x += 0.37) {
      for (double y = 0.11; y < 4; y += 0.37) {
        const double before = signed_distance(Rings(ring), {x, y});
        if (std::abs(before) > 1e-6) {
          EXPECT_EQ(before < 0, signed_distance(clipped, {x, y}) < 0) << "round " << round;
        }
      }
    }
  }
  EXPECT_GT(tested, 100);
}

TEST(ClipBoxToFrame, IsTheIntersection) {
  EXPECT_EQ(clip_to_frame(Box{-5, 2, 10, 20}, {8, 10}), (Box{0, 2, 5, 8}));
  EXPECT_EQ(clip_to_frame(Box{0.1, 0.2, 0.7, 0.3}, {8, 10}), (Box{0.1, 0.2, 0.7, 0.3}));
  EXPECT_EQ(clip_to_frame(Box{20, 2, 10, 2}, {8, 10}).area(), 0);
  EXPECT_EQ(clip_to_frame(Box{-20, 2, 10, 2}, {8, 10}).area(), 0);
}

TEST(RingDefect, NamesWhatIsWrong) {
  EXPECT_EQ(ring_defect(rectangle(0, 0, 5, 5)), nullptr);
  EXPECT_EQ(ring_defect(comb(4, 0, 0, 30)), nullptr);
  EXPECT_STREQ(ring_defect(Ring{{0, 0}, {1, 1}}), "fewer than 3 points");
  EXPECT_STREQ(ring_defect(Ring{{0, 0}, {1, std::nan("")}, {1, 1}}), "not finite");
  EXPECT_STREQ(ring_defect(Ring{{0, 0}, {1, 1}, {5, 5}}), "no area");
  EXPECT_STREQ(ring_defect(Ring{{3, 3}, {3, 3}, {3, 3}}), "no area");
  EXPECT_STREQ(ring_defect(Ring{{0, 0}, {4, 4}, {4, 0}, {0, 4}}), "self-intersection");
  EXPECT_STREQ(ring_defect(Ring{{0, 0}, {4, 0}, {8, 0}, {4, 0}, {4, 4}}), "self-intersection");
}

TEST(RingDefect, EitherOrientationAndRepeatedPointsAreFine) {
  EXPECT_EQ(ring_defect(Ring{{0, 0}, {0, 5}, {5, 5}, {5, 0}}), nullptr);
  EXPECT_EQ(ring_defect(Ring{{0, 0}, {5, 0}, {5, 0}, {5, 5}, {0, 0}}), nullptr);
}

TEST(SignedDistance, OfABox) {
  const Box box{10, 10, 20, 10};
  EXPECT_DOUBLE_EQ(signed_distance(box, {15, 13}), -3);
  EXPECT_DOUBLE_EQ(signed_distance(box, {20, 10}), 0);
  EXPECT_DOUBLE_EQ(signed_distance(box, {20, 4}), 6);
  EXPECT_DOUBLE_EQ(signed_distance(box, {33, 24}), 5);
}

TEST(SignedDistance, OfAConcaveRingWithAHole) {
  Rings rings(comb(2, 0, 0, 30));  // bar [0,30] x [0,10], teeth [0,10] and [20,30] down to 40
  rings.add(rectangle(2, 2, 8, 8), true);
  EXPECT_DOUBLE_EQ(signed_distance(rings, {15, 20}), 5);  // between the teeth
  EXPECT_DOUBLE_EQ(signed_distance(rings, {5, 30}), -5);  // in a tooth
  EXPECT_DOUBLE_EQ(signed_distance(rings, {5, 5}), 3);    // in the hole
  EXPECT_DOUBLE_EQ(signed_distance(rings, {9, 5}), -1);   // between hole and nothing
  EXPECT_DOUBLE_EQ(signed_distance(rings, {-3, 44}), 5);  // off a corner
}

TEST(SignedDistance, IsTheUnionOfTheParts) {
  Rings rings(rectangle(0, 0, 10, 10));
  rings.add(rectangle(8, 0, 18, 10));
  EXPECT_DOUBLE_EQ(signed_distance(rings, {9, 5}), -1);
  EXPECT_DOUBLE_EQ(signed_distance(rings, {20, 5}), 2);
  EXPECT_DOUBLE_EQ(signed_distance(rings, {13, 5}), -5);
}

/// Every edge by itself, as it is written in books.
double slow_signed_distance(const Ring& ring, Point2d p) {
  double nearest = kInfinity;
  bool inside = false;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Point2d& a = ring[(i + ring.size() - 1) % ring.size()];
    const Point2d& b = ring[i];
    const double dx = b.x - a.x;
    const double dy = b.y - a.y;
    const double length2 = dx * dx + dy * dy;
    const double along = ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2;
    const double t = length2 > 0 ? std::clamp(along, 0.0, 1.0) : 0;
    nearest = std::min(nearest, std::hypot(a.x + t * dx - p.x, a.y + t * dy - p.y));
    if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / dy * dx) inside = !inside;
  }
  return inside ? -nearest : nearest;
}

TEST(SignedDistance, EqualsThatOverAllEdgesFromWhicheverCornerTheRingBegins) {
  std::mt19937 random(8);
  std::uniform_real_distribution<double> coordinate(0, 30);
  for (int round = 0; round < 500; ++round) {
    Ring ring;
    for (int i = 0; i <= round % 9; ++i) ring.push_back({coordinate(random), coordinate(random)});
    if (round % 4 == 0) ring.push_back(ring.back());  // an edge without length
    const Point2d p{coordinate(random), coordinate(random)};
    const double distance = signed_distance(Rings(ring), p);
    EXPECT_NEAR(distance, slow_signed_distance(ring, p), 1e-12) << "round " << round;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      std::rotate(ring.begin(), ring.begin() + 1, ring.end());
      EXPECT_EQ(signed_distance(Rings(ring), p), distance) << "round " << round;
    }
  }
}

TEST(SignedDistance, PassesOverEdgesThatAreNotFinite) {
  const double nan = std::nan("");
  EXPECT_EQ(signed_distance(Rings(Ring{{nan, 0}, {0, 0}, {8, 0}}), {4, -3}), 3);
  EXPECT_EQ(signed_distance(Rings(Ring{{0, kInfinity}, {8, 0}, {0, 0}}), {4, -3}), 3);
  EXPECT_EQ(signed_distance(Rings(Ring{{nan, 0}, {0, nan}, {nan, nan}}), {4, -3}), kInfinity);
  EXPECT_EQ(signed_distance(Rings(rectangle(0, 0, 8, 8)), {4, nan}), kInfinity);
}

TEST(SignedDistance, OfABoxEqualsThatOfItsRing) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> position(-10, 30);
  const Box box{0, 0, 20, 12};
  const Rings rings(rectangle(0, 0, 20, 12));
  for (int i = 0; i < 200; ++i) {
    const Point2d p{position(random), position(random)};
    EXPECT_NEAR(signed_distance(box, p), signed_distance(rings, p), 1e-12);
  }
}

}  // namespace
}  // namespace labelloom
