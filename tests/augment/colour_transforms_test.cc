// Colours after each transform with fixed parameters, against the numbers of its definition.

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "augment/curve.h"
#include "tests/augment/one_transform.h"

namespace labelloom::augment {
namespace {

constexpr Rgb kRed{255, 0, 0};
constexpr Rgb kGreen{0, 255, 0};
constexpr Rgb kBlue{0, 0, 255};
constexpr Rgb kColour{200, 100, 50};

Setting::Members fixed(const char* name, double value) { return {{name, numbers({value, value})}}; }

TEST(ColourTransforms, BrightnessAddsAShareOfFullScale) {
  EXPECT_EQ(changed(kColour, "RandomBrightness", fixed("limit", 0.2)), (Rgb{251, 151, 101}));
  EXPECT_EQ(changed(kColour,
                    "RandomBrightnessContrast",
                    {{"brightness_limit", numbers({0.2, 0.2})}, {"contrast_limit", {0.0}}}),
            (Rgb{251, 151, 101}));
}

TEST(ColourTransforms, ContrastMultiplies) {
  EXPECT_EQ(changed(kColour, "RandomContrast", fixed("limit", -0.5)), (Rgb{100, 50, 25}));
  EXPECT_EQ(changed(kColour,
                    "RandomBrightnessContrast",
                    {{"brightness_limit", {0.0}}, {"contrast_limit", numbers({-0.5, -0.5})}}),
            (Rgb{100, 50, 25}));
}

TEST(ColourTransforms, BrightnessByMeanAddsAShareOfTheMean) {
  // The mean of 200, 100 and 50 is 350 / 3.
  EXPECT_EQ(changed(kColour,
                    "RandomBrightnessContrast",
                    {{"brightness_limit", numbers({0.3, 0.3})},
                     {"contrast_limit", {0.0}},
                     {"brightness_by_max", {false}}}),
            (Rgb{235, 135, 85}));
}

TEST(ColourTransforms, ASafeRangeKeepsWhiteBelowWhite) {
  // beta = 51 leaves a factor of 204 / 255 at most.
  const Setting::Members members{{"brightness_limit", numbers({0.2, 0.2})},
                                 {"contrast_limit", numbers({0.5, 0.5})},
                                 {"ensure_safe_range", {true}}};
  EXPECT_EQ(changed(Rgb{255, 100, 0}, "RandomBrightnessContrast", members), (Rgb{255, 131, 51}));
  // Nothing dark may become darker than black: no beta below 0.
  EXPECT_EQ(changed(Rgb{255, 100, 0},
                    "RandomBrightnessContrast",
                    {{"brightness_limit", numbers({-0.2, -0.2})},
                     {"contrast_limit", {0.0}},
                     {"ensure_safe_range", {true}}}),
            (Rgb{255, 100, 0}));
}

TEST(ColourTransforms, GammaRaisesSharesOfFullScaleToAPower) {
  for (const double gamma : {0.5, 1.0, 2.2}) {
    for (const int level : {0, 1, 64, 128, 254, 255}) {
      const auto value = static_cast<std::uint8_t>(level);
      const long expected = std::lround(255 * std::pow(level / 255.0, gamma));
      EXPECT_EQ(
          changed(Rgb{value, value, value}, "RandomGamma", fixed("gamma_limit", 100 * gamma)).g,
          expected)
          << gamma << " " << level;
    }
  }
}

TEST(ColourTransforms, PosterizeKeepsTheHighestBits) {
  const Rgb before{0xAB, 0x5F, 0xF1};
  EXPECT_EQ(changed(before, "Posterize", {{"num_bits", {4.0}}}), (Rgb{0xA0, 0x50, 0xF0}));
  EXPECT_EQ(changed(before, "Posterize", {{"num_bits", {1.0}}}), (Rgb{0x80, 0, 0x80}));
  EXPECT_EQ(changed(before, "Posterize", {{"num_bits", {8.0}}}), before);
  EXPECT_EQ(changed(before, "Posterize", {{"num_bits", {0.0}}}), (Rgb{0, 0, 0}));
  EXPECT_EQ(changed(before, "Posterize", {{"num_bits", numbers({8, 4, 1})}}),
            (Rgb{0xAB, 0x50, 0x80}));
}

TEST(ColourTransforms, SolarizeInvertsFromTheThresholdOn) {
  const Rgb before{127, 128, 255};
  EXPECT_EQ(changed(before, "Solarize"), (Rgb{127, 127, 0}));
  EXPECT_EQ(changed(before, "Solarize", fixed("threshold_range", 1)), (Rgb{127, 128, 0}));
  for (int level = 0; level < 256; ++level) {
    const auto value = static_cast<std::uint8_t>(level);
    const auto just_below = static_cast<std::uint8_t>(level - 1);
    const Rgb out = changed(Rgb{value, just_below, 0},
                            "Solarize",
                            {{"threshold", {static_cast<double>(level)}}},
                            Dialect::kAlbumentations1);
    EXPECT_EQ(out.r, 255 - level);
    if (level > 0) {
      EXPECT_EQ(out.g, level - 1);
    }
  }
}

TEST(ColourTransforms, InvertMakesTheNegative) {
  EXPECT_EQ(changed(kColour, "InvertImg"), (Rgb{55, 155, 205}));
}

TEST(ColourTransforms, ChannelsAreShiftedEachByItsOwn) {
  const Setting::Members members{{"r_shift_limit", numbers({10, 10})},
                                 {"g_shift_limit", numbers({-20, -20})},
                                 {"b_shift_limit", numbers({250, 250})}};
  EXPECT_EQ(changed(kColour, "RGBShift", members), (Rgb{210, 80, 255}));
}

TEST(ColourTransforms, ShiftsWithinOneAreSharesInAlbumentations2Alone) {
  const Setting::Members members{{"r_shift_limit", numbers({0.2, 0.2})},
                                 {"g_shift_limit", numbers({1, 1})},
                                 {"b_shift_limit", numbers({1, 1.4})}};
  const Settings two = adapted("RGBShift", Settings(members), Dialect::kAlbumentations2);
  EXPECT_EQ(two.find("r_shift_limit")->text(), "[51,51]");
  EXPECT_EQ(two.find("g_shift_limit")->text(), "[255,255]");
  EXPECT_EQ(two.find("b_shift_limit")->text(), "[1,1.4]");
  const Settings one = adapted("RGBShift", Settings(members), Dialect::kAlbumentations1);
  EXPECT_EQ(one.find("r_shift_limit")->text(), "[0.2,0.2]");
}

TEST(ColourTransforms, ShufflingPermutesChannelsInAllSixOrders) {
  const cv::Mat pixel(1, 1, CV_8UC3, cv::Scalar(1, 2, 3));
  std::set<std::array<int, 3>> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto out =
        changed(pixel, "ChannelShuffle", {}, Dialect::kLabelLoom, seed).at<cv::Vec3b>(0, 0);
    seen.insert({out[0], out[1], out[2]});
  }
  EXPECT_EQ(seen.size(), 6U);
  for (std::array<int, 3> order : seen) {
    std::ranges::sort(order);
    EXPECT_EQ(order, (std::array<int, 3>{1, 2, 3}));
  }
}

TEST(ColourTransforms, DroppedChannelsTakeTheFillAndTheOthersStay) {
  for (const int count : {1, 2}) {
    std::set<std::array<int, 3>> seen;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      const cv::Mat pixel(1, 1, CV_8UC3, cv::Scalar(10, 20, 30));
      const auto out = changed(pixel,
                               "ChannelDropout",
                               {{"channel_drop_range", numbers({double(count), double(count)})},
                                {"fill_value", {7.0}}},
                               Dialect::kAlbumentations1,
                               seed)
                           .at<cv::Vec3b>(0, 0);
      int filled = 0;
      for (int i = 0; i < 3; ++i) {
        filled += out[i] == 7 ? 1 : 0;
        EXPECT_TRUE(out[i] == 7 || out[i] == 10 * (i + 1));
      }
      EXPECT_EQ(filled, count);
      seen.insert({out[0], out[1], out[2]});
    }
    EXPECT_EQ(seen.size(), 3U);
  }
  EXPECT_ANY_THROW((void)changed(kColour, "ChannelDropout", fixed("channel_drop_range", 3)));
}

TEST(ColourTransforms, GreyIsTheWeightedMean) {
  // 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
  EXPECT_EQ(changed(kColour, "ToGray"), (Rgb{124, 124, 124}));
  const auto by = [](const char* method) {
    return changed(kColour, "ToGray", {{"method", {std::string(method)}}});
  };
  EXPECT_EQ(by("average"), (Rgb{117, 117, 117}));
  EXPECT_EQ(by("max"), (Rgb{200, 200, 200}));
  EXPECT_EQ(by("desaturation"), (Rgb{125, 125, 125}));
  // L* of sRGB (200, 100, 50) is 53.8 of 100: 137 of 255.
  EXPECT_NEAR(by("from_lab").r, 137, 1);
  EXPECT_EQ(by("from_lab").r, by("from_lab").b);
  EXPECT_ANY_THROW(by("pca"));
}

TEST(ColourTransforms, SepiaIsItsMatrix) {
  // 0.393 * 200 + 0.769 * 100 + 0.189 * 50 = 164.95, and so on.
  EXPECT_EQ(changed(kColour, "ToSepia"), (Rgb{165, 147, 114}));
  EXPECT_EQ(changed(Rgb{255, 255, 255}, "ToSepia"), (Rgb{255, 255, 239}));
}

TEST(ColourTransforms, HueTurnsPureColoursIntoEachOther) {
  const auto turned = [](Rgb colour, double hue) {
    return changed(colour,
                   "HueSaturationValue",
                   {{"hue_shift_limit", numbers({hue, hue})},
                    {"sat_shift_limit", {0.0}},
                    {"val_shift_limit", {0.0}}});
  };
  EXPECT_EQ(turned(kRed, 60), kGreen);
  EXPECT_EQ(turned(kGreen, 60), kBlue);
  EXPECT_EQ(turned(kBlue, 60), kRed);
  EXPECT_EQ(turned(kRed, -60), kBlue);
  EXPECT_EQ(turned(kRed, 30), (Rgb{255, 255, 0}));
}

TEST(ColourTransforms, SaturationAndValueAreShiftedInTheirOwnScales) {
  const auto shifted = [](Rgb colour, double saturation, double value) {
    return changed(colour,
                   "HueSaturationValue",
                   {{"hue_shift_limit", {0.0}},
                    {"sat_shift_limit", numbers({saturation, saturation})},
                    {"val_shift_limit", numbers({value, value})}});
  };
  EXPECT_EQ(shifted(kRed, -255, 0), (Rgb{255, 255, 255}));
  EXPECT_EQ(shifted(kRed, -51, 0), (Rgb{255, 51, 51}));
  EXPECT_EQ(shifted(kRed, 0, -55), (Rgb{200, 0, 0}));
  EXPECT_EQ(shifted(Rgb{100, 100, 100}, 0, 30), (Rgb{130, 130, 130}));
}

TEST(ColourTransforms, GreyStaysGreyWhateverIsAddedToItsSaturation) {
  EXPECT_EQ(changed(Rgb{100, 100, 100},
                    "HueSaturationValue",
                    {{"hue_shift_limit", {0.0}},
                     {"sat_shift_limit", numbers({30, 30})},
                     {"val_shift_limit", {0.0}}}),
            (Rgb{100, 100, 100}));
}

Setting::Members jitter(double brightness, double contrast, double saturation, double hue) {
  return {{"brightness", numbers({brightness, brightness})},
          {"contrast", numbers({contrast, contrast})},
          {"saturation", numbers({saturation, saturation})},
          {"hue", numbers({hue, hue})}};
}

TEST(ColourTransforms, JitterChangesOneThingAtATime) {
  EXPECT_EQ(changed(kColour, "ColorJitter", jitter(0.5, 1, 1, 0)), (Rgb{100, 50, 25}));
  // The grey of the only pixel is its own mean: 124.
  EXPECT_EQ(changed(kColour, "ColorJitter", jitter(1, 0.5, 1, 0)), (Rgb{162, 112, 87}));
  EXPECT_EQ(changed(kColour, "ColorJitter", jitter(1, 1, 0, 0)), (Rgb{124, 124, 124}));
  EXPECT_EQ(changed(kColour, "ColorJitter", jitter(1, 1, 1, 0)), kColour);
  EXPECT_EQ(changed(kRed, "ColorJitter", jitter(1, 1, 1, 1.0 / 3)), kGreen);
}

TEST(ColourTransforms, JitterWithoutSaturationIsGreyInWhateverOrder) {
  const cv::Mat picture = noise_picture(16, 16);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const cv::Mat out =
        changed(picture, "ColorJitter", jitter(1.2, 0.7, 0, 0.2), Dialect::kLabelLoom, seed);
    for (int i = 0; i < 256; ++i) {
      const auto& pixel = out.at<cv::Vec3b>(i / 16, i % 16);
      EXPECT_TRUE(pixel[0] == pixel[1] && pixel[1] == pixel[2]);
    }
  }
}

TEST(ColourTransforms, JitterHasARandomOrder) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Plan plan =
        plan_of("ColorJitter", jitter(2, 2, 2, 0.1), {4, 4}, Dialect::kLabelLoom, seed);
    EXPECT_EQ(plan.steps[0].effects.size(), 4U);
    orders.insert(plan.steps[0].drawn.substr(plan.steps[0].drawn.find("order")));
  }
  EXPECT_EQ(orders.size(), 24U);
}

TEST(ColourTransforms, ANumberForJitterIsAnIntervalAboutOneAndAboutZeroForHue) {
  const Setting::Members members{
      {"brightness", {0.3}}, {"contrast", {1.5}}, {"saturation", {0.3}}, {"hue", {0.1}}};
  const Setting::Members intervals{{"brightness", numbers({0.7, 1.3})},
                                   {"contrast", numbers({0, 2.5})},
                                   {"saturation", numbers({0.7, 1.3})},
                                   {"hue", numbers({-0.1, 0.1})}};
  EXPECT_EQ(plan_of("ColorJitter", members, {4, 4}).steps[0].drawn,
            plan_of("ColorJitter", intervals, {4, 4}).steps[0].drawn);
}

TEST(ColourTransforms, JitterOfAlbumentations1TurnsHueByAFifthAtMost) {
  const Settings one = adapted("ColorJitter", {}, Dialect::kAlbumentations1);
  EXPECT_EQ(one.find("hue")->text(), "[-0.2,0.2]");
  EXPECT_FALSE(adapted("ColorJitter", {}, Dialect::kAlbumentations2).has("hue"));
}

TEST(ColourTransforms, EqualizeSpreadsALowContrastChannelOverTheWholeScale) {
  cv::Mat picture(1, 256, CV_8UC3);
  for (int i = 0; i < 256; ++i) {
    const auto level = static_cast<std::uint8_t>(100 + i / 64);  // four levels, equally often
    picture.at<cv::Vec3b>(0, i) = {level, level, 9};
  }
  const cv::Mat out = changed(picture, "Equalize");
  for (int i = 0; i < 256; ++i) {
    // The first level becomes 0, the others 64 k / 192 of 255; a single level stays.
    EXPECT_EQ(
        out.at<cv::Vec3b>(0, i),
        cv::Vec3b(
            static_cast<std::uint8_t>(85 * (i / 64)), static_cast<std::uint8_t>(85 * (i / 64)), 9));
  }
}

TEST(ColourTransforms, EqualizeAsPillowCountsTheLevelsBelow) {
  // Numbers of Pillow's ImageOps.equalize for 4000 pixels of 10, 1000 of 20 and 120 of 30.
  cv::Mat picture(64, 80, CV_8UC3);
  for (int i = 0; i < 5120; ++i) {
    const auto level = static_cast<std::uint8_t>(i < 4000 ? 10 : i < 5000 ? 20 : 30);
    picture.at<cv::Vec3b>(i / 80, i % 80) = {level, level, level};
  }
  const cv::Mat out = changed(picture, "Equalize", {{"mode", {std::string("pil")}}});
  EXPECT_EQ(out.at<cv::Vec3b>(0, 0)[0], 0);
  EXPECT_EQ(out.at<cv::Vec3b>(55, 0)[0], 211);
  EXPECT_EQ(out.at<cv::Vec3b>(63, 79)[0], 255);
}

TEST(ColourTransforms, EqualizeOfBrightnessKeepsHues) {
  cv::Mat picture(2, 64, CV_8UC3);
  for (int i = 0; i < 128; ++i) {
    const auto level = static_cast<std::uint8_t>(60 + i / 8);
    picture.at<cv::Vec3b>(i / 64, i % 64) = {level, level, static_cast<std::uint8_t>(level + 40)};
  }
  const cv::Mat out = changed(picture, "Equalize", {{"by_channels", {false}}});
  EXPECT_LT(out.at<cv::Vec3b>(0, 0)[0], 5);
  for (int i = 32; i < 96; ++i) {  // without clipping at either end
    const auto& pixel = out.at<cv::Vec3b>(i / 64, i % 64);
    EXPECT_NEAR(pixel[2] - pixel[0], 40, 3);
    EXPECT_NEAR(pixel[1] - pixel[0], 0, 3);
  }
}

TEST(ColourTransforms, ClaheRaisesLocalContrastOfLightnessAndNotItsColour) {
  cv::Mat picture(64, 64, CV_8UC3);
  for (int i = 0; i < 4096; ++i) {
    const auto level = static_cast<std::uint8_t>(100 + (i * 7) % 20);
    picture.at<cv::Vec3b>(i / 64, i % 64) = {level, level, level};
  }
  const cv::Mat out = changed(picture, "CLAHE", fixed("clip_limit", 4));
  cv::Scalar mean;
  cv::Scalar before;
  cv::Scalar after;
  cv::meanStdDev(picture, mean, before);
  cv::meanStdDev(out, mean, after);
  EXPECT_GT(after[0], 2 * before[0]);
  for (int i = 0; i < 4096; ++i) {
    const auto& pixel = out.at<cv::Vec3b>(i / 64, i % 64);
    EXPECT_NEAR(pixel[0], pixel[1], 1);
    EXPECT_NEAR(pixel[2], pixel[1], 1);
  }
  EXPECT_NO_THROW((void)changed(kColour, "CLAHE"));  // fewer pixels than tiles
  EXPECT_ANY_THROW((void)changed(kColour, "CLAHE", {{"tile_grid_size", numbers({8, 8, 8})}}));
}

TEST(ColourTransforms, ACurveFoundByAFilterRoundsAsAFusedOneDoes) {
  const cv::Mat picture = noise_picture(40, 30);
  cv::Mat filtered = picture.clone();
  apply_curve(line(0.7, 20.3), filtered);
  const Plan plan{{40, 30}, {40, 30}, {{"line", "", {tone(line(0.7, 20.3))}}}};
  EXPECT_TRUE(
      equal(filtered, render(plan_pixels(plan, Fusion::kFull), {picture, {}}, nullptr).pixels));
}

TEST(ColourTransforms, PointwiseTransformsFuseIntoOneTable) {
  Plan plan{{8, 8}, {8, 8}, {}};
  for (const char* name : {"RandomBrightness",
                           "RandomContrast",
                           "RandomGamma",
                           "Posterize",
                           "Solarize",
                           "InvertImg",
                           "RGBShift",
                           "ChannelDropout"}) {
    plan.steps.push_back(plan_of(name, {}, {8, 8}).steps[0]);
  }
  const PixelPlan fused = plan_pixels(plan, Fusion::kFull);
  ASSERT_EQ(fused.steps.size(), 1U);
  EXPECT_EQ(std::get<ColourPass>(fused.steps[0]).stages.size(), 1U);
}

}  // namespace
}  // namespace labelloom::augment
