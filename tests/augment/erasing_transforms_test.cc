// Rectangles and pixels that are painted over, and the key points under them.

#include <algorithm>
#include <array>
#include <set>

#include <gtest/gtest.h>

#include "augment/apply.h"
#include "formats/error.h"
#include "tests/augment/one_transform.h"

namespace labelloom::augment {
namespace {

std::vector<PixelRect> rects(const Plan& plan) {
  return std::get<Erase>(plan.steps.at(0).effects.at(0)).rects;
}

cv::Mat erased(const Erase& erase, const cv::Mat& picture) {
  const Size size{picture.cols, picture.rows};
  const Plan plan{size, size, {{"", "", {erase}}}};
  return render(plan_pixels(plan, Fusion::kFull), {picture, {}}, nullptr).pixels;
}

Setting text(const char* value) { return {std::string(value)}; }

TEST(Erasing, PaintsWhatOfEachRectangleLiesInsideAndNothingElse) {
  const cv::Mat white(10, 12, CV_8UC3, cv::Scalar(255, 255, 255));
  const Erase erase{{{-3, -2, 5, 4}, {10, 8, 100, 100}, {50, 50, 5, 5}, {5, 5, 0, 3}},
                    {{1, 2, 3}, {4, 5, 6}}};
  const cv::Mat out = erased(erase, white);
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 12; ++x) {
      cv::Vec3b expected(255, 255, 255);
      if (x < 2 && y < 2) expected = {3, 2, 1};
      if (x >= 10 && y >= 8) expected = {6, 5, 4};
      EXPECT_EQ(out.at<cv::Vec3b>(y, x), expected) << x << ", " << y;
    }
  }
}

TEST(Erasing, WithoutAColourIsNoiseThatItsKeyDecides) {
  const cv::Mat white(64, 64, CV_8UC3, cv::Scalar(255, 255, 255));
  const Erase erase{{{-10, 8, 74, 48}}, {}, 5};
  const cv::Mat out = erased(erase, white);
  EXPECT_TRUE(equal(out, erased(erase, white)));
  EXPECT_TRUE(equal(out.rowRange(0, 8), white.rowRange(0, 8)));
  EXPECT_FALSE(equal(out, erased({erase.rects, {}, 6}, white)));
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(out.rowRange(8, 56), mean, deviation);
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_NEAR(mean[channel], 127.5, 6);  // 3072 values: 4.5 standard errors
    EXPECT_NEAR(deviation[channel], 73.9, 4);
  }
  EXPECT_FALSE(equal(out.row(8), out.row(9)));
}

TEST(Erasing, HidesTheKeyPointsUnderARectangleAndOnlyThose) {
  Instance instance;
  instance.keypoints = {{{10, 10}, Visibility::kVisible},
                        {{19.999, 10}, Visibility::kVisible},
                        {{20, 10}, Visibility::kVisible},
                        {{12, 12}, Visibility::kHidden},
                        {{0, 0}, Visibility::kAbsent},
                        {{9.999, 10}, Visibility::kVisible}};
  const Instance* const instances[] = {&instance};
  Labels labels = lay_out(instances, {100, 100});
  const auto points = labels.geometry.points;
  apply(Effect{Erase{{{10, 10, 10, 5}}, {{}}}}, labels, nullptr, BoxOutline::kCorners);
  EXPECT_EQ(labels.geometry.points, points);
  std::vector<Visibility> seen;
  for (const Span& span : labels.geometry.spans) {
    if (span.kind != Span::Kind::kKeypoint) continue;
    for (std::size_t i = 0; i < span.count; ++i) seen.push_back(labels.visibility[span.first + i]);
  }
  EXPECT_EQ(seen,
            (std::vector{Visibility::kHidden,
                         Visibility::kHidden,
                         Visibility::kVisible,
                         Visibility::kHidden,
                         Visibility::kAbsent,
                         Visibility::kVisible}));
}

TEST(CoarseDropout, DrawsPixelsAsPixelsAndSharesAsShares) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Plan plan = plan_of("CoarseDropout",
                              {{"num_holes_range", numbers({2, 5})},
                               {"hole_height_range", numbers({4, 6})},
                               {"hole_width_range", numbers({0.25, 0.5})}},
                              {200, 100},
                              Dialect::kLabelLoom,
                              seed);
    EXPECT_GE(rects(plan).size(), 2U);
    EXPECT_LE(rects(plan).size(), 5U);
    for (const PixelRect& rect : rects(plan)) {
      EXPECT_TRUE(rect.height >= 4 && rect.height <= 6);
      EXPECT_TRUE(rect.width >= 50 && rect.width <= 100);
      EXPECT_TRUE(rect.x >= 0 && rect.x + rect.width <= 200);
      EXPECT_TRUE(rect.y >= 0 && rect.y + rect.height <= 100);
    }
  }
}

TEST(CoarseDropout, IsTheSameForTheNamesOfBothVersions) {
  const Plan one = plan_of("CoarseDropout",
                           {{"max_holes", {7.0}},
                            {"max_height", {9.0}},
                            {"max_width", {0.5}},
                            {"min_holes", {3.0}},
                            {"min_height", {}},
                            {"min_width", {0.25}},
                            {"fill_value", numbers({1, 2, 3})}},
                           {64, 64},
                           Dialect::kAlbumentations1);
  const Plan two = plan_of("CoarseDropout",
                           {{"num_holes_range", numbers({3, 7})},
                            {"hole_height_range", numbers({9, 9})},
                            {"hole_width_range", numbers({0.25, 0.5})},
                            {"fill", numbers({1, 2, 3})}},
                           {64, 64},
                           Dialect::kAlbumentations2);
  EXPECT_EQ(rects(one), rects(two));
  EXPECT_EQ(std::get<Erase>(one.steps[0].effects[0]).fills, (std::vector{Rgb{1, 2, 3}}));
  EXPECT_EQ(std::get<Erase>(two.steps[0].effects[0]).fills, (std::vector{Rgb{1, 2, 3}}));
}

TEST(CoarseDropout, HasTheDefaultsOfItsVersion) {
  const auto one = rects(plan_of("CoarseDropout", {}, {64, 64}, Dialect::kAlbumentations1));
  ASSERT_EQ(one.size(), 8U);
  EXPECT_EQ(one[0].width, 8);
  EXPECT_EQ(one[0].height, 8);
  const auto two = rects(plan_of("CoarseDropout", {}, {100, 100}, Dialect::kAlbumentations2));
  EXPECT_LE(two.size(), 2U);
  EXPECT_TRUE(two[0].width >= 10 && two[0].width <= 20);
}

TEST(CoarseDropout, RefusesRangesThatBeginAsSharesAndEndAsPixels) {
  EXPECT_THROW((void)plan_of("CoarseDropout", {{"hole_height_range", numbers({0.5, 8})}}, {9, 9}),
               Error);
  EXPECT_NO_THROW(
      (void)plan_of("CoarseDropout", {{"hole_height_range", numbers({0.5, 1})}}, {9, 9}));
}

TEST(CoarseDropout, NeverDrawsHolesLargerThanThePicture) {
  const auto holes = rects(
      plan_of("CoarseDropout",
              {{"hole_height_range", numbers({50, 60})}, {"hole_width_range", numbers({2, 60})}},
              {8, 8}));
  EXPECT_EQ(holes[0].height, 8);
  EXPECT_EQ(holes[0].y, 0);
  EXPECT_LE(holes[0].x + holes[0].width, 8);
}

TEST(CoarseDropout, FillsWithNoiseOrAColourAHole) {
  const auto effect = [](const char* fill) {
    const Plan plan = plan_of("CoarseDropout",
                              {{"num_holes_range", numbers({5, 5})}, {"fill", text(fill)}},
                              {100, 100},
                              Dialect::kAlbumentations2);
    return std::get<Erase>(plan.steps[0].effects[0]);
  };
  EXPECT_TRUE(effect("random").fills.empty());
  EXPECT_NE(effect("random").noise_key, 0U);
  EXPECT_EQ(effect("random_uniform").fills.size(), 5U);
  EXPECT_NE(effect("random_uniform").fills[0], effect("random_uniform").fills[1]);
}

TEST(CoarseDropout, SaysWhichFillsItKnows) {
  try {
    (void)plan_of("CoarseDropout", {{"fill", text("inpaint_ns")}}, {9, 9});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("inpaint_ns"), std::string::npos);
    EXPECT_NE(error.message().find("random_uniform"), std::string::npos);
  }
}

TEST(Cutout, HolesHaveTheirSizeAndBeginInside) {
  const auto holes = rects(plan_of(
      "Cutout",
      {{"num_holes", {20.0}}, {"max_h_size", {6.0}}, {"max_w_size", {10.0}}, {"fill_value", {0.0}}},
      {40, 30},
      Dialect::kAlbumentations1));
  ASSERT_EQ(holes.size(), 20U);
  for (const PixelRect& hole : holes) {
    EXPECT_EQ(hole.width, 10);
    EXPECT_EQ(hole.height, 6);
    EXPECT_TRUE(hole.x >= 0 && hole.x < 40 && hole.y >= 0 && hole.y < 30);
  }
}

TEST(GridDropout, HasAHoleInEveryCell) {
  const auto holes = rects(plan_of("GridDropout",
                                   {{"ratio", {0.4}},
                                    {"random_offset", {false}},
                                    {"holes_number_xy", numbers({5, 2})},
                                    {"shift_xy", numbers({3, 30})}},
                                   {100, 40}));
  ASSERT_EQ(holes.size(), 10U);
  EXPECT_EQ(holes[0], (PixelRect{3, 12, 8, 8}));  // a shift of 30 stays inside a cell of 20
  EXPECT_EQ(holes[9], (PixelRect{83, 32, 8, 8}));
}

TEST(GridDropout, RandomHolesStayInTheirCells) {
  const auto holes =
      rects(plan_of("GridDropout", {{"unit_size_range", numbers({16, 16})}}, {160, 80}));
  ASSERT_EQ(holes.size(), 50U);
  std::set<int> offsets;
  for (std::size_t i = 0; i < 50; ++i) {
    const int x = holes[i].x - static_cast<int>(i % 10) * 16;
    const int y = holes[i].y - static_cast<int>(i / 10) * 16;
    EXPECT_TRUE(x >= 0 && x <= 8 && y >= 0 && y <= 8);
    EXPECT_EQ(holes[i].width, 8);
    offsets.insert(x);
  }
  EXPECT_GT(offsets.size(), 4U);
}

TEST(GridDropout, ReadsTheNamesOfBothVersions) {
  const Plan one = plan_of("GridDropout",
                           {{"ratio", {0.5}},
                            {"unit_size_min", {}},
                            {"unit_size_max", {}},
                            {"holes_number_x", {4.0}},
                            {"holes_number_y", {3.0}},
                            {"shift_x", {2.0}},
                            {"shift_y", {1.0}},
                            {"fill_value", {9.0}}},
                           {64, 48},
                           Dialect::kAlbumentations1);
  const Plan two = plan_of("GridDropout",
                           {{"ratio", {0.5}},
                            {"unit_size_range", {}},
                            {"holes_number_xy", numbers({4, 3})},
                            {"random_offset", {false}},
                            {"shift_xy", numbers({2, 1})},
                            {"fill", {9.0}}},
                           {64, 48},
                           Dialect::kAlbumentations2);
  EXPECT_EQ(rects(one), rects(two));
  EXPECT_EQ(rects(one).size(), 12U);
}

TEST(GridDropout, OfAlbumentations1MovesTheGridAsAWhole) {
  const auto holes = rects(
      plan_of("GridDropout",
              {{"random_offset", {true}}, {"unit_size_min", {32.0}}, {"unit_size_max", {32.0}}},
              {320, 320},
              Dialect::kAlbumentations1,
              3));
  for (const PixelRect& hole : holes) {
    EXPECT_EQ(hole.x % 32, holes[0].x);
    EXPECT_EQ(hole.y % 32, holes[0].y);
  }
}

TEST(GridDropout, OfTinyPicturesErasesNothingOutside) {
  for (const PixelRect& hole : rects(plan_of("GridDropout", {}, {1, 3}))) {
    EXPECT_TRUE(hole.x >= 0 && hole.x + hole.width <= 1);
    EXPECT_TRUE(hole.y >= 0 && hole.y + hole.height <= 3);
  }
}

std::array<int, 4> dropped_by_channels(const cv::Mat& out, std::uint8_t fill) {
  std::array<int, 4> counts{};
  for (int row = 0; row < out.rows; ++row) {
    for (int column = 0; column < out.cols; ++column) {
      const auto& pixel = out.at<cv::Vec3b>(row, column);
      int dropped = 0;
      for (int i = 0; i < 3; ++i) dropped += pixel[i] == fill ? 1 : 0;
      ++counts[static_cast<std::size_t>(dropped)];
    }
  }
  return counts;
}

TEST(PixelDropout, DropsTheShareOfPixelsItWasAskedFor) {
  const cv::Mat white(200, 200, CV_8UC3, cv::Scalar(255, 255, 255));
  const auto whole = dropped_by_channels(
      changed(white, "PixelDropout", {{"dropout_prob", {0.1}}, {"drop_value", {4.0}}}), 4);
  EXPECT_NEAR(whole[3], 4000, 240);  // 4 standard deviations of 60
  EXPECT_EQ(whole[1] + whole[2], 0);
  const auto single = dropped_by_channels(
      changed(white,
              "PixelDropout",
              {{"dropout_prob", {0.1}}, {"drop_value", {4.0}}, {"per_channel", {true}}}),
      4);
  EXPECT_NEAR(single[1] + 2 * single[2] + 3 * single[3], 12000, 416);
  EXPECT_NEAR(single[1], 9720, 400);
}

TEST(PixelDropout, NeverOrAlwaysAreExact) {
  const cv::Mat picture = noise_picture(50, 50);
  EXPECT_TRUE(equal(changed(picture, "PixelDropout", {{"dropout_prob", {0.0}}}), picture));
  const cv::Mat all = changed(
      picture, "PixelDropout", {{"dropout_prob", {1.0}}, {"drop_value", numbers({1, 2, 3})}});
  EXPECT_TRUE(equal(all, cv::Mat(50, 50, CV_8UC3, cv::Scalar(3, 2, 1))));
}

TEST(PixelDropout, WithoutAValueIsNoise) {
  const cv::Mat black = cv::Mat::zeros(60, 60, CV_8UC3);
  const cv::Mat out = changed(black, "PixelDropout", {{"dropout_prob", {1.0}}, {"drop_value", {}}});
  EXPECT_NEAR(cv::mean(out)[1], 127.5, 6);
  EXPECT_NE(out.at<cv::Vec3b>(0, 0), out.at<cv::Vec3b>(0, 1));
}

}  // namespace
}  // namespace labelloom::augment
