// Areas of regions whose rings cross themselves or lie on each other.

#include "formats/region_area.h"

#include <cmath>

#include <gtest/gtest.h>

#include "formats/rle.h"

namespace labelloom {
namespace {

Rings rectangle(double x, double y, double width, double height) {
  return Rings({{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}});
}

Rings with(Rings rings, const Rings& more, bool hole = false) {
  rings.add(more[0], hole);
  return rings;
}

TEST(RegionArea, IsTheRingsAreaToTheLastBitWhereNothingMeets) {
  const Rings odd({{0.1, 0.2}, {7.3, 0.7}, {5.9, 3.3}, {8.1, 9.7}, {0.3, 6.1}});
  EXPECT_EQ(region_area(odd), ring_area(odd));
  const Rings two = with(odd, rectangle(20.1, 0, 3.3, 4.7));
  EXPECT_EQ(region_area(two), ring_area(two));
  const Rings holed = with(rectangle(0, 0, 10, 10), rectangle(2, 2, 3, 3), true);
  EXPECT_EQ(region_area(holed), 91);
  EXPECT_EQ(region_area({}), 0);
}

TEST(RegionArea, CountsBothLobesOfARingThatCrossesItself) {
  EXPECT_DOUBLE_EQ(region_area(Rings({{10, 10}, {50, 50}, {50, 10}, {10, 50}})), 800);
  // With a corner where it crosses.
  EXPECT_DOUBLE_EQ(region_area(Rings({{10, 10}, {30, 30}, {50, 50}, {50, 10}, {30, 30}, {10, 50}})),
                   800);
  // Unequal lobes: they meet at y = 10 + 50 * 3 / 8.
  const double large = 0.5 * 50 * 30 * 5 / 8;
  const double small = 0.5 * 30 * 30 * 3 / 8;
  EXPECT_NEAR(region_area(Rings({{60, 10}, {90, 60}, {90, 10}, {60, 40}})), large + small, 1e-9);
}

TEST(RegionArea, CountsOnceWhatPartsShare) {
  EXPECT_DOUBLE_EQ(region_area(with(rectangle(0, 0, 20, 10), rectangle(10, 0, 20, 10))), 300);
  EXPECT_DOUBLE_EQ(region_area(with(rectangle(0, 0, 20, 20), rectangle(5, 5, 3, 3))), 400);
  // The second part fills a piece of the first one's hole.
  const Rings holed = with(rectangle(0, 0, 20, 20), rectangle(5, 5, 10, 10), true);
  EXPECT_DOUBLE_EQ(region_area(with(holed, rectangle(0, 0, 10, 10))), 300 + 25);
}

TEST(RegionArea, TouchingPartsAddUp) {
  const Rings two = with(rectangle(0, 0, 10, 10), rectangle(10, 3, 5, 5));
  EXPECT_EQ(region_area(two), 125);
  EXPECT_EQ(region_area(with(rectangle(0, 0, 10, 10), rectangle(10, 10, 5, 5))), 125);
}

TEST(RegionArea, AgreesWithPaintingForRandomRings) {
  std::uint32_t state = 7;
  const auto random = [&state](double most) {
    state = state * 1664525 + 1013904223;
    return most * (state >> 8) / (1U << 24);
  };
  constexpr Size kSize{400, 400};
  for (int round = 0; round < 100; ++round) {
    Rings rings;
    double border = 0;
    for (int part = 1 + round % 3; part > 0; --part) {
      std::vector<Point2d> ring;
      for (int i = 3 + round % 7; i > 0; --i) ring.push_back({random(400), random(400)});
      rings.add(ring);
      Point2d from = ring.back();
      for (const Point2d& to : ring) {
        border += std::hypot(to.x - from.x, to.y - from.y);
        from = to;
      }
    }
    const auto painted = static_cast<double>(pixel_count(rasterise(rings, kSize)));
    EXPECT_NEAR(region_area(rings), painted, 0.25 * border) << round;
  }
}

}  // namespace
}  // namespace labelloom
