#include "convert/assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"

namespace labelloom {
namespace {

using testing::ElementsAre;
using testing::Optional;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Costs are small multiples of 1/8, so sums are exact; the prices inside are not quite.
constexpr double kRounding = 1e-9;

struct Outcome {
  int served = 0;
  double cost = 0;
};

bool better(const Outcome& a, const Outcome& b) {
  return a.served > b.served || (a.served == b.served && a.cost < b.cost);
}

/// Best outcome by trying every way to serve or leave each row.
Outcome brute_force(const std::vector<double>& cost,
                    std::size_t rows,
                    std::size_t columns,
                    std::size_t row,
                    std::vector<bool>& used) {
  if (row == rows) return {};
  Outcome best = brute_force(cost, rows, columns, row + 1, used);
  for (std::size_t j = 0; j < columns; ++j) {
    const double c = cost[row * columns + j];
    if (used[j] || !std::isfinite(c)) continue;
    used[j] = true;
    Outcome outcome = brute_force(cost, rows, columns, row + 1, used);
    used[j] = false;
    ++outcome.served;
    outcome.cost += c;
    if (better(outcome, best)) best = outcome;
  }
  return best;
}

TEST(SolveAssignment, TakesTheCheapestWayNotTheGreedyOne) {
  // Greedy gives row 0 its 1 and leaves 100 to row 1.
  EXPECT_THAT(solve_assignment(std::vector<double>{1, 2, 3, 100}, 2, 2),
              ElementsAre(Optional(1U), Optional(0U)));
}

TEST(SolveAssignment, ServesAsManyRowsAsPossibleWhateverTheCost) {
  const std::vector<double> cost = {0, 1000, -500, kInfinity};
  EXPECT_THAT(solve_assignment(cost, 2, 2), ElementsAre(Optional(1U), Optional(0U)));
}

TEST(SolveAssignment, LeavesRowsThatNobodyMayServe) {
  const std::vector<double> cost = {kInfinity, kInfinity, 3, kInfinity};
  EXPECT_THAT(solve_assignment(cost, 2, 2), ElementsAre(testing::Eq(std::nullopt), Optional(0U)));
}

TEST(SolveAssignment, PicksTheCheapestRowsWhenThereAreTooMany) {
  EXPECT_THAT(solve_assignment(std::vector<double>{5, 1, 3}, 3, 1),
              ElementsAre(testing::Eq(std::nullopt), Optional(0U), testing::Eq(std::nullopt)));
}

TEST(SolveAssignment, TakesEmptyProblems) {
  EXPECT_TRUE(solve_assignment({}, 0, 0).empty());
  EXPECT_TRUE(solve_assignment({}, 0, 3).empty());
  EXPECT_THAT(solve_assignment({}, 2, 0), testing::Each(testing::Eq(std::nullopt)));
}

TEST(SolveAssignment, RefusesWhatIsNoCost) {
  EXPECT_THROW((void)solve_assignment(std::vector<double>{1, 2, 3}, 2, 2), Error);
  EXPECT_THROW((void)solve_assignment(std::vector<double>{std::nan("")}, 1, 1), Error);
  EXPECT_THROW((void)solve_assignment(std::vector<double>{-kInfinity}, 1, 1), Error);
}

TEST(SolveAssignment, AgreesWithBruteForceOnEveryShape) {
  std::mt19937 random(17);
  for (int round = 0; round < 3000; ++round) {
    const std::size_t rows = 1 + random() % 6;
    const std::size_t columns = 1 + random() % 6;
    std::vector<double> cost(rows * columns);
    const auto forbidden_percent = random() % 4 * 25;
    for (double& c : cost) {
      // Few distinct values: ties and negative costs are common.
      c = (static_cast<double>(random() % 24) - 8) / 8;
      if (random() % 100 < forbidden_percent) c = kInfinity;
    }
    std::vector<bool> used(columns, false);
    const Outcome expected = brute_force(cost, rows, columns, 0, used);
    const auto columns_of = solve_assignment(cost, rows, columns);
    Outcome got;
    std::vector<bool> taken(columns, false);
    for (std::size_t i = 0; i < rows; ++i) {
      if (!columns_of[i]) continue;
      EXPECT_FALSE(taken[*columns_of[i]]) << "round " << round;
      taken[*columns_of[i]] = true;
      ++got.served;
      got.cost += cost[i * columns + *columns_of[i]];
    }
    ASSERT_EQ(got.served, expected.served) << "round " << round;
    ASSERT_NEAR(got.cost, expected.cost, kRounding) << "round " << round;
  }
}

TEST(SolveAssignment, SolvesALargePermutation) {
  constexpr std::size_t kCount = 200;
  std::mt19937 random(5);
  std::vector<std::size_t> permutation(kCount);
  for (std::size_t i = 0; i < kCount; ++i) permutation[i] = i;
  std::ranges::shuffle(permutation, random);
  std::vector<double> cost(kCount * kCount);
  for (double& c : cost) c = 1 + static_cast<double>(random() % 1000) / 1000;
  for (std::size_t i = 0; i < kCount; ++i) cost[i * kCount + permutation[i]] = 0.5;
  const auto columns = solve_assignment(cost, kCount, kCount);
  for (std::size_t i = 0; i < kCount; ++i) EXPECT_THAT(columns[i], Optional(permutation[i]));
}

}  // namespace
}  // namespace labelloom
