#include "evaluate/learning_curve.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"

namespace labelloom::evaluate {
namespace {

using ::testing::HasSubstr;
using Curve = std::vector<CurvePoint>;

TEST(MeanDsq, IsTheMeanOfTheRatiosToTheReference) {
  const std::vector<TaskScore> two = {{"bbox.AP", 0.3, 0.6}, {"mIoU", 0.7, 0.7}};
  EXPECT_DOUBLE_EQ(mean_dsq(two), 0.75);
  const std::vector<TaskScore> three = {{"a", 0.3, 0.6}, {"b", 0.7, 0.7}, {"c", 0.9, 0.6}};
  EXPECT_DOUBLE_EQ(mean_dsq(three), 1);
}

TEST(MeanDsq, IsNotDefinedWithoutAReference) {
  const auto error = [](std::vector<TaskScore> tasks) -> std::string {
    try {
      (void)mean_dsq(tasks);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_THAT(error({}), HasSubstr("no task"));
  EXPECT_THAT(error({{"bbox.AP", 0.3, 0}}), HasSubstr("the reference's bbox.AP is 0"));
  EXPECT_THAT(error({{"bbox.AP", 0.3, -1}}), HasSubstr("expected a score above 0"));
  EXPECT_THAT(error({{"mIoU", -1, 0.5}}), HasSubstr("mIoU is -1: there was no truth of it"));
}

TEST(LabelsToReach, AreFoundBetweenThePoints) {
  const Curve curve = {{40, 0.5}, {50, 0.7}, {60, 0.65}, {70, 0.9}};
  EXPECT_DOUBLE_EQ(labels_to_reach(curve, 0.6).value(), 45);
  EXPECT_DOUBLE_EQ(labels_to_reach(curve, 0.7).value(), 50);
  EXPECT_DOUBLE_EQ(labels_to_reach(curve, 0.8).value(), 66);
  EXPECT_DOUBLE_EQ(labels_to_reach(curve, 0.2).value(), 40);
  EXPECT_FALSE(labels_to_reach(curve, 0.91).has_value());
  EXPECT_DOUBLE_EQ(labels_to_part(curve, 1.0, 0.9).value(), 70);
  EXPECT_DOUBLE_EQ(labels_to_part(curve, 0.6 / 0.95).value(), 45);
  EXPECT_THROW((void)labels_to_part(curve, 0), Error);
}

TEST(LabelsToReach, RefusesWhatIsNoCurve) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Curve& curve :
       {Curve{}, Curve{{50, 0.5}, {40, 0.6}}, Curve{{50, 0.5}, {50, 0.6}}, Curve{{nan, 1}}}) {
    EXPECT_THROW((void)labels_to_reach(curve, 0.1), Error);
    EXPECT_THROW((void)mean_height(curve), Error);
  }
}

TEST(MeanHeight, IsTheAreaOverTheRange) {
  EXPECT_DOUBLE_EQ(mean_height(Curve{{0, 0}, {10, 1}, {30, 1}}), 25.0 / 30);
  EXPECT_DOUBLE_EQ(mean_height(Curve{{7, 0.4}}), 0.4);
}

TEST(MeanAndSpread, AreOfASample) {
  const auto [mean, deviation] = mean_and_spread(std::vector<double>{1, 2, 3});
  EXPECT_DOUBLE_EQ(mean, 2);
  EXPECT_DOUBLE_EQ(deviation, 1);
  EXPECT_EQ(mean_and_spread(std::vector<double>{5}).deviation, 0);
  EXPECT_THROW((void)mean_and_spread({}), Error);
}

}  // namespace
}  // namespace labelloom::evaluate
