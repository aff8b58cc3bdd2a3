// Blurs and sharpening, held to their definitions.

#include <array>
#include <cmath>
#include <set>

#include "augment/kernel.h"
#include "filter_support.h"

namespace labelloom::augment {
namespace {

constexpr Dialect kVersion1 = Dialect::kAlbumentations1;

Setting side(int value) { return range_setting(value, value); }
Setting exactly(double value) { return range_setting(value, value); }

class KeepsAConstant : public ::testing::TestWithParam<FilterCase> {};

TEST_P(KeepsAConstant, PictureAsItIs) {
  for (const int value : {0, 1, 100, 254, 255}) {
    const cv::Mat in = grey({40, 30}, value);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      EXPECT_TRUE(same(filtered(GetParam(), in, seed), in)) << value;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Filters,
                         KeepsAConstant,
                         ::testing::Values(FilterCase{"Blur"},
                                           FilterCase{"MedianBlur"},
                                           FilterCase{"GaussianBlur"},
                                           FilterCase{"GaussianBlur", {}, kVersion1},
                                           FilterCase{"MotionBlur", {{"blur_limit", {31.0}}}},
                                           FilterCase{"Defocus"},
                                           FilterCase{"Emboss"},
                                           FilterCase{"UnsharpMask", {{"threshold", {0.0}}}},
                                           FilterCase{"Sharpen", {{"lightness", exactly(1)}}},
                                           FilterCase{"Sharpen", {{"method", text("gaussian")}}},
                                           FilterCase{"Downscale"}),
                         [](const auto& test) {
                           return test.param.name + std::to_string(test.index);
                         });

TEST(DrawOdd, TakesEveryOddNumberOfTheRangeAndNothingElse) {
  Random random(RandomKey{.seed = 5});
  std::set<int> seen;
  for (int i = 0; i < 200; ++i) seen.insert(draw_odd({4, 9}, random));
  EXPECT_EQ(seen, (std::set<int>{5, 7, 9}));
  EXPECT_EQ(draw_odd({0, 0}, random), 3);
}

TEST(Blur, SpreadsAPointOverItsWindow) {
  const cv::Mat out = filtered({"Blur", {{"blur_limit", side(5)}}}, impulse({15, 15}));
  for (int y = 0; y < 15; ++y) {
    for (int x = 0; x < 15; ++x) {
      const bool inside = std::abs(x - 7) <= 2 && std::abs(y - 7) <= 2;
      EXPECT_EQ(level(out, x, y), inside ? 10 : 0) << x << ' ' << y;  // 255 / 25 = 10.2
    }
  }
}

TEST(Blur, ReadsOneNumberAsTheLargestWindow) {
  const cv::Mat in = test_card();
  const FilterCase one{"Blur", {{"blur_limit", {9.0}}}};
  const FilterCase two{"Blur", {{"blur_limit", range_setting(3, 9)}}};
  const FilterCase renamed{"Blur", {{"blur_range", range_setting(3, 9)}}};
  for (std::uint64_t seed = 1; seed < 10; ++seed) {
    EXPECT_TRUE(same(filtered(one, in, seed), filtered(two, in, seed)));
    EXPECT_TRUE(same(filtered(renamed, in, seed), filtered(two, in, seed)));
  }
}

TEST(Blur, MirrorsAtTheBorderWithoutTheEdgePixel) {
  cv::Mat in = grey({8, 8}, 0);
  in.col(1).setTo(cv::Scalar::all(90));
  const cv::Mat out = filtered({"Blur", {{"blur_limit", side(3)}}}, in);
  EXPECT_EQ(level(out, 0, 4), 60);  // 90, 0, 90
}

TEST(MedianBlur, RemovesASinglePixelAndKeepsAStraightEdge) {
  cv::Mat in = grey({20, 20}, 50);
  in.colRange(10, 20).setTo(cv::Scalar::all(200));
  cv::Mat spoiled = in.clone();
  spoiled.at<cv::Vec3b>(4, 4) = {255, 0, 255};
  EXPECT_TRUE(same(filtered({"MedianBlur", {{"blur_limit", side(3)}}}, spoiled), in));
}

TEST(GaussianBlur, SpreadsAPointAsTheBellCurve) {
  const double sigma = 1.5;
  const cv::Mat out =
      filtered({"GaussianBlur", {{"sigma_limit", exactly(sigma)}}}, impulse({31, 31}));
  double total = 0;
  for (int i = -20; i <= 20; ++i) total += std::exp(-i * i / (2 * sigma * sigma));
  for (int y = 0; y < 31; ++y) {
    for (int x = 0; x < 31; ++x) {
      const double square = (x - 15) * (x - 15) + (y - 15) * (y - 15);
      const double wanted = 255 * std::exp(-square / (2 * sigma * sigma)) / (total * total);
      EXPECT_NEAR(level(out, x, y), wanted, 1) << x << ' ' << y;
    }
  }
}

TEST(GaussianBlur, OfVersion1DrawsTheWindowAndTakesSigmaFromIt) {
  const FilterCase bare{"GaussianBlur", {}, kVersion1};
  const FilterCase explicitly{"GaussianBlur",
                              {{"blur_limit", range_setting(3, 7)}, {"sigma_limit", {0.0}}}};
  const cv::Mat in = test_card();
  EXPECT_TRUE(same(filtered(bare, in), filtered(explicitly, in)));
  EXPECT_FALSE(same(filtered(bare, in), filtered({"GaussianBlur"}, in)));
}

TEST(GaussianBlur, OfNoWidthDoesNothing) {
  const FilterCase none{"GaussianBlur", {{"sigma_limit", {0.0}}, {"blur_limit", {0.0}}}};
  EXPECT_TRUE(drawn(none, {20, 20}).effects().empty());
}

FilterCase motion(double angle, double direction, int window = 9) {
  return {"MotionBlur",
          {{"blur_limit", side(window)},
           {"angle_range", exactly(angle)},
           {"direction_range", exactly(direction)},
           {"allow_shifted", {false}}}};
}

TEST(MotionBlur, OfAngleZeroSpreadsAlongXOnly) {
  const cv::Mat out = filtered(motion(0, 0), impulse({31, 31}));
  for (int y = 0; y < 31; ++y) {
    for (int x = 0; x < 31; ++x) {
      const bool inside = y == 15 && std::abs(x - 15) <= 4;
      EXPECT_EQ(level(out, x, y), inside ? 28 : 0) << x << ' ' << y;  // 255 / 9 = 28.3
    }
  }
}

TEST(MotionBlur, OfAQuarterTurnSpreadsAlongY) {
  const cv::Mat out = filtered(motion(90, 0), impulse({31, 31}));
  EXPECT_EQ(level(out, 15, 11), 28);
  EXPECT_EQ(level(out, 15, 19), 28);
  EXPECT_EQ(level(out, 14, 15), 0);
}

TEST(MotionBlur, GoesTheWayTheDirectionSays) {
  const cv::Mat forwards = filtered(motion(0, 1), impulse({31, 31}));
  EXPECT_GT(level(forwards, 19, 15), 0);
  EXPECT_EQ(level(forwards, 14, 15), 0);
  const cv::Mat backwards = filtered(motion(0, -1), impulse({31, 31}));
  EXPECT_GT(level(backwards, 11, 15), 0);
  EXPECT_EQ(level(backwards, 16, 15), 0);
}

TEST(MotionBlur, KeepsTheSumOfAPointsLight) {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const FilterCase any{"MotionBlur", {{"blur_limit", range_setting(3, 15)}}};
    const cv::Mat out = filtered(any, impulse({63, 63}), seed);
    // Each of up to 15 pixels is rounded.
    EXPECT_NEAR(cv::sum(out)[0], 255, 7.5);
  }
}

TEST(Spread, PutsAPointWhereTheOffsetsSay) {
  cv::Mat picture = impulse({9, 9});
  const std::array<PixelOffset, 3> offsets{{{0, 0}, {2, 0}, {1, -3}}};
  spread(picture, offsets);
  EXPECT_EQ(level(picture, 4, 4), 85);
  EXPECT_EQ(level(picture, 6, 4), 85);
  EXPECT_EQ(level(picture, 5, 1), 85);
  EXPECT_EQ(cv::sum(picture)[0], 255);
}

TEST(Defocus, SpreadsAPointOverADisc) {
  const cv::Mat out = filtered({"Defocus", {{"radius", exactly(3)}, {"alias_blur", exactly(0)}}},
                               impulse({21, 21}));
  for (int y = 0; y < 21; ++y) {
    for (int x = 0; x < 21; ++x) {
      const bool inside = (x - 10) * (x - 10) + (y - 10) * (y - 10) <= 9;
      EXPECT_EQ(level(out, x, y), inside ? 9 : 0) << x << ' ' << y;  // 255 / 29 = 8.8
    }
  }
}

TEST(Defocus, SoftensTheDiscsEdge) {
  const cv::Mat out = filtered({"Defocus", {{"radius", exactly(2)}, {"alias_blur", exactly(0.8)}}},
                               impulse({21, 21}));
  EXPECT_GT(level(out, 13, 10), 0);
  EXPECT_LT(level(out, 13, 10), level(out, 12, 10));
  EXPECT_EQ(level(out, 14, 10), 0);
}

TEST(Defocus, WorksOnPicturesSmallerThanItsDisc) {
  const cv::Mat in = grey({3, 2}, 77);
  EXPECT_TRUE(same(filtered({"Defocus", {{"radius", exactly(10)}}}, in), in));
}

TEST(Correlate, GivesTheKernelMirroredForAPoint) {
  cv::Mat picture = grey({7, 7}, 0);
  picture.at<cv::Vec3b>(3, 3) = {100, 100, 100};
  correlate(picture, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9});
  for (int j = -1; j <= 1; ++j) {
    for (int i = -1; i <= 1; ++i) {
      EXPECT_EQ(level(picture, 3 - i, 3 - j), 10 * (3 * (j + 1) + i + 2)) << i << ' ' << j;
    }
  }
}

TEST(Sharpen, MultipliesFlatPartsByItsLightness) {
  const cv::Mat in = grey({20, 20}, 100);
  const FilterCase darker{"Sharpen", {{"alpha", exactly(0.5)}, {"lightness", exactly(0.5)}}};
  EXPECT_TRUE(same(filtered(darker, in), grey({20, 20}, 75)));  // 1 - 0.5 + 0.5 * 0.5
}

TEST(Sharpen, AnswersAPointWithItsKernel) {
  cv::Mat in = grey({9, 9}, 100);
  in.at<cv::Vec3b>(4, 4) = {110, 110, 110};
  const cv::Mat out =
      filtered({"Sharpen", {{"alpha", exactly(0.5)}, {"lightness", exactly(1)}}}, in);
  EXPECT_EQ(level(out, 4, 4), 150);  // 110 + 0.5 * 8 * 10
  EXPECT_EQ(level(out, 5, 4), 95);
  EXPECT_EQ(level(out, 3, 3), 95);
  EXPECT_EQ(level(out, 6, 4), 100);
}

TEST(Sharpen, AgainstAGaussianRaisesTheContrastOfAnEdge) {
  cv::Mat in = grey({20, 20}, 100);
  in.colRange(10, 20).setTo(cv::Scalar::all(150));
  const cv::Mat out =
      filtered({"Sharpen", {{"method", text("gaussian")}, {"alpha", exactly(0.5)}}}, in);
  EXPECT_LT(level(out, 9, 10), 95);
  EXPECT_GT(level(out, 10, 10), 155);
  EXPECT_EQ(level(out, 2, 10), 100);
  EXPECT_EQ(level(out, 17, 10), 150);
}

TEST(UnsharpMask, LeavesDifferencesUnderTheThresholdAlone) {
  cv::Mat in = grey({30, 20}, 100);
  in.colRange(10, 20).setTo(cv::Scalar::all(108));
  in.colRange(20, 30).setTo(cv::Scalar::all(200));
  const cv::Mat out = filtered({"UnsharpMask", {{"alpha", exactly(1)}}}, in);
  EXPECT_EQ(level(out, 9, 10), 100);
  EXPECT_EQ(level(out, 10, 10), 108);
  EXPECT_LT(level(out, 19, 10), 108);
  EXPECT_GT(level(out, 20, 10), 200);
}

TEST(Emboss, LightsEdgesFromTheBottomRight) {
  cv::Mat in = grey({20, 20}, 100);
  in.colRange(10, 20).setTo(cv::Scalar::all(150));
  const FilterCase emboss{"Emboss", {{"alpha", exactly(0.5)}, {"strength", exactly(0.4)}}};
  const cv::Mat out = filtered(emboss, in);
  // The right column of the kernel: 0.5 * (0 + 0.4 + 1.4) of the step of 50.
  EXPECT_EQ(level(out, 9, 10), 145);
  EXPECT_EQ(level(out, 5, 10), 100);
  EXPECT_EQ(level(out, 15, 10), 150);
}

}  // namespace
}  // namespace labelloom::augment
