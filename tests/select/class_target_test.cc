#include "select/class_target.h"

#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

const ClassMap kTwoOfFour{4, {1, 3}};
const ScoringOptions kCoarse{.epsilon = 0.01};

MATCHER_P4(IsAbout, a, b, c, d, "") {
  return ::testing::ExplainMatchResult(
      ElementsAre(
          FloatNear(a, 1e-6F), FloatNear(b, 1e-6F), FloatNear(c, 1e-6F), FloatNear(d, 1e-6F)),
      arg,
      result_listener);
}

TEST(ClassTarget, LeavesEpsilonForClassesThatBoxesCannotHave) {
  EXPECT_THAT(class_target(std::vector<float>{0.75F, 0.25F}, kTwoOfFour, kCoarse),
              IsAbout(0.01F, 0.98F * 0.75F, 0.01F, 0.98F * 0.25F));
}

TEST(ClassTarget, FloorsClassesAtEpsilonAndAddsUpToOne) {
  const auto q = class_target(std::vector<float>{1, 0}, kTwoOfFour, kCoarse);
  EXPECT_THAT(q, IsAbout(0.01F / 1.01F, 0.98F / 1.01F, 0.01F / 1.01F, 0.01F / 1.01F));
}

TEST(ClassTarget, DividesSigmoidsByTheirSum) {
  EXPECT_EQ(class_target(std::vector<float>{0.5F, 0.25F}, kTwoOfFour, kCoarse),
            class_target(std::vector<float>{1, 0.5F}, kTwoOfFour, kCoarse));
}

TEST(ClassTarget, DropsTheBackgroundOrGivesItToStuff) {
  const std::vector<float> with_background{0.3F, 0.3F, 0.4F};
  EXPECT_THAT(class_target(with_background, kTwoOfFour, kCoarse),
              IsAbout(0.01F, 0.49F, 0.01F, 0.49F));
  ScoringOptions to_stuff = kCoarse;
  to_stuff.background = Background::kToStuff;
  EXPECT_THAT(class_target(with_background, kTwoOfFour, to_stuff), IsAbout(0.2F, 0.3F, 0.2F, 0.3F));
}

TEST(ClassTarget, AddsClassesThatShareOneAndDropsThoseWithout) {
  const ClassMap map{4, {1, 1, 3, -1}};
  EXPECT_THAT(class_target(std::vector<float>{0.2F, 0.2F, 0.1F, 0.5F}, map, kCoarse),
              IsAbout(0.01F, 0.98F * 0.8F, 0.01F, 0.98F * 0.2F));
}

TEST(ClassTarget, IsEvenWhenTheDetectorSaysNothing) {
  EXPECT_THAT(class_target(std::vector<float>{0, 0}, kTwoOfFour, kCoarse),
              IsAbout(0.01F, 0.49F, 0.01F, 0.49F));
}

TEST(ClassTarget, TakesOneClass) {
  EXPECT_THAT(class_target(std::vector<float>{0.2F}, {1, {0}}, kCoarse), ElementsAre(1));
}

TEST(ClassTarget, RefusesWhatIsNoDistribution) {
  EXPECT_THROW((void)class_target(std::vector<float>{1}, kTwoOfFour, kCoarse), Error);
  EXPECT_THROW((void)class_target(std::vector<float>{1, -1}, kTwoOfFour, kCoarse), Error);
  const std::vector<float> nan{1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_THROW((void)class_target(nan, kTwoOfFour, kCoarse), Error);
  EXPECT_THROW((void)class_target(std::vector<float>{1}, {1, {1}}, kCoarse), Error);
}

}  // namespace
}  // namespace labelloom::select
