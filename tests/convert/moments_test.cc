#include "convert/moments.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "formats/geometry.h"
#include "formats/rle.h"
#include "tests/convert/small_dataset.h"

namespace labelloom {
namespace {

constexpr double kPi = std::numbers::pi;

/// By counting pixels, the obvious way: each one a unit square.
Moments counted(const Rle& mask) {
  const std::vector<std::uint8_t> pixels = decode(mask);
  Moments m;
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      if (pixels[i] == 0) continue;
      const auto width = static_cast<std::size_t>(mask.size.width);
      const std::size_t column = i % width;
      const std::size_t row = i / width;
      const double x = static_cast<double>(column) + 0.5;
      const double y = static_cast<double>(row) + 0.5;
      if (pass == 0) {
        m.area += 1;
        m.centroid.x += x;
        m.centroid.y += y;
      } else {
        m.xx += (x - m.centroid.x) * (x - m.centroid.x) + 1.0 / 12;
        m.xy += (x - m.centroid.x) * (y - m.centroid.y);
        m.yy += (y - m.centroid.y) * (y - m.centroid.y) + 1.0 / 12;
      }
    }
    if (pass == 0) m.centroid = {m.centroid.x / m.area, m.centroid.y / m.area};
  }
  m.xx /= m.area;
  m.xy /= m.area;
  m.yy /= m.area;
  return m;
}

void expect_near(const Moments& a, const Moments& b, double tolerance) {
  EXPECT_NEAR(a.area, b.area, tolerance);
  EXPECT_NEAR(a.centroid.x, b.centroid.x, tolerance);
  EXPECT_NEAR(a.centroid.y, b.centroid.y, tolerance);
  EXPECT_NEAR(a.xx, b.xx, tolerance);
  EXPECT_NEAR(a.xy, b.xy, tolerance);
  EXPECT_NEAR(a.yy, b.yy, tolerance);
}

TEST(Moments, OfAMaskEqualThoseOfItsPixelsOneByOne) {
  std::mt19937 random(4);
  for (const Size size : {Size{1, 1}, Size{13, 7}, Size{40, 1}, Size{1, 40}, Size{31, 33}}) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size.width * size.height));
    for (auto& pixel : pixels) pixel = random() % 3 != 0 ? 1 : 0;
    pixels.back() = 1;
    const Rle mask = encode(pixels, size);
    const auto found = moments(mask);
    ASSERT_TRUE(found);
    expect_near(*found, counted(mask), 1e-9);
  }
}

TEST(Moments, OfARectangleAreThoseOfTheBook) {
  const auto found = moments(Rings(test::rectangle(1000, 2000, 30, 12)));
  ASSERT_TRUE(found);
  expect_near(*found,
              {.area = 360, .centroid = {1015, 2006}, .xx = 30 * 30 / 12.0, .xy = 0, .yy = 12},
              1e-9);
}

TEST(Moments, DoNotDependOnWhichWayARingRuns) {
  std::vector<Point2d> ring = {{3, 4}, {20, 6}, {25, 30}, {9, 14}};
  const auto there = moments(Rings(ring));
  std::ranges::reverse(ring);
  const auto back = moments(Rings(ring));
  ASSERT_TRUE(there && back);
  expect_near(*there, *back, 1e-9);
}

TEST(Moments, LeaveHolesOut) {
  Rings rings(test::rectangle(0, 0, 40, 20));
  rings.add(test::rectangle(5, 5, 10, 10), /*hole=*/true);
  const auto found = moments(rings);
  ASSERT_TRUE(found);
  // The rectangle lies on pixel borders, so the mask is the same region.
  const auto of_mask = moments(rasterise(rings, {50, 30}));
  ASSERT_TRUE(of_mask);
  expect_near(*found, *of_mask, 1e-9);
}

TEST(Moments, AddUpThePartsOfAnObject) {
  Rings rings(test::rectangle(2, 2, 10, 6));
  rings.add(test::rectangle(30, 12, 4, 12));
  const auto found = moments(rings);
  const auto of_mask = moments(rasterise(rings, {50, 30}));
  ASSERT_TRUE(found && of_mask);
  expect_near(*found, *of_mask, 1e-9);
}

TEST(Moments, AreNothingWithoutArea) {
  EXPECT_FALSE(moments(Rings()));
  EXPECT_FALSE(moments(Rings({{1, 1}, {5, 5}})));
  EXPECT_FALSE(moments(Rle{{4, 4}, {16}}));
  EXPECT_FALSE(moments(Rle{}));
}

TEST(PrincipalAxes, AreTheOnesAnEllipseWasDrawnWith) {
  for (int degrees = -85; degrees <= 90; degrees += 5) {
    const Rings ellipse(ellipse_points({200, 100}, 40, 10, degrees, 4096));
    const auto found = moments(ellipse);
    ASSERT_TRUE(found);
    const PrincipalAxes axes = principal_axes(*found);
    EXPECT_NEAR(axes.angle_rad, degrees * kPi / 180, 1e-9) << degrees;
    EXPECT_NEAR(axes.length, 80, 1e-3);
    EXPECT_NEAR(axes.width, 20, 1e-3);
    EXPECT_NEAR(axes.elongation, 4, 1e-4);
  }
}

TEST(PrincipalAxes, OfAnUprightLineOfPixelsPointDown) {
  const auto found = moments(rasterise(Rings(test::rectangle(3, 2, 1, 20)), {10, 30}));
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(principal_axes(*found).angle_rad, kPi / 2);
  EXPECT_NEAR(principal_axes(*found).elongation, 20, 1e-9);
}

}  // namespace
}  // namespace labelloom
