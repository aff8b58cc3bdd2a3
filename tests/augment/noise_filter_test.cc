// Noise, compression and loss of resolution, held to their definitions.

#include <array>
#include <cmath>
#include <numeric>

#include "augment/hls.h"
#include "augment/noise.h"
#include "filter_support.h"

namespace labelloom::augment {
namespace {

constexpr Dialect kVersion1 = Dialect::kAlbumentations1;

Setting exactly(double value) { return range_setting(value, value); }

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments moments(const cv::Mat& picture) {
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(picture.reshape(1), mean, deviation);
  return {mean[0], deviation[0]};
}

/// Of two rows of numbers.
double correlation(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat x;
  cv::Mat y;
  a.convertTo(x, CV_64F);
  b.convertTo(y, CV_64F);
  x -= cv::mean(x)[0];
  y -= cv::mean(y)[0];
  return x.dot(y) / std::sqrt(x.dot(x) * y.dot(y));
}

cv::Mat channel(const cv::Mat& bgr, int index) {
  cv::Mat one;
  cv::extractChannel(bgr, one, index);
  return one;
}

TEST(NoiseRows, AreTheSameHoweverTheyAreAskedFor) {
  const NoiseRows rows(42);
  std::vector<std::uint16_t> first(100);
  std::vector<std::uint16_t> again(37);
  rows.fill(7, first);
  rows.fill(3, again);
  rows.fill(7, again);
  EXPECT_TRUE(std::equal(again.begin(), again.end(), first.begin()));
  rows.fill(8, again);
  EXPECT_FALSE(std::equal(again.begin(), again.end(), first.begin()));
  NoiseRows(43).fill(7, again);
  EXPECT_FALSE(std::equal(again.begin(), again.end(), first.begin()));
}

TEST(NoiseRows, AreTheSameNumbersOnEveryMachine) {
  // Worked out apart, with whole numbers of any length.
  std::array<std::uint16_t, 5> numbers{};
  NoiseRows(1).fill(2, numbers);
  EXPECT_EQ(numbers, (std::array<std::uint16_t, 5>{52812, 38696, 41734, 12455, 45014}));
}

TEST(NoiseRows, AreEvenAndIndependentOfTheirNeighbours) {
  cv::Mat numbers(512, 512, CV_16U);
  const NoiseRows rows(9);
  for (int y = 0; y < 512; ++y) rows.fill(y, {numbers.ptr<std::uint16_t>(y), 512});
  const Moments all = moments(numbers);
  EXPECT_NEAR(all.mean, 32767.5, 200);
  EXPECT_NEAR(all.deviation, 65536 / std::sqrt(12.0), 100);
  const cv::Range but_last(0, 511);
  const cv::Range but_first(1, 512);
  EXPECT_NEAR(correlation(numbers.rowRange(but_last), numbers.rowRange(but_first)), 0, 0.01);
  EXPECT_NEAR(correlation(numbers.colRange(but_last).clone(), numbers.colRange(but_first).clone()),
              0,
              0.01);
}

TEST(NormalTable, HoldsTheQuantilesOfTheNormalDistribution) {
  const NoiseTable table = normal_table(0, 100);
  ASSERT_EQ(table.size(), 65536U);
  EXPECT_EQ(table[55138], 100);  // 84.13 %
  EXPECT_EQ(table[1491], -200);  // 2.275 %
  EXPECT_EQ(table[32767], 0);
  EXPECT_EQ(table.front(), -432);  // 1 / 131072
  EXPECT_EQ(table.back(), 432);
  EXPECT_TRUE(std::ranges::is_sorted(table));
}

TEST(PoissonTable, HasMeanAndVarianceOfItsParameter) {
  for (const double wanted : {0.0, 0.3, 12.5, 600.0}) {
    const NoiseTable table = poisson_table(wanted);
    double sum = 0;
    double squares = 0;
    for (const double k : table) {
      sum += k;
      squares += k * k;
    }
    const double mean = sum / 65536;
    EXPECT_NEAR(mean, wanted, 0.001 + wanted / 10000);
    EXPECT_NEAR(squares / 65536 - mean * mean, wanted, 0.001 + wanted / 500);
  }
}

TEST(Hls, ComesBackAsTheSameColour) {
  for (int b = 0; b < 256; b += 15) {
    for (int g = 0; g < 256; g += 15) {
      for (int r = 0; r < 256; r += 15) {
        const std::array<std::uint8_t, 3> colour{static_cast<std::uint8_t>(b),
                                                 static_cast<std::uint8_t>(g),
                                                 static_cast<std::uint8_t>(r)};
        std::array<std::uint8_t, 3> back{};
        set_pixel(back.data(), hls_of(colour.data()));
        EXPECT_EQ(back, colour);
      }
    }
  }
}

TEST(Hls, TurnsRedToGreenByAThirdOfTheCircle) {
  std::array<std::uint8_t, 3> colour{0, 0, 255};
  Hls hls = hls_of(colour.data());
  hls.hue += 4;
  set_pixel(colour.data(), hls);
  EXPECT_EQ(colour, (std::array<std::uint8_t, 3>{0, 255, 0}));
}

TEST(GaussNoise, HasTheMeanAndDeviationAskedFor) {
  const cv::Mat in = grey({640, 480}, 120);
  const FilterCase noise{"GaussNoise",
                         {{"std_range", exactly(0.1)}, {"mean_range", exactly(0.02)}}};
  const Moments got = moments(filtered(noise, in));
  EXPECT_NEAR(got.mean, 120 + 0.02 * 255, 0.15);
  EXPECT_NEAR(got.deviation, 25.5, 0.15);
}

TEST(GaussNoise, DiffersBetweenChannelsUnlessItIsGrey) {
  const cv::Mat in = grey({256, 256}, 128);
  const cv::Mat coloured = filtered({"GaussNoise", {{"std_range", exactly(0.1)}}}, in);
  EXPECT_NEAR(correlation(channel(coloured, 0), channel(coloured, 2)), 0, 0.02);
  const cv::Mat plain =
      filtered({"GaussNoise", {{"std_range", exactly(0.1)}, {"per_channel", {false}}}}, in);
  EXPECT_TRUE(same(channel(plain, 0), channel(plain, 1)));
  EXPECT_TRUE(same(channel(plain, 0), channel(plain, 2)));
  EXPECT_NEAR(moments(plain).deviation, 25.5, 0.3);
}

TEST(GaussNoise, OfVersion1CountsInSquaredLevels) {
  const cv::Mat in = grey({640, 480}, 120);
  const FilterCase old{"GaussNoise", {{"var_limit", exactly(100)}, {"mean", {5.0}}}, kVersion1};
  const FilterCase ours{"GaussNoise",
                        {{"std_range", exactly(10.0 / 255)}, {"mean_range", exactly(5.0 / 255)}}};
  EXPECT_NEAR(moments(filtered(old, in)).deviation, 10, 0.1);
  EXPECT_TRUE(same(filtered(old, in), filtered(ours, in)));
  const double weak = moments(filtered({"GaussNoise", {}, kVersion1}, in)).deviation;
  EXPECT_GT(weak, 3);
  EXPECT_LT(weak, 7.3);
}

TEST(GaussNoise, OfACoarseScaleIsAlikeInNeighbours) {
  const cv::Mat in = grey({256, 256}, 128);
  const cv::Mat out =
      filtered({"GaussNoise", {{"std_range", exactly(0.1)}, {"noise_scale_factor", {0.25}}}}, in);
  const cv::Mat green = channel(out, 1);
  EXPECT_GT(correlation(green.colRange(0, 255).clone(), green.colRange(1, 256).clone()), 0.7);
  EXPECT_NEAR(correlation(green, channel(out, 2)), 0, 0.1);
}

TEST(GaussNoise, DependsOnTheKeyOnly) {
  const cv::Mat in = test_card();
  EXPECT_TRUE(same(filtered({"GaussNoise"}, in, 3), filtered({"GaussNoise"}, in, 3)));
  EXPECT_FALSE(same(filtered({"GaussNoise"}, in, 3), filtered({"GaussNoise"}, in, 4)));
}

TEST(IsoNoise, BrightensAndTurnsHues) {
  cv::Mat in(200, 300, CV_8UC3, cv::Scalar(40, 60, 160));
  in.rowRange(100, 200).setTo(cv::Scalar(120, 180, 220));
  const cv::Mat out =
      filtered({"ISONoise", {{"color_shift", exactly(0.05)}, {"intensity", exactly(0.5)}}}, in);
  EXPECT_GT(cv::mean(out)[0], cv::mean(in)[0]);
  EXPECT_GT(moments(channel(out.rowRange(0, 100), 1)).deviation, 3);
  EXPECT_TRUE(same(
      out,
      filtered({"ISONoise", {{"color_shift", exactly(0.05)}, {"intensity", exactly(0.5)}}}, in)));
}

TEST(IsoNoise, OfNoIntensityChangesNothing) {
  const cv::Mat in = test_card();
  EXPECT_TRUE(same(filtered({"ISONoise", {{"intensity", exactly(0)}}}, in), in));
}

TEST(MultiplicativeNoise, MultipliesTheWholePictureByOneNumber) {
  const cv::Mat in = test_card();
  cv::Mat wanted;
  in.convertTo(wanted, CV_8U, 1.5);
  EXPECT_LE(
      largest_difference(filtered({"MultiplicativeNoise", {{"multiplier", {1.5}}}}, in), wanted),
      1);
}

TEST(MultiplicativeNoise, OfElementsLiesWithinItsRange) {
  const cv::Mat in = grey({256, 256}, 100);
  const FilterCase grey_noise{"MultiplicativeNoise",
                              {{"multiplier", range_setting(0.5, 1.5)}, {"elementwise", {true}}}};
  const cv::Mat plain = filtered(grey_noise, in);
  double low = 0;
  double high = 0;
  cv::minMaxLoc(plain.reshape(1), &low, &high);
  EXPECT_EQ(low, 50);
  EXPECT_EQ(high, 150);
  EXPECT_NEAR(moments(plain).mean, 100, 0.7);
  EXPECT_TRUE(same(channel(plain, 0), channel(plain, 2)));
  FilterCase coloured = grey_noise;
  coloured.members.emplace_back("per_channel", Setting{true});
  const cv::Mat out = filtered(coloured, in);
  EXPECT_NEAR(correlation(channel(out, 0), channel(out, 2)), 0, 0.02);
}

TEST(MultiplicativeNoise, PerChannelHasThreeFactors) {
  const cv::Mat out = filtered(
      {"MultiplicativeNoise", {{"multiplier", range_setting(0.5, 1.5)}, {"per_channel", {true}}}},
      grey({10, 10}, 100));
  const auto& pixel = out.at<cv::Vec3b>(0, 0);
  EXPECT_NE(pixel[0], pixel[1]);
  EXPECT_NE(pixel[1], pixel[2]);
  EXPECT_TRUE(same(out, cv::Mat(10, 10, CV_8UC3, cv::Scalar(pixel[0], pixel[1], pixel[2]))));
}

class Compresses : public ::testing::TestWithParam<const char*> {};

TEST_P(Compresses, WorseAtALowerQuality) {
  const cv::Mat in = test_card();
  const auto at = [&](int quality) {
    return cv::norm(
        in,
        filtered({"ImageCompression",
                  {{"quality_range", exactly(quality)}, {"compression_type", text(GetParam())}}},
                 in));
  };
  EXPECT_GT(at(90), 0);
  EXPECT_GT(at(30), at(90));
  EXPECT_GT(at(5), at(30));
}

INSTANTIATE_TEST_SUITE_P(ImageCompression, Compresses, ::testing::Values("jpeg", "webp"));

TEST(ImageCompression, OfVersion1HasTheRangesEndsAndNumbersForFormats) {
  const cv::Mat in = test_card();
  for (const double format : {0.0, 1.0}) {
    const FilterCase old{
        "ImageCompression",
        {{"quality_lower", {10.0}}, {"quality_upper", {60.0}}, {"compression_type", {format}}},
        kVersion1};
    const FilterCase ours{"ImageCompression",
                          {{"quality_range", range_setting(10, 60)},
                           {"compression_type", text(format == 0 ? "jpeg" : "webp")}}};
    EXPECT_TRUE(same(filtered(old, in), filtered(ours, in)));
  }
}

TEST(Downscale, LeavesBlocksOfOneColour) {
  const cv::Mat in = test_card({80, 60});
  const cv::Mat out = filtered({"Downscale"}, in);
  ASSERT_EQ(out.size(), in.size());
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 80; ++x) {
      ASSERT_EQ(out.at<cv::Vec3b>(y, x), out.at<cv::Vec3b>(y / 4 * 4, x / 4 * 4));
    }
  }
}

TEST(Downscale, DoesNotShiftThePicture) {
  cv::Mat in = grey({90, 90}, 0);
  in.colRange(45, 90).setTo(cv::Scalar::all(200));
  const FilterCase third{"Downscale", {{"scale_range", exactly(1.0 / 3)}}};
  EXPECT_TRUE(same(filtered(third, in), in));
  in = impulse({9, 9});  // the middle of its block of three by three
  EXPECT_EQ(cv::sum(filtered(third, in))[0], 9 * 255);
}

TEST(Downscale, TakesInterpolationsInEveryDialectsForm) {
  const cv::Mat in = test_card();
  const FilterCase split{"Downscale",
                         {{"scale_range", exactly(0.5)},
                          {"downscale_interpolation", text("area")},
                          {"upscale_interpolation", text("linear")}}};
  const FilterCase pair{
      "Downscale",
      {{"scale_range", exactly(0.5)},
       {"interpolation_pair", {Setting::Members{{"downscale", {3.0}}, {"upscale", {1.0}}}}}},
      Dialect::kAlbumentations2};
  const FilterCase old{
      "Downscale",
      {{"scale_min", {0.5}},
       {"scale_max", {0.5}},
       {"interpolation", {Setting::Members{{"downscale", {3.0}}, {"upscale", {1.0}}}}}},
      kVersion1};
  EXPECT_TRUE(same(filtered(split, in), filtered(pair, in)));
  EXPECT_TRUE(same(filtered(split, in), filtered(old, in)));
  EXPECT_FALSE(
      same(filtered(split, in), filtered({"Downscale", {{"scale_range", exactly(0.5)}}}, in)));
}

}  // namespace
}  // namespace labelloom::augment
