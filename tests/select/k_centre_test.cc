#include "select/k_centre.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "select/cdal_points.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;

std::vector<float> random_rows(Noise& noise, std::size_t count, std::size_t length) {
  std::vector<float> rows;
  for (std::size_t i = 0; i < count * length; ++i)
    rows.push_back(static_cast<float>(noise.in(-1, 1)));
  return rows;
}

std::vector<std::size_t> pick(KCentre& centres, std::size_t count) {
  std::vector<std::size_t> picked;
  while (picked.size() < count) {
    const auto next = centres.candidate();
    if (!next) break;
    centres.take(*next);
    picked.push_back(*next);
  }
  return picked;
}

float radius_of(const Points& points, const std::vector<std::size_t>& centres) {
  float radius = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    float nearest = std::numeric_limits<float>::infinity();
    for (const std::size_t c : centres) nearest = std::min(nearest, points.distance(i, c));
    radius = std::max(radius, nearest);
  }
  return radius;
}

float least_radius(const Points& points,
                   std::vector<std::size_t> centres,
                   std::size_t more,
                   std::size_t from = 0) {
  if (more == 0) return radius_of(points, centres);
  float least = std::numeric_limits<float>::infinity();
  for (std::size_t i = from; i < points.size(); ++i) {
    centres.push_back(i);
    least = std::min(least, least_radius(points, centres, more - 1, i + 1));
    centres.pop_back();
  }
  return least;
}

/// Euclidean, but no distance is left out.
class Plain final : public Points {
 public:
  explicit Plain(const Points& points) : points_(points) {}
  [[nodiscard]] std::size_t size() const override { return points_.size(); }
  [[nodiscard]] float distance(std::size_t a, std::size_t b) const override {
    return points_.distance(a, b);
  }
  [[nodiscard]] float distance_to_mean(std::size_t a) const override {
    return points_.distance_to_mean(a);
  }
  [[nodiscard]] bool is_metric() const override { return false; }

 private:
  const Points& points_;
};

TEST(KCentre, NeverIncreasesTheRadius) {
  Noise noise(1);
  const EuclideanPoints points(random_rows(noise, 60, 5), 5);
  KCentre centres(points);
  float before = std::numeric_limits<float>::infinity();
  std::vector<std::size_t> taken;
  while (const auto next = centres.candidate()) {
    centres.take(*next);
    taken.push_back(*next);
    ASSERT_LE(centres.radius(), before);
    ASSERT_EQ(centres.radius(), radius_of(points, taken));
    before = *centres.radius();
  }
  EXPECT_EQ(taken.size(), 60U);
  EXPECT_EQ(before, 0);
}

TEST(KCentre, IsAtMostTwiceTheLeastRadius) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    Noise noise(seed);
    const EuclideanPoints points(random_rows(noise, 11, 2), 2);
    for (std::size_t k = 1; k <= 3; ++k) {
      KCentre centres(points);
      pick(centres, k);
      EXPECT_LE(*centres.radius(), 2 * least_radius(points, {}, k) * 1.0001F) << seed << ' ' << k;
      KCentre seeded(points, {0, 1});
      pick(seeded, k);
      EXPECT_LE(*seeded.radius(), 2 * least_radius(points, {0, 1}, k) * 1.0001F)
          << seed << ' ' << k;
    }
  }
}

TEST(KCentre, BeginsAtTheMeanWithoutSeedsAndThatPointIsChosen) {
  const EuclideanPoints points({0, 1, 4, 10}, 1);
  KCentre centres(points);
  EXPECT_THAT(pick(centres, 3), ElementsAre(2, 3, 0));
}

TEST(KCentre, BeginsFarFromTheSeeds) {
  const EuclideanPoints points({0, 1, 4, 10}, 1);
  KCentre centres(points, {3});
  EXPECT_THAT(pick(centres, 9), ElementsAre(0, 2, 1));
}

// A well-known mistake: centres that were picked are forgotten, so that every pick is the first
// one again, or a random one.
TEST(KCentre, RemembersWhatItPicked) {
  // Three clusters far apart: three picks are one of each, whatever the order of the points.
  Noise noise(5);
  for (int round = 0; round < 20; ++round) {
    std::vector<float> rows;
    std::vector<int> cluster;
    for (int i = 0; i < 30; ++i) {
      cluster.push_back(noise.below(3));
      rows.push_back(static_cast<float>(100 * cluster.back() + noise.in(0, 1)));
    }
    const EuclideanPoints points(rows, 1);
    KCentre centres(points);
    std::vector<int> found;
    for (const std::size_t i : pick(centres, 3)) found.push_back(cluster[i]);
    EXPECT_THAT(found, ::testing::UnorderedElementsAre(0, 1, 2)) << round;
  }
}

TEST(KCentre, LeavesOutOnlyDistancesThatDoNotMatter) {
  Noise noise(3);
  std::vector<float> rows;
  for (int i = 0; i < 300; ++i) {
    const double centre = 10 * noise.below(8);
    for (int k = 0; k < 6; ++k) rows.push_back(static_cast<float>(centre + noise.in(0, 1)));
  }
  const EuclideanPoints points(rows, 6);
  const Plain plain(points);
  KCentre fast(points);
  KCentre slow(plain);
  EXPECT_EQ(pick(fast, 100), pick(slow, 100));
  for (std::size_t i = 0; i < points.size(); ++i) EXPECT_EQ(fast.reach(i), slow.reach(i));
  EXPECT_LT(fast.distances(), slow.distances() / 2);
}

TEST(KCentre, PassesOverWhatIsRefused) {
  const EuclideanPoints points({0, 1, 4, 10}, 1);
  KCentre centres(points, {0});
  centres.refuse(3);
  EXPECT_EQ(centres.candidate(), 2U);
  centres.allow(3);
  EXPECT_EQ(centres.candidate(), 3U);
}

TEST(KCentre, WhatHasNoPlaceIsNeitherInTheMeanNorInTheRadius) {
  // Two points without a row, which stand as zeros.
  const EuclideanPoints points({0, 10, 11, 12, 0}, 1, {0, 1, 1, 1, 0});
  EXPECT_EQ(points.distance_to_mean(2), 0);
  KCentre centres(points, {}, {0, 4});
  EXPECT_THAT(pick(centres, 1), ElementsAre(2));
  EXPECT_EQ(centres.radius(), 1);
  EXPECT_THAT(pick(centres, 9), ElementsAre(1, 3));
  EXPECT_EQ(centres.radius(), 0);
}

TEST(CdalPoints, WhatIsNotKnownChangesNoDistance) {
  constexpr std::size_t kKnown = 6;
  constexpr std::size_t kAll = 30;
  Noise noise(8);
  std::vector<float> segmentation;  // two classes
  std::vector<float> boxes;
  for (std::size_t i = 0; i < 4 * kKnown; ++i)
    segmentation.push_back(static_cast<float>(noise.in(0.1, 1)));
  for (std::size_t i = 0; i < 2 * kKnown; ++i)
    boxes.push_back(static_cast<float>(noise.in(0.1, 1)));
  const CdalPoints points(segmentation, 4, boxes, 2);
  segmentation.resize(4 * kAll, 0);
  boxes.resize(2 * kAll, 0);
  std::vector<std::uint8_t> there(kKnown, 1);
  there.resize(kAll, 0);
  const CdalPoints with_unknown(segmentation, 4, boxes, 2, there);
  for (std::size_t i = 0; i < kKnown; ++i) {
    EXPECT_EQ(with_unknown.distance_to_mean(i), points.distance_to_mean(i));
    for (std::size_t k = 0; k < kKnown; ++k)
      EXPECT_EQ(with_unknown.distance(i, k), points.distance(i, k));
  }
}

TEST(KCentre, TakesTheFirstOfEquals) {
  const EuclideanPoints points({5, 0, 0, 10, 10}, 1);
  KCentre centres(points, {0});
  EXPECT_THAT(pick(centres, 2), ElementsAre(1, 3));
}

TEST(CdalPoints, AreAsFarApartAsTheirDistributions) {
  // Two classes; rows: class 0's mean distribution, class 1's.
  const std::vector<float> segmentation = {0.9F,
                                           0.1F,
                                           0,
                                           0,  // class 0 alone
                                           0.9F,
                                           0.1F,
                                           0,
                                           0,  // the same
                                           0.5F,
                                           0.5F,
                                           0,
                                           0,  // less sure
                                           0,
                                           0,
                                           0,
                                           1};  // class 1 alone
  const CdalPoints points(segmentation, 4, std::vector<float>(8, 0), 2);
  EXPECT_EQ(points.size(), 4U);
  EXPECT_EQ(points.distance(0, 1), 0);
  EXPECT_GT(points.distance(0, 2), 0);
  EXPECT_FLOAT_EQ(points.distance(0, 2), points.distance(2, 0));
  EXPECT_GT(points.distance(0, 3), points.distance(0, 2));  // no class in common
  // J((.9,.1), (.5,.5)) = .4 ln 9 / 2, in units of what disjoint sets have.
  EXPECT_NEAR(
      points.distance(0, 2) / points.distance(0, 3), 0.2 * std::log(9.0) / -std::log(1e-6), 1e-5);
}

}  // namespace
}  // namespace labelloom::select
