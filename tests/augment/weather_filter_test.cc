// Fog, rain, snow, shadow and sun flare.

#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "filter_support.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

constexpr Dialect kVersion1 = Dialect::kAlbumentations1;

Setting exactly(double value) { return range_setting(value, value); }
Setting numbers(std::initializer_list<double> values) {
  Setting::List list;
  for (const double value : values) list.push_back({value});
  return {list};
}

class Weather : public ::testing::TestWithParam<FilterCase> {};

TEST_P(Weather, ChangesPixelsAndKeepsTheSize) {
  const cv::Mat in = test_card({160, 120});
  const cv::Mat before = in.clone();
  const cv::Mat out = filtered(GetParam(), in);
  ASSERT_EQ(out.size(), in.size());
  EXPECT_EQ(out.type(), CV_8UC3);
  EXPECT_GT(cv::norm(out, in, cv::NORM_L1) / static_cast<double>(in.total()), 0.5);
  EXPECT_TRUE(same(in, before));
}

TEST_P(Weather, DependsOnTheSeedOnly) {
  const cv::Mat in = test_card({160, 120});
  EXPECT_TRUE(same(filtered(GetParam(), in, 11), filtered(GetParam(), in, 11)));
  EXPECT_FALSE(same(filtered(GetParam(), in, 11), filtered(GetParam(), in, 12)));
}

TEST_P(Weather, WorksOnTheSmallestPictures) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 37), cv::Size(41, 1), cv::Size(2, 3)}) {
    for (std::uint64_t seed = 1; seed < 6; ++seed) {
      EXPECT_EQ(filtered(GetParam(), grey(size, 90), seed).size(), size);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Filters,
    Weather,
    ::testing::Values(FilterCase{"RandomFog"},
                      FilterCase{"RandomRain"},
                      FilterCase{"RandomRain", {{"rain_type", text("torrential")}}, kVersion1},
                      FilterCase{"RandomSnow"},
                      FilterCase{"RandomSnow", {{"method", text("texture")}}},
                      FilterCase{"RandomShadow"},
                      FilterCase{"RandomSunFlare", {{"src_radius", {60.0}}}},
                      FilterCase{"RandomSunFlare",
                                 {{"src_radius", {20.0}}, {"method", text("physics_based")}}}),
    [](const auto& test) { return test.param.name + std::to_string(test.index); });

struct OldAndOurs {
  FilterCase old;
  FilterCase ours;
};

class OldParameters : public ::testing::TestWithParam<OldAndOurs> {};

TEST_P(OldParameters, GiveTheSameTransform) {
  const cv::Mat in = test_card({160, 120});
  for (std::uint64_t seed = 1; seed < 4; ++seed) {
    EXPECT_TRUE(same(filtered(GetParam().old, in, seed), filtered(GetParam().ours, in, seed)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Version1,
    OldParameters,
    ::testing::Values(
        OldAndOurs{{"RandomFog", {{"fog_coef_lower", {0.5}}}, kVersion1},
                   {"RandomFog", {{"fog_coef_range", range_setting(0.5, 1)}}}},
        OldAndOurs{
            {"RandomSnow", {{"snow_point_lower", {0.2}}, {"snow_point_upper", {0.4}}}, kVersion1},
            {"RandomSnow", {{"snow_point_range", range_setting(0.2, 0.4)}}}},
        OldAndOurs{{"RandomShadow",
                    {{"num_shadows_lower", {2.0}}, {"num_shadows_upper", {4.0}}},
                    kVersion1},
                   {"RandomShadow", {{"num_shadows_limit", range_setting(2, 4)}}}},
        OldAndOurs{{"RandomSunFlare",
                    {{"angle_lower", {0.25}},
                     {"angle_upper", {0.5}},
                     {"num_flare_circles_lower", {1.0}},
                     {"num_flare_circles_upper", {2.0}}},
                    kVersion1},
                   {"RandomSunFlare",
                    {{"angle_range", range_setting(0.25, 0.5)},
                     {"num_flare_circles_range", range_setting(1, 2)}}}},
        OldAndOurs{{"RandomRain",
                    {{"slant_lower", {-5.0}}, {"slant_upper", {5.0}}, {"rain_type", {}}},
                    kVersion1},
                   {"RandomRain",
                    {{"slant_range", range_setting(-5, 5)},
                     {"drop_area", {600.0}},
                     {"drop_length", {20.0}}}}},
        OldAndOurs{
            {"RandomRain", {{"rain_type", text("heavy")}}, kVersion1},
            {"RandomRain",
             {{"rain_type", text("heavy")}, {"drop_area", {600.0}}, {"drop_length", {30.0}}}}}),
    [](const auto& test) { return test.param.old.name + std::to_string(test.index); });

TEST(RandomFog, OnlyBrightensAndIsDenserInTheMiddle) {
  const cv::Mat in = test_card({160, 120});
  cv::Mat out = filtered({"RandomFog", {{"fog_coef_range", exactly(0.5)}}}, in);
  EXPECT_EQ(cv::countNonZero(cv::Mat(out < in).reshape(1)), 0);
  out = filtered({"RandomFog", {{"fog_coef_range", exactly(0.5)}}}, grey({320, 240}, 0));
  const double middle = cv::mean(out(cv::Rect(120, 90, 80, 60)))[0];
  const double corner = cv::mean(out(cv::Rect(0, 0, 40, 30)))[0];
  EXPECT_GT(middle, corner + 20);
  EXPECT_GT(corner, 0);
}

TEST(RandomFog, HidesMoreTheDenserItIs) {
  const auto lit = [](double coefficient) {
    return cv::mean(filtered({"RandomFog", {{"fog_coef_range", exactly(coefficient)}}},
                             grey({320, 240}, 0)))[0];
  };
  EXPECT_GT(lit(0.3), 5);
  EXPECT_GT(lit(0.6), lit(0.3) + 15);
  EXPECT_GT(lit(1), lit(0.6) + 25);
  EXPECT_EQ(lit(0), 0);
}

TEST(RandomFog, HidesAsMuchAsAlbumentationsDoes) {
  struct Case {
    cv::Size size;
    double density;
    double hidden;  // mean of 12 pictures by albumentations 2.0.8, +- 0.002
  };
  constexpr int kPictures = 8;
  for (const Case& peer : {Case{{640, 480}, 0.3, 0.026},
                           Case{{640, 480}, 0.65, 0.120},
                           Case{{640, 480}, 1, 0.244},
                           Case{{480, 640}, 0.5, 0.127},
                           Case{{480, 640}, 1, 0.395},
                           Case{{320, 240}, 0.65, 0.108}}) {
    double hidden = 0;
    for (std::uint64_t seed = 0; seed < kPictures; ++seed) {
      const cv::Mat out = filtered(
          {"RandomFog", {{"fog_coef_range", exactly(peer.density)}}}, grey(peer.size, 0), seed);
      hidden += cv::mean(out)[0] / 255 / kPictures;
    }
    EXPECT_NEAR(hidden, peer.hidden, 0.005 + 0.06 * peer.hidden) << peer.size << peer.density;
  }
}

TEST(RandomRain, DimsThePictureAndFallsDownwards) {
  const FilterCase upright{
      "RandomRain", {{"slant_range", exactly(0)}, {"blur_value", {1.0}}, {"drop_length", {40.0}}}};
  const cv::Mat out = filtered(upright, grey({300, 200}, 100));
  cv::Mat green;
  cv::extractChannel(out, green, 1);
  const int streaks = cv::countNonZero(green != 70);
  EXPECT_GT(streaks, 300);
  EXPECT_LT(streaks, 300 * 200 / 4);
  // Along a drop neighbours are alike, across it they are not.
  cv::Mat along;
  cv::Mat across;
  cv::absdiff(green.rowRange(0, 199), green.rowRange(1, 200), along);
  cv::absdiff(green.colRange(0, 299), green.colRange(1, 300), across);
  EXPECT_GT(cv::sum(across)[0], 5 * cv::sum(along)[0]);
}

TEST(RandomRain, HasMoreDropsInHeavierRain) {
  const auto wet = [](const char* type) {
    const cv::Mat out = filtered({"RandomRain", {{"rain_type", text(type)}}}, grey({300, 200}, 0));
    return cv::mean(out)[1];
  };
  EXPECT_GT(wet("drizzle"), 0);
  EXPECT_GT(wet("default"), wet("drizzle"));
  EXPECT_GT(wet("heavy"), wet("default"));
  EXPECT_GT(wet("torrential"), wet("heavy"));
}

TEST(RandomRain, IsOfTheColourAskedFor) {
  const cv::Mat out =
      filtered({"RandomRain", {{"drop_color", numbers({200, 0, 0})}}}, grey({300, 200}, 0));
  EXPECT_GT(cv::mean(out)[2], 0);
  EXPECT_EQ(cv::mean(out)[0], 0);
}

TEST(RandomSnow, BleachesDarkPlacesOnly) {
  cv::Mat in = grey({20, 20}, 60);
  in.colRange(10, 20).setTo(cv::Scalar::all(200));
  const cv::Mat out = filtered({"RandomSnow", {{"brightness_coeff", {2.0}}}}, in);
  EXPECT_EQ(level(out, 3, 3), 120);
  EXPECT_EQ(level(out, 15, 3), 200);
}

TEST(RandomSnow, OfTextureBrightensTheTopMoreAndSetsFlakes) {
  const FilterCase texture{"RandomSnow",
                           {{"method", text("texture")}, {"snow_point_range", exactly(0.3)}}};
  const cv::Mat out = filtered(texture, grey({200, 200}, 60));
  EXPECT_GT(cv::mean(out.rowRange(0, 20))[1], cv::mean(out.rowRange(180, 200))[1] + 10);
  EXPECT_GT(cv::mean(out.rowRange(180, 200))[1], 60);
  cv::Mat green;
  cv::extractChannel(out, green, 1);
  EXPECT_NEAR(cv::countNonZero(green == 255) / 40000.0, 0.01, 0.003);
}

TEST(RandomShadow, DarkensByTheShareAskedForWithinItsRegion) {
  const FilterCase shadow{"RandomShadow",
                          {{"num_shadows_limit", exactly(1)},
                           {"shadow_intensity_range", exactly(0.25)},
                           {"shadow_roi", numbers({0.5, 0, 1, 1})}}};
  const cv::Mat out = filtered(shadow, grey({200, 100}, 200));
  cv::Mat green;
  cv::extractChannel(out, green, 1);
  double low = 0;
  double high = 0;
  cv::minMaxLoc(green, &low, &high);
  EXPECT_EQ(low, 150);
  EXPECT_EQ(high, 200);
  EXPECT_EQ(cv::countNonZero(green.colRange(0, 98) != 200), 0);
  // Nothing but full shadow, full light and the edge between them.
  EXPECT_LT(cv::countNonZero((green > 150) & (green < 200)), cv::countNonZero(green == 150));
}

TEST(RandomShadow, RefusesARegionThatIsNone) {
  EXPECT_THROW((void)drawn({"RandomShadow", {{"shadow_roi", numbers({0, 1})}}}, {10, 10}), Error);
  EXPECT_THROW((void)drawn({"RandomShadow", {{"shadow_roi", numbers({0.5, 0, 0.2, 1})}}}, {10, 10}),
               Error);
}

class Flares : public ::testing::TestWithParam<const char*> {};

/// The glow of the overlay grows with its sun.
double sun_radius(const std::string& method) { return method == "overlay" ? 200 : 40; }

TEST_P(Flares, AreBrightestAtTheSun) {
  const FilterCase flare{"RandomSunFlare",
                         {{"method", text(GetParam())},
                          {"flare_roi", numbers({0.25, 0.5, 0.25, 0.5})},
                          {"src_radius", {sun_radius(GetParam())}}}};
  const cv::Mat out = filtered(flare, grey({400, 300}, 50));
  EXPECT_GT(level(out, 100, 150), 180);
  EXPECT_LT(level(out, 390, 290), 100);
  EXPECT_EQ(cv::countNonZero(cv::Mat(out.reshape(1) < 50)), 0);
}

TEST_P(Flares, TakeTheSunsColour) {
  const FilterCase flare{"RandomSunFlare",
                         {{"method", text(GetParam())},
                          {"flare_roi", numbers({0.5, 0.5, 0.5, 0.5})},
                          {"src_radius", {40.0}},
                          {"src_color", numbers({255, 120, 0})}}};
  const cv::Mat out = filtered(flare, grey({300, 300}, 0));
  EXPECT_EQ(cv::mean(out)[0], 0);
  EXPECT_GT(cv::mean(out)[1], 0);
  EXPECT_GT(cv::mean(out)[2], 1.5 * cv::mean(out)[1]);
}

INSTANTIATE_TEST_SUITE_P(RandomSunFlare, Flares, ::testing::Values("overlay", "physics_based"));

}  // namespace
}  // namespace labelloom::augment
