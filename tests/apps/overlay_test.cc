#include "apps/overlay.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "apps/cutout.h"
#include "apps/mask_outline.h"
#include "formats/rle.h"

namespace labelloom::apps {
namespace {

using ::testing::SizeIs;

std::vector<std::uint8_t> mask_of(const std::vector<std::string>& rows) {
  std::vector<std::uint8_t> mask;
  for (const std::string& row : rows) {
    for (const char c : row) mask.push_back(c == '#' ? 1 : 0);
  }
  return mask;
}

TEST(TraceMask, ASinglePixelHasItsFourCorners) {
  const auto loops = trace_mask(mask_of({"...", ".#.", "..."}), {3, 3});
  ASSERT_THAT(loops, SizeIs(1));
  EXPECT_EQ(signed_area(loops[0]), 1);
  EXPECT_EQ(extent(loops[0]), (Box{1, 1, 1, 1}));
}

TEST(TraceMask, HolesRunTheOtherWay) {
  const auto loops = trace_mask(mask_of({"####", "#..#", "####"}), {4, 3});
  ASSERT_THAT(loops, SizeIs(2));
  EXPECT_EQ(signed_area(loops[0]), 12);
  EXPECT_EQ(signed_area(loops[1]), -2);
}

TEST(TraceMask, PixelsThatTouchAtACornerAreOneLoop) {
  EXPECT_THAT(trace_mask(mask_of({"#.", ".#"}), {2, 2}), SizeIs(1));
  EXPECT_THAT(trace_mask(mask_of({".#", "#."}), {2, 2}), SizeIs(1));
}

TEST(TraceMask, LoopAreasSumToThePixelCountOfAnyMask) {
  std::uint32_t state = 1;
  for (int round = 0; round < 200; ++round) {
    const Size size{1 + round % 13, 1 + round % 7};
    std::vector<std::uint8_t> mask(static_cast<std::size_t>(size.width * size.height));
    int count = 0;
    for (auto& pixel : mask) {
      state = state * 1664525 + 1013904223;
      pixel = static_cast<std::uint8_t>(state >> 31);
      count += pixel;
    }
    double area = 0;
    for (const auto& loop : trace_mask(mask, size)) area += signed_area(loop);
    EXPECT_EQ(area, count);
  }
}

TEST(CategoryColour, TheFirstTwentyAreFarApart) {
  for (std::size_t a = 0; a < 20; ++a) {
    for (std::size_t b = a + 1; b < 20; ++b) {
      const Colour x = category_colour(a);
      const Colour y = category_colour(b);
      EXPECT_GT(std::abs(x.red - y.red) + std::abs(x.green - y.green) + std::abs(x.blue - y.blue),
                50)
          << a << " " << css(x) << ", " << b << " " << css(y);
    }
  }
}

TEST(Fit, ScalesDownAndNeverUp) {
  EXPECT_EQ(fit({640, 480}, 1600).size, (Size{640, 480}));
  EXPECT_EQ(fit({4000, 3000}, 1600).size, (Size{1600, 1200}));
  EXPECT_EQ(fit({100000, 3}, 1600).size, (Size{1600, 1}));
  EXPECT_DOUBLE_EQ(fit({4000, 3000}, 1600).scale_x, 0.4);
}

struct Parts {
  std::vector<Category> categories{
      {.id = 7, .name = "part", .keypoints = {"head", "tail"}, .skeleton = {{1, 2}, {1, 9}}}};
  CategoryTable table{categories};
  Instance instance;

  Parts() {
    instance.id = 3;
    instance.category_id = 7;
    instance.bbox = {20, 30, 40, 20};
    instance.rings = Rings({{20, 30}, {60, 30}, {60, 50}, {20, 50}});
  }
  [[nodiscard]] Scene scene(Size size, const Frame& frame) const {
    return make_scene({&instance}, table, size, frame);
  }
};

TEST(MakeScene, ScalesEverythingAlike) {
  Parts parts;
  parts.instance.keypoints = {{{20, 30}, Visibility::kVisible}, {}};
  const Scene scene = parts.scene({200, 100}, fit({200, 100}, 100));
  const Shape& shape = scene.shapes.at(0);
  EXPECT_EQ(shape.box, (Box{10, 15, 20, 10}));
  EXPECT_EQ(shape.parts.at(0).at(0).at(0), (Point2d{10, 15}));
  EXPECT_EQ(shape.keypoints.at(0).point, (Point2d{10, 15}));
  EXPECT_EQ(shape.keypoints.at(1).visibility, Visibility::kAbsent);
}

TEST(MakeScene, AMaskBecomesItsOutline) {
  Parts parts;
  parts.instance.ensure_extra().mask = rasterise(parts.instance.rings, {100, 80});
  parts.instance.rings = {};
  const Scene scene = parts.scene({100, 80}, fit({100, 80}, 1600));
  ASSERT_THAT(scene.shapes.at(0).parts, SizeIs(1));
  EXPECT_EQ(extent(scene.shapes[0].parts[0].at(0)), (Box{20, 30, 40, 20}));
}

TEST(MakeScene, AMaskOfAnotherSizeIsNotDrawnButSaid) {
  Parts parts;
  parts.instance.ensure_extra().mask = rasterise(parts.instance.rings, {100, 80});
  const Scene scene = parts.scene({80, 100}, fit({80, 100}, 1600));
  EXPECT_TRUE(scene.shapes.at(0).mask_unusable);
  EXPECT_TRUE(scene.shapes[0].parts.empty());
}

TEST(MakeScene, CoordinatesThatAreNotNumbersAreLeftOutAndWildOnesTamed) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Parts parts;
  parts.instance.bbox = {nan, 0, 1, 1};
  parts.instance.rings = Rings({{0, 0}, {1e300, 0}, {0, -1e300}});
  parts.instance.keypoints = {{{nan, 3}, Visibility::kVisible}, {{5, 5}, Visibility::kHidden}};
  const Scene scene = parts.scene({100, 80}, fit({100, 80}, 1600));
  EXPECT_EQ(scene.shapes.at(0).box, Box{});
  EXPECT_EQ(scene.shapes[0].keypoints.at(0).visibility, Visibility::kAbsent);
  for (const Point2d& p : scene.shapes[0].parts.at(0).at(0)) EXPECT_LT(std::abs(p.x), 2000);
  cv::Mat picture = cv::Mat::zeros(80, 100, CV_8UC3);
  draw_overlay(picture, scene, parts.table);
}

TEST(MakeScene, AnUnknownCategoryIsGreyAndNamedByItsNumber) {
  Parts parts;
  parts.instance.category_id = 99;
  EXPECT_EQ(parts.scene({100, 80}, fit({100, 80}, 100)).shapes.at(0).category_index,
            CategoryTable::kUnknown);
  EXPECT_EQ(parts.table.name(99), "category 99");
}

// Where `after` differs from `before`.
cv::Rect changed(const cv::Mat& before, const cv::Mat& after) {
  cv::Mat difference;
  cv::absdiff(before, after, difference);
  cv::Mat grey;
  cv::cvtColor(difference, grey, cv::COLOR_BGR2GRAY);
  return cv::boundingRect(grey);
}

TEST(DrawOverlay, TintsTheRegionAndNothingElse) {
  Parts parts;
  parts.categories[0].name = "";
  parts.instance.bbox = {};
  const cv::Mat before(80, 100, CV_8UC3, cv::Scalar::all(100));
  cv::Mat after = before.clone();
  draw_overlay(after, parts.scene({100, 80}, fit({100, 80}, 100)), parts.table);
  EXPECT_NE(after.at<cv::Vec3b>(40, 40), before.at<cv::Vec3b>(40, 40));
  EXPECT_EQ(after.at<cv::Vec3b>(60, 80), before.at<cv::Vec3b>(60, 80));
}

TEST(DrawOverlay, ABoxLiesOnItsPixels) {
  Parts parts;
  parts.instance.rings = {};
  parts.categories[0].name = "";
  const cv::Mat before = cv::Mat::zeros(80, 100, CV_8UC3);
  cv::Mat after = before.clone();
  draw_overlay(after, parts.scene({100, 80}, fit({100, 80}, 100)), parts.table);
  const cv::Rect frame = changed(before(cv::Rect(0, 32, 100, 48)), after(cv::Rect(0, 32, 100, 48)));
  constexpr int kLine = 3;  // half its width, and its soft edge
  EXPECT_EQ(2 * frame.x + frame.width, 20 + 60);
  EXPECT_NEAR(frame.x, 20, kLine);
  EXPECT_NEAR(frame.x + frame.width, 60, kLine);
  EXPECT_NEAR(frame.y + frame.height + 32, 50, kLine);
}

TEST(DrawOverlay, HiddenKeyPointsAreHollow) {
  Parts parts;
  parts.instance.rings = {};
  parts.instance.bbox = {};
  parts.instance.keypoints = {{{30.5, 40.5}, Visibility::kVisible},
                              {{70.5, 40.5}, Visibility::kHidden}};
  parts.categories[0].skeleton.clear();
  cv::Mat picture = cv::Mat::zeros(80, 100, CV_8UC3);
  draw_overlay(picture, parts.scene({100, 80}, fit({100, 80}, 100)), parts.table);
  EXPECT_GT(cv::norm(picture.at<cv::Vec3b>(40, 30)), 100);
  EXPECT_LT(cv::norm(picture.at<cv::Vec3b>(40, 70)), 60);
  EXPECT_GT(cv::norm(picture.at<cv::Vec3b>(40, 73)), 100);
}

TEST(DrawCutout, ShowsThePointWhereverItLies) {
  Parts parts;
  const cv::Mat pixels(80, 100, CV_8UC3, cv::Scalar::all(50));
  for (const Point2d point : {Point2d{40, 40}, Point2d{0, 0}, Point2d{-500, 9000}}) {
    DoubtfulKeypoint keypoint;
    keypoint.point = point;
    const cv::Mat cutout =
        draw_cutout(pixels, {100, 80}, keypoint, &parts.instance, nullptr, parts.table);
    EXPECT_EQ(cutout.cols, kCutoutSide);
    EXPECT_EQ(cutout.rows, kCutoutSide);
    cv::Mat red;
    cv::inRange(cutout, cv::Scalar(40, 10, 200), cv::Scalar(80, 50, 255), red);
    EXPECT_GT(cv::countNonZero(red), 3);
  }
}

}  // namespace
}  // namespace labelloom::apps
