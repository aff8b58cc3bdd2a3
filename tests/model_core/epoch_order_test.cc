#include "model/epoch_order.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace labelloom::model {
namespace {

TEST(EpochOrder, HasEverySampleOnce) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{257}}) {
    std::vector<std::uint32_t> order = epoch_order(count, 7, 3);
    std::sort(order.begin(), order.end());
    ASSERT_EQ(order.size(), count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(order[i], i);
  }
}

TEST(EpochOrder, DependsOnSeedAndEpochAlone) {
  EXPECT_EQ(epoch_order(100, 1, 2), epoch_order(100, 1, 2));
  EXPECT_NE(epoch_order(100, 1, 2), epoch_order(100, 1, 3));
  EXPECT_NE(epoch_order(100, 1, 2), epoch_order(100, 2, 2));
  EXPECT_NE(epoch_order(100, 1, 2), epoch_order(100, 2, 1));
}

TEST(EpochOrder, PutsEverySampleEverywhere) {
  // 2000 epochs of 5 samples: each stands in each place about 400 times (deviation 18).
  int counts[5][5] = {};
  for (std::uint64_t epoch = 0; epoch < 2000; ++epoch) {
    const auto order = epoch_order(5, 11, epoch);
    for (std::size_t place = 0; place < 5; ++place) ++counts[order[place]][place];
  }
  for (const auto& of_sample : counts) {
    for (const int count : of_sample) EXPECT_NEAR(count, 400, 100);
  }
}

TEST(BatchOrder, DropsTheRestThatIsSmallerThanABatch) {
  const BatchPlan plan{.sample_count = 10, .batch_size = 4};
  ASSERT_EQ(plan.batches_per_epoch(), 2);
  BatchOrder order(plan, 5);
  std::set<std::uint32_t> seen;
  for (std::size_t number = 0; number < 2; ++number) {
    const auto samples = order.samples(number);
    EXPECT_EQ(samples.size(), 4);
    seen.insert(samples.begin(), samples.end());
  }
  EXPECT_EQ(seen.size(), 8);
  EXPECT_EQ(order.epoch(1), 0);
  EXPECT_EQ(order.epoch(2), 1);
}

TEST(BatchOrder, MakesOneBatchOfASmallSet) {
  const BatchPlan plan{.sample_count = 3, .batch_size = 8};
  EXPECT_EQ(plan.batches_per_epoch(), 1);
  EXPECT_EQ(BatchOrder(plan, 0).samples(6).size(), 3);
}

TEST(BatchOrder, DoesNotDependOnWhatWasAskedBefore) {
  const BatchPlan plan{.sample_count = 40, .batch_size = 4};
  BatchOrder in_order(plan, 9);
  BatchOrder backwards(plan, 9);
  std::vector<std::vector<std::uint32_t>> expected;
  for (std::size_t i = 0; i < 30; ++i) expected.push_back(in_order.samples(i));
  for (std::size_t i = 30; i-- > 0;) EXPECT_EQ(backwards.samples(i), expected[i]);
}

}  // namespace
}  // namespace labelloom::model
