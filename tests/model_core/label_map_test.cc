#include "model/label_map.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "formats/error.h"
#include "tests/model_core/dense_support.h"

namespace labelloom::model {
namespace {

using test::Dense;

/// A value between cells, straight from the definition.
double interpolated(const Dense& logits, int channel, double row, double column) {
  row = std::clamp(row, 0.0, logits.height - 1.0);
  column = std::clamp(column, 0.0, logits.width - 1.0);
  const int r = static_cast<int>(row);
  const int c = static_cast<int>(column);
  const auto value = [&](int i, int j) {
    return static_cast<double>(
        Dense(logits).at(channel, std::min(i, logits.height - 1), std::min(j, logits.width - 1)));
  };
  const double top = value(r, c) + (column - c) * (value(r, c + 1) - value(r, c));
  const double bottom = value(r + 1, c) + (column - c) * (value(r + 1, c + 1) - value(r + 1, c));
  return top + (row - r) * (bottom - top);
}

/// Every label must have the largest value, or one that rounding cannot tell from it.
void expect_largest(const Dense& logits, Size input, const Placement& placement) {
  const LabelMap map = label_map(logits.map(), input, placement);
  ASSERT_EQ(map.size, placement.original);
  for (int y = 0; y < map.size.height; ++y) {
    for (int x = 0; x < map.size.width; ++x) {
      const double column =
          (placement.scale * (x + 0.5) + placement.offset.x) * logits.width / input.width - 0.5;
      const double row =
          (placement.scale * (y + 0.5) + placement.offset.y) * logits.height / input.height - 0.5;
      double highest = -std::numeric_limits<double>::infinity();
      for (int k = 0; k < logits.channels; ++k) {
        highest = std::max(highest, interpolated(logits, k, row, column));
      }
      const int label =
          map.values[static_cast<std::size_t>(y) * static_cast<std::size_t>(map.size.width) +
                     static_cast<std::size_t>(x)];
      ASSERT_NEAR(interpolated(logits, label, row, column), highest, 1e-4) << x << ", " << y;
    }
  }
}

Dense random_logits(int channels, int height, int width, unsigned seed) {
  Dense logits(channels, height, width);
  std::mt19937 random(seed);
  for (float& value : logits.values) value = float(random() % 1000) / 100.0F;
  return logits;
}

TEST(LabelMap, IsTheLargestOfTheInterpolatedLogits) {
  const Size input = {32, 24};
  expect_largest(random_logits(7, 6, 8, 1), input, {{32, 24}, 1, {0, 0}});
  expect_largest(random_logits(2, 6, 8, 2), input, {{61, 45}, 32.0 / 61, {0, 0.2}});
  expect_largest(random_logits(5, 6, 8, 3), input, {{13, 24}, 1, {9.5, 0}});
  expect_largest(random_logits(4, 3, 4, 4), input, {{9, 5}, 3.5, {0.25, 3}});
  expect_largest(random_logits(3, 24, 32, 5), input, {{32, 24}, 1, {0, 0}});
  expect_largest(random_logits(3, 1, 1, 6), input, {{32, 24}, 1, {0, 0}});
}

TEST(LabelMap, TakesTheLowerClassOfEqualOnes) {
  const Dense logits(3, 4, 4, 0.5F);
  const LabelMap map = label_map(logits.map(), {16, 16}, {{16, 16}, 1, {0, 0}});
  EXPECT_EQ(std::ranges::count(map.values, 0), 256);
}

TEST(LabelMap, PutsTheBorderHalfwayBetweenEqualCells) {
  Dense logits(2, 1, 2);
  logits.at(0, 0, 0) = 1;
  logits.at(1, 0, 1) = 1;
  const LabelMap map =
      label_map(logits.map(), {8, 4}, {.original = {8, 1}, .scale = 1, .offset = {0, 1.5}});
  EXPECT_EQ(map.values, (std::vector<std::uint8_t>{0, 0, 0, 0, 1, 1, 1, 1}));
}

TEST(LabelMap, RefusesWhatIsNotFiniteAndTooManyClasses) {
  Dense logits(2, 2, 2);
  logits.at(1, 1, 1) = std::numeric_limits<float>::quiet_NaN();
  const Placement placement = {{8, 8}, 1, {0, 0}};
  EXPECT_THROW(static_cast<void>(label_map(logits.map(), {8, 8}, placement)), Error);
  EXPECT_THROW(static_cast<void>(label_map(Dense(256, 2, 2).map(), {8, 8}, placement)), Error);
  EXPECT_THROW(static_cast<void>(label_map({}, {8, 8}, placement)), Error);
  EXPECT_THROW(static_cast<void>(label_map(Dense(2, 2, 2).map(), {8, 8}, {{0, 8}, 1, {0, 0}})),
               Error);
}

}  // namespace
}  // namespace labelloom::model
