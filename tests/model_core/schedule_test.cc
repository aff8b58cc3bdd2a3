#include "model/schedule.h"

#include <gtest/gtest.h>

namespace labelloom::model {
namespace {

TEST(Schedule, RisesLinearlyThenFallsByHalfACosine) {
  const Schedule schedule{.peak = 1, .warmup_steps = 4, .total_steps = 104, .last_share = 0};
  EXPECT_DOUBLE_EQ(schedule.at(0), 0.2);
  EXPECT_DOUBLE_EQ(schedule.at(3), 0.8);
  EXPECT_DOUBLE_EQ(schedule.at(4), 1);
  EXPECT_NEAR(schedule.at(54), 0.5, 1e-12);
  EXPECT_NEAR(schedule.at(29), 0.853553390593, 1e-9);  // (1 + cos 45 deg) / 2
}

TEST(Schedule, EndsAboveZero) {
  const Schedule schedule{.peak = 2, .warmup_steps = 1, .total_steps = 50, .last_share = 0.01};
  EXPECT_GT(schedule.at(49), 0.02);
  EXPECT_LT(schedule.at(49), 0.03);
}

TEST(Schedule, WarmsUpForAtMostHalfAShortRun) {
  EXPECT_EQ(default_warmup(1), 0);
  EXPECT_EQ(default_warmup(8), 4);
  EXPECT_EQ(default_warmup(300), 10);
  EXPECT_EQ(default_warmup(2000), 60);
  EXPECT_EQ(default_warmup(1000000), 500);
  EXPECT_GT((Schedule{.peak = 1, .warmup_steps = 0, .total_steps = 1}.at(0)), 0);
}

}  // namespace
}  // namespace labelloom::model
