#include "augment/pixel_plan.h"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "augment/frames.h"
#include "augment/render.h"

namespace labelloom::augment {
namespace {

constexpr Size kSize{80, 60};
const Rgb kRed{255, 0, 0};
const Rgb kBlue{0, 0, 255};

Projective turn(double angle, Size size, Sampling sampling = {}) {
  return {about({size.width / 2.0, size.height / 2.0}, rotation(angle)), size, sampling};
}

Plan plan_of(std::vector<Effect> effects) {
  Plan plan{kSize, kSize, {{"test", "", std::move(effects)}}};
  for (const Effect& effect : plan.steps[0].effects) plan.out = size_after(effect, plan.out);
  return plan;
}

cv::Mat picture() {
  cv::Mat pixels(kSize.height, kSize.width, CV_8UC3);
  for (int y = 0; y < pixels.rows; ++y) {
    for (int x = 0; x < pixels.cols; ++x) {
      pixels.at<cv::Vec3b>(y, x) = cv::Vec3b(static_cast<std::uint8_t>(60 + x),
                                             static_cast<std::uint8_t>(70 + y),
                                             static_cast<std::uint8_t>(200 - x));
    }
  }
  return pixels;
}

cv::Mat shown(const Plan& plan, Fusion fusion) {
  return render(plan_pixels(plan, fusion), {picture(), {}}, nullptr).pixels;
}

double largest_difference(const Plan& plan) {
  return cv::norm(shown(plan, Fusion::kFull), shown(plan, Fusion::kNone), cv::NORM_INF);
}

std::size_t steps(const Plan& plan) { return plan_pixels(plan, Fusion::kFull).steps.size(); }

TEST(Fusion, ManyExactMovesAreOneExactMove) {
  const Plan plan = plan_of({fitted(scaling(-1, 1), kSize),
                             fitted(rotation(90), kSize),
                             cropped({5, 7, 40, 50}, {60, 80}),
                             cropped({-3, -4, 50, 60}, {40, 50}, {{}, {}, kRed})});
  const PixelPlan fused = plan_pixels(plan, Fusion::kFull);
  ASSERT_EQ(fused.steps.size(), 1U);
  EXPECT_TRUE(is_exact_move(std::get<Resample>(fused.steps[0])));
  EXPECT_EQ(largest_difference(plan), 0);
}

TEST(Fusion, APaddingDoesNotBringBackWhatACropCutOff) {
  const Plan plan = plan_of(
      {cropped({20, 20, 30, 20}, kSize), cropped({-20, -20, 80, 60}, {30, 20}, {{}, {}, kRed})});
  EXPECT_EQ(steps(plan), 1U);
  EXPECT_EQ(largest_difference(plan), 0);
  EXPECT_EQ(shown(plan, Fusion::kFull).at<cv::Vec3b>(5, 5), cv::Vec3b(0, 0, 255));
  EXPECT_EQ(shown(plan, Fusion::kFull).at<cv::Vec3b>(30, 40), picture().at<cv::Vec3b>(30, 40));
}

TEST(Fusion, EveryStepKeepsItsOwnFill) {
  const Plan plan = plan_of({cropped({-10, -10, 100, 80}, kSize, {{}, {}, kRed}),
                             cropped({-10, -10, 120, 100}, {100, 80}, {{}, {}, kBlue})});
  EXPECT_EQ(steps(plan), 1U);
  EXPECT_EQ(largest_difference(plan), 0);
  EXPECT_EQ(shown(plan, Fusion::kFull).at<cv::Vec3b>(2, 2), cv::Vec3b(255, 0, 0));
  EXPECT_EQ(shown(plan, Fusion::kFull).at<cv::Vec3b>(15, 15), cv::Vec3b(0, 0, 255));
}

TEST(Fusion, TurnsWithFillShowTheCornersThatEachStepCut) {
  const Plan plan = plan_of({turn(30, kSize, {{}, {}, kRed}), turn(-30, kSize, {{}, {}, kBlue})});
  ASSERT_EQ(steps(plan), 1U);
  const cv::Mat fused = shown(plan, Fusion::kFull);
  const cv::Mat single = shown(plan, Fusion::kNone);
  cv::Mat difference;
  cv::absdiff(fused, single, difference);
  // Borders between fills are hard when fused, soft when not: a few pixels differ.
  EXPECT_LT(cv::mean(difference)[0] + cv::mean(difference)[1] + cv::mean(difference)[2], 12);
  EXPECT_EQ(fused.at<cv::Vec3b>(30, 1), single.at<cv::Vec3b>(30, 1));
}

TEST(Fusion, AReflectedBorderAfterACropIsAStepOfItsOwn) {
  const Plan plan = plan_of({cropped({20, 10, 40, 30}, kSize),
                             cropped({-10, -10, 60, 50}, {40, 30}, {{}, Border::kReflect101, {}})});
  EXPECT_EQ(steps(plan), 2U);
  EXPECT_EQ(largest_difference(plan), 0);
}

TEST(Fusion, AReflectedBorderAfterAFlipIsNot) {
  const Plan plan = plan_of({fitted(scaling(-1, 1), kSize),
                             cropped({-10, -10, 100, 80}, kSize, {{}, Border::kReflect101, {}})});
  EXPECT_EQ(steps(plan), 1U);
  EXPECT_EQ(largest_difference(plan), 0);
}

TEST(Fusion, AReflectedBorderInsideATurnStaysReflected) {
  const Plan plan =
      plan_of({turn(20, kSize, {{}, Border::kReflect101, {}}), fitted(scaling(-1, 1), kSize)});
  EXPECT_EQ(steps(plan), 1U);
  EXPECT_LE(largest_difference(plan), 6);
}

TEST(Fusion, AFlipAfterAResizingDoesNotDarkenTheBorder) {
  const Plan plan = plan_of({resized(kSize, {200, 150}, {}), fitted(scaling(-1, 1), {200, 150})});
  EXPECT_EQ(steps(plan), 1U);
  EXPECT_LE(largest_difference(plan), 4);
}

TEST(Fusion, ACropAndAResizingAreOneResamplingThatSeesTheCropOnly) {
  const Plan plan = plan_of({cropped({10, 10, 40, 30}, kSize), resized({40, 30}, {160, 120}, {})});
  EXPECT_EQ(steps(plan), 1U);
  EXPECT_LE(largest_difference(plan), 4);  // half a pixel of what the crop cut, at its border
}

TEST(Fusion, InterpolationsThatDifferStayApart) {
  const Plan plan = plan_of({turn(10, kSize, {Interpolation::kNearest, {}, {}}),
                             turn(10, kSize, {Interpolation::kCubic, {}, {}})});
  EXPECT_EQ(steps(plan), 2U);
}

TEST(Fusion, AveragingStaysApartAndAverages) {
  const Resizing area{Interpolation::kArea, {}};
  const Plan plan = plan_of({fitted(scaling(-1, 1), kSize), resized(kSize, {8, 6}, area)});
  EXPECT_EQ(steps(plan), 2U);
  cv::Mat stripes(kSize.height, kSize.width, CV_8UC3, cv::Scalar::all(0));
  for (int x = 0; x < stripes.cols; x += 2) stripes.col(x).setTo(cv::Scalar::all(200));
  const cv::Mat out = render(plan_pixels(plan, Fusion::kFull), {stripes, {}}, nullptr).pixels;
  EXPECT_EQ(cv::norm(out, cv::Mat(out.size(), out.type(), cv::Scalar::all(100)), cv::NORM_INF), 0);
}

TEST(Fusion, AreaWithoutShrinkingIsLinear) {
  const Plan plan =
      plan_of({resized(kSize, {160, 120}, {Interpolation::kArea, {}}), turn(10, {160, 120})});
  EXPECT_EQ(steps(plan), 1U);
  EXPECT_LE(largest_difference(plan), 200);
}

TEST(Fusion, CurvesAreRoundedOnce) {
  const Curve half = [](double value) { return value / 2; };
  const Curve twice = [](double value) { return value * 2; };
  const Plan plan = plan_of({Tone{{half, half, half}}, Tone{{twice, twice, twice}}});
  EXPECT_EQ(steps(plan), 1U);
  EXPECT_EQ(cv::norm(shown(plan, Fusion::kFull), picture(), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(shown(plan, Fusion::kNone), picture(), cv::NORM_INF), 0);
}

TEST(Fusion, ColoursBetweenMovesKeepThemApart) {
  const Curve dark = [](double value) { return value / 2; };
  const Plan plan = plan_of({turn(5, kSize), Tone{{dark, dark, dark}}, turn(5, kSize)});
  EXPECT_EQ(steps(plan), 3U);
}

}  // namespace
}  // namespace labelloom::augment
