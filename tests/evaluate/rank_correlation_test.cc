#include "evaluate/rank_correlation.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"

namespace labelloom::evaluate {
namespace {

using ::testing::ElementsAre;
using Values = std::vector<double>;

TEST(RankCorrelation, EqualsShareTheMeanOfTheirRanks) {
  EXPECT_THAT(average_ranks(Values{3, 1, 3, 7, 3}), ElementsAre(3, 1, 3, 5, 3));
  EXPECT_TRUE(average_ranks({}).empty());
}

TEST(RankCorrelation, OnlyTheOrderCounts) {
  const Values a{1, 2, 3, 4};
  EXPECT_EQ(spearman(a, Values{-9, 0.5, 100, 1e9}), 1.0);
  EXPECT_EQ(spearman(a, Values{4, 3, 2, -1}), -1.0);
}

TEST(RankCorrelation, TiesAreAsInTheTextbook) {
  // Ranks 1 2.5 2.5 4 and 1 2 3.5 3.5: covariance 3.75, variances 4.5 and 4.5.
  const auto rho = spearman(Values{1, 2, 2, 3}, Values{1, 2, 5, 5});
  ASSERT_TRUE(rho);
  EXPECT_NEAR(*rho, 3.75 / 4.5, 1e-12);
}

TEST(RankCorrelation, ThereIsNoneOfAConstant) {
  EXPECT_FALSE(spearman(Values{1, 2, 3}, Values{5, 5, 5}));
  EXPECT_FALSE(spearman(Values{1}, Values{1}));
  EXPECT_FALSE(spearman({}, {}));
}

TEST(RankCorrelation, DifferentLengthsAreRefused) {
  EXPECT_THROW(static_cast<void>(spearman(Values{1}, Values{1, 2})), Error);
}

TEST(RankCorrelation, PairsThatAreNotFiniteAreLeftOut) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const auto result =
      rank_correlation(Values{1, nan, 2, -infinity, 3}, Values{1, 9, 2, 9, 3}, {.resamples = 0});
  EXPECT_EQ(result.pairs, 3U);
  EXPECT_EQ(result.rho, 1.0);
  EXPECT_FALSE(result.low);
}

TEST(RankCorrelation, TheIntervalHoldsTheValueAndShrinksWithThePairs) {
  const auto interval_of = [](int count) {
    Values a;
    Values b;
    for (int i = 0; i < count; ++i) {
      a.push_back(i);
      b.push_back(i + 0.5 * count * std::sin(12.9898 * i));  // noise
    }
    return rank_correlation(a, b, {.resamples = 400});
  };
  const RankCorrelation few = interval_of(30);
  const RankCorrelation many = interval_of(500);
  for (const RankCorrelation& one : {few, many}) {
    ASSERT_TRUE(one.rho && one.low && one.high);
    EXPECT_LT(*one.low, *one.rho);
    EXPECT_GT(*one.high, *one.rho);
  }
  EXPECT_LT(*many.high - *many.low, 0.5 * (*few.high - *few.low));
}

TEST(RankCorrelation, TheIntervalIsAsWideAsFishersTransformSays) {
  // Independent of each other: for n = 400 the bounds are near +- 1.96 / sqrt(n - 3).
  Values a;
  Values b;
  for (int i = 0; i < 400; ++i) {
    a.push_back(std::sin(78.233 * i * i));
    b.push_back(std::sin(37.719 * i * i + 1));
  }
  const RankCorrelation result = rank_correlation(a, b);
  ASSERT_TRUE(result.low && result.high);
  EXPECT_NEAR(*result.high - *result.low, 2 * 1.96 / std::sqrt(397), 0.03);
}

TEST(RankCorrelation, TheSameSeedGivesTheSameInterval) {
  const Values a{1, 5, 2, 8, 3, 9, 4};
  const Values b{2, 4, 1, 9, 5, 7, 3};
  EXPECT_EQ(rank_correlation(a, b).low, rank_correlation(a, b).low);
  EXPECT_THROW(static_cast<void>(rank_correlation(a, b, {.level = 1})), Error);
}

}  // namespace
}  // namespace labelloom::evaluate
