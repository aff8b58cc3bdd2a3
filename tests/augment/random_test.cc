#include "augment/random.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace labelloom::augment {
namespace {

TEST(Random, IsPhiloxWithItsPublishedAnswer) {
  // The image key cancels the mixed seed (SplitMix64's first number), so that key and counter are
  // zero: the first line for philox4x32 with 10 rounds in Random123's kat_vectors.
  Random random({.seed = 0, .image = 0xE220A8397B1DCDAF, .variant = 0, .step = 0});
  EXPECT_EQ(random.bits(), 0x6627E8D5U);
  EXPECT_EQ(random.bits(), 0xE169C58DU);
  EXPECT_EQ(random.bits(), 0xBC57AC4CU);
  EXPECT_EQ(random.bits(), 0x9B00DBD8U);
}

TEST(Random, GivesTheSameNumbersForTheSameKey) {
  const RandomKey key{.seed = 3, .image = image_key("a.jpg"), .variant = 2, .step = 1};
  Random a(key);
  Random b(key);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.bits(), b.bits());
}

TEST(Random, DiffersInEveryPartOfTheKey) {
  const RandomKey key{.seed = 3, .image = 4, .variant = 2, .step = 1};
  const std::uint64_t first = Random(key).derive();
  EXPECT_NE(Random({.seed = 4, .image = 4, .variant = 2, .step = 1}).derive(), first);
  EXPECT_NE(Random({.seed = 3, .image = 5, .variant = 2, .step = 1}).derive(), first);
  EXPECT_NE(Random({.seed = 3, .image = 4, .variant = 3, .step = 1}).derive(), first);
  EXPECT_NE(Random({.seed = 3, .image = 4, .variant = 2, .step = 2}).derive(), first);
  EXPECT_NE(image_key("a.jpg"), image_key("b.jpg"));
}

TEST(Random, FillsItsRangesEvenly) {
  Random random({.seed = 1});
  std::array<int, 6> counts{};
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 60000;
  for (int i = 0; i < kDraws; ++i) {
    ++counts.at(static_cast<std::size_t>(random.integer(-2, 3) + 2));
    const double u = random.uniform(10, 20);
    ASSERT_TRUE(u >= 10 && u < 20);
    const double n = random.normal();
    sum += n;
    squares += n * n;
  }
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 6.0, 400);
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
}

TEST(Random, GivesTheOnlyNumberOfAnEmptyRange) {
  Random random({.seed = 1});
  EXPECT_EQ(random.uniform(0.25, 0.25), 0.25);
  EXPECT_EQ(random.integer(7, 7), 7);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(1));
}

}  // namespace
}  // namespace labelloom::augment
