#include "convert/measure.h"

#include <cmath>
#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "formats/png_values.h"
#include "tests/convert/small_dataset.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using Placement = ObjectMeasure::Placement;
using testing::HasSubstr;

constexpr double kPi = std::numbers::pi;
constexpr Keypoint kAbsent = {};

Keypoint seen(double x, double y) { return {{x, y}, Visibility::kVisible}; }

/// A lever 40 long and 10 wide on an image of 100 x 80; its key points as given.
Dataset lever(const std::vector<Keypoint>& keypoints) {
  Dataset dataset;
  dataset.images = {{.id = 7, .file_name = "shop/a.jpg", .size = {100, 80}}};
  dataset.categories = {{.id = 3, .name = "lever", .keypoints = {"nose", "pin", "foot"}},
                        {.id = 4, .name = "bolt", .keypoints = {"head", "tip"}},
                        {.id = 5, .name = "plate"}};
  dataset.instances.push_back(test::polygon_instance(1, 7, 3, test::rectangle(20, 30, 40, 10)));
  dataset.instances[0].keypoints = keypoints;
  return dataset;
}

ObjectMeasure measured(const Dataset& dataset, const MeasureOptions& options = {}) {
  Report report;
  const auto all = measure(dataset, options, report);
  EXPECT_TRUE(report.empty());
  EXPECT_EQ(all.size(), 1U);
  return all.at(0);
}

std::string refusal(const Dataset& dataset, const MeasureOptions& options) {
  Report report;
  try {
    (void)measure(dataset, options, report);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Measure, PointsTheAxisToTheFirstKeyPoint) {
  const ObjectMeasure right = measured(lever({seen(58, 35), seen(40, 38), seen(22, 35)}));
  EXPECT_TRUE(right.directed);
  EXPECT_NEAR(right.axis_rad.value(), 0, 1e-12);
  EXPECT_NEAR(right.elongation.value(), 4, 1e-12);
  EXPECT_EQ(right.centroid, (Point2d{40, 35}));
  const ObjectMeasure left = measured(lever({seen(22, 35), seen(40, 38), seen(58, 35)}));
  EXPECT_NEAR(left.axis_rad.value(), kPi, 1e-12);
}

TEST(Measure, FindsTheOuterSideAsSeenAlongTheAxis) {
  // Looking to the right on a picture, what lies lower is on the right hand.
  const ObjectMeasure a = measured(lever({seen(58, 35), seen(40, 38), seen(22, 35)}));
  EXPECT_EQ(a.outer_side, AxisSide::kRight);
  EXPECT_NEAR(a.outer_offset.value(), 3, 1e-12);
  const ObjectMeasure b = measured(lever({seen(22, 35), seen(40, 38), seen(58, 35)}));
  EXPECT_EQ(b.outer_side, AxisSide::kLeft);
  EXPECT_NEAR(b.outer_offset.value(), -3, 1e-12);
}

TEST(Measure, MeasuresTheOuterSideFromMidwayBetweenHeadAndTail) {
  // All three lie below the axis, the pin least.
  const ObjectMeasure object = measured(lever({seen(58, 39), seen(40, 36), seen(22, 39)}));
  EXPECT_EQ(object.outer_side, AxisSide::kLeft);
  EXPECT_NEAR(object.outer_offset.value(), -3, 1e-12);
}

TEST(Measure, UsesTheCentroidForAKeyPointThatIsNotLabelled) {
  const ObjectMeasure no_tail = measured(lever({seen(22, 34), seen(40, 36), kAbsent}));
  EXPECT_NEAR(no_tail.axis_rad.value(), kPi, 1e-12);
  EXPECT_NEAR(no_tail.outer_offset.value(), -1, 1e-12);
  const ObjectMeasure no_head = measured(lever({kAbsent, seen(40, 36), seen(22, 34)}));
  EXPECT_NEAR(no_head.axis_rad.value(), 0, 1e-12);
  EXPECT_NEAR(no_head.outer_offset.value(), 1, 1e-12);
}

TEST(Measure, LeavesTheAxisUndirectedWithoutKeyPoints) {
  const ObjectMeasure object =
      measured(lever({kAbsent, seen(40, 38), kAbsent}), {.rule = {.expected = AxisSide::kLeft}});
  EXPECT_FALSE(object.directed);
  EXPECT_NEAR(object.axis_rad.value(), 0, 1e-12);
  EXPECT_FALSE(object.outer_side);
  EXPECT_EQ(object.placement, Placement::kUnknown);
}

TEST(Measure, JudgesThePlacementByTheExpectedSide) {
  const Dataset dataset = lever({seen(58, 35), seen(40, 38), seen(22, 35)});
  EXPECT_EQ(measured(dataset).placement, Placement::kNotAsked);
  EXPECT_EQ(measured(dataset, {.rule = {.expected = AxisSide::kRight}}).placement,
            Placement::kCorrect);
  EXPECT_EQ(measured(dataset, {.rule = {.expected = AxisSide::kLeft}}).placement,
            Placement::kWrong);
}

TEST(Measure, TakesTheNamedKeyPoints) {
  const Dataset dataset = lever({seen(58, 35), seen(40, 38), seen(22, 35)});
  const ObjectMeasure turned =
      measured(dataset, {.rule = {.head = "foot", .tail = "nose", .outer = "pin"}});
  EXPECT_NEAR(turned.axis_rad.value(), kPi, 1e-12);
  EXPECT_EQ(turned.outer_side, AxisSide::kLeft);
  // Named as the head, the last one is no tail any more.
  EXPECT_NEAR(measured(dataset, {.rule = {.head = "foot"}}).axis_rad.value(), kPi, 1e-12);
}

TEST(Measure, KeepsTheOrderOfACategoryThatLacksTheNamedKeyPoints) {
  Dataset dataset = lever({});
  dataset.instances[0].category_id = 4;
  dataset.instances[0].keypoints = {seen(22, 35), seen(58, 35)};
  const ObjectMeasure object =
      measured(dataset, {.rule = {.head = "foot", .outer = "pin", .expected = AxisSide::kLeft}});
  EXPECT_NEAR(object.axis_rad.value(), kPi, 1e-12);
  EXPECT_EQ(object.placement, Placement::kNotAsked);
}

TEST(Measure, NamesWhatIsThereWhenANameIsUnknown) {
  const Dataset dataset = lever({});
  EXPECT_THAT(refusal(dataset, {.rule = {.head = "hed"}}),
              HasSubstr("no category has a key point \"hed\" (head); there are: foot, head, nose, "
                        "pin, tip"));
  EXPECT_THAT(refusal(dataset, {.categories = {"levr"}}),
              HasSubstr("there is no category \"levr\"; there are: lever, bolt, plate"));
}

TEST(Measure, MeasuresOnlyTheWantedCategoriesAndNoCrowds) {
  Dataset dataset = lever({});
  dataset.instances.push_back(test::polygon_instance(2, 7, 5, test::rectangle(0, 0, 9, 3)));
  dataset.instances.push_back(test::polygon_instance(3, 7, 3, test::rectangle(0, 9, 9, 3)));
  dataset.instances.back().iscrowd = true;
  Report report;
  EXPECT_EQ(measure(dataset, {}, report).size(), 2U);
  const auto plates = measure(dataset, {.categories = {"plate"}}, report);
  ASSERT_EQ(plates.size(), 1U);
  EXPECT_EQ(plates[0].instance, 1U);
}

TEST(Measure, GivesNoAxisToRoundThingsAndBoxes) {
  Dataset dataset = lever({});
  dataset.instances.push_back(test::polygon_instance(2, 7, 5, ellipse_points({30, 30}, 9, 9, 0)));
  dataset.instances.push_back(test::box_instance(3, 7, 5, {0, 0, 30, 10}));
  Report report;
  const auto all = measure(dataset, {}, report);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_FALSE(all[1].axis_rad);
  EXPECT_TRUE(all[1].elongation);
  EXPECT_FALSE(all[2].axis_rad);
  EXPECT_FALSE(all[2].elongation);
  EXPECT_EQ(all[2].centroid, (Point2d{15, 5}));
}

TEST(Measure, RemarksOnShapesThatCoverNothing) {
  Dataset dataset = lever({});
  dataset.instances.push_back(test::mask_instance(2, 7, 3, Rle{{100, 80}, {8000}}));
  Report report;
  const auto all = measure(dataset, {}, report);
  EXPECT_EQ(report.count("no-area"), 1U);
  EXPECT_FALSE(all.at(1).axis_rad);
  EXPECT_EQ(all.at(1).area, 0);
}

/// Depth images beside the lever's picture.
class MeasureDepth : public testing::Test {
 protected:
  void write(const DepthMap& map) const {
    std::filesystem::create_directories(folder.path() / "shop");
    write_depth_map(folder.path() / "shop" / "a.png", map);
  }
  [[nodiscard]] MeasureOptions options() const {
    return {.depth = DepthOptions{.folder = folder.path()}};
  }
  static DepthMap flat(std::uint16_t value) {
    return {{100, 80}, std::vector<std::uint16_t>(8000, value)};
  }
  static std::uint16_t& at(DepthMap& map, std::size_t column, std::size_t row) {
    return map.values[row * 100 + column];
  }

  test::TempDir folder;
};

TEST_F(MeasureDepth, TakesMeanMedianAndSpreadOfTheObjectsPixelsOnly) {
  DepthMap map = flat(900);
  for (std::size_t row = 30; row < 40; ++row) {
    for (std::size_t column = 20; column < 60; ++column) {
      at(map, column, row) = column < 50 ? 500 : 600;
    }
  }
  write(map);
  const ObjectMeasure object = measured(lever({seen(58.5, 35), seen(2, 3), kAbsent}), options());
  ASSERT_TRUE(object.depth);
  EXPECT_EQ(object.depth->pixels, 400U);
  EXPECT_EQ(object.depth->valid, 400U);
  EXPECT_DOUBLE_EQ(object.depth->mean.value(), 0.525);
  EXPECT_DOUBLE_EQ(object.depth->median.value(), 0.5);
  EXPECT_NEAR(object.depth->deviation.value(), 0.1 * std::sqrt(0.25 * 0.75), 1e-15);
  ASSERT_EQ(object.depth->keypoints.size(), 3U);
  EXPECT_DOUBLE_EQ(object.depth->keypoints[0].value(), 0.6);
  EXPECT_DOUBLE_EQ(object.depth->keypoints[1].value(), 0.9);
  EXPECT_FALSE(object.depth->keypoints[2]);
}

TEST_F(MeasureDepth, LeavesOutWhatWasNotMeasured) {
  DepthMap map = flat(0);
  at(map, 20, 30) = 400;
  at(map, 21, 30) = 600;
  write(map);
  const ObjectMeasure object = measured(lever({seen(50, 35), kAbsent, kAbsent}), options());
  EXPECT_EQ(object.depth->valid, 2U);
  EXPECT_DOUBLE_EQ(object.depth->mean.value(), 0.5);
  EXPECT_DOUBLE_EQ(object.depth->median.value(), 0.5);
  EXPECT_FALSE(object.depth->keypoints[0]);
}

TEST_F(MeasureDepth, SaysNothingWhereNothingWasMeasured) {
  write(flat(0));
  const ObjectMeasure object = measured(lever({}), options());
  EXPECT_EQ(object.depth->pixels, 400U);
  EXPECT_EQ(object.depth->valid, 0U);
  EXPECT_FALSE(object.depth->mean || object.depth->median || object.depth->deviation);
}

TEST_F(MeasureDepth, IsNotThatOfWhatCoversAKeyPoint) {
  write(flat(500));
  Keypoint hidden = seen(50, 35);
  hidden.visibility = Visibility::kHidden;
  EXPECT_FALSE(measured(lever({hidden, kAbsent, kAbsent}), options()).depth->keypoints[0]);
}

TEST_F(MeasureDepth, IsInTheUnitOfTheScale) {
  write(flat(500));
  MeasureOptions tenths = options();
  tenths.depth->scale = 0.0001;
  EXPECT_DOUBLE_EQ(measured(lever({}), tenths).depth->mean.value(), 0.05);
  tenths.depth->scale = 0;
  EXPECT_THAT(refusal(lever({}), tenths), HasSubstr("the depth scale 0 is not metres a count"));
}

TEST_F(MeasureDepth, NamesTheImageThatIsMissingOrOfAnotherSize) {
  EXPECT_THAT(refusal(lever({}), options()),
              HasSubstr("shop/a.png: there is no depth image for \"shop/a.jpg\""));
  write({{80, 100}, std::vector<std::uint16_t>(8000, 1)});
  EXPECT_THAT(refusal(lever({}), options()),
              HasSubstr("shop/a.png: is 80 x 100, but its picture \"shop/a.jpg\" is 100 x 80"));
}

TEST_F(MeasureDepth, GoesOnWithoutAMissingImageIfAskedTo) {
  MeasureOptions lenient = options();
  lenient.skip_bad = true;
  Report report;
  const auto all = measure(lever({}), lenient, report);
  EXPECT_EQ(report.count("depth-missing"), 1U);
  EXPECT_FALSE(all.at(0).depth);
  EXPECT_TRUE(all.at(0).axis_rad);
  write({{80, 100}, std::vector<std::uint16_t>(8000, 1)});
  (void)measure(lever({}), lenient, report);
  EXPECT_EQ(report.count("depth-size"), 1U);
}

TEST_F(MeasureDepth, RefusesAMaskOfAnotherSizeThanItsPicture) {
  write(flat(500));
  Dataset dataset = lever({});
  dataset.instances[0] = test::mask_instance(1, 7, 3, Rle{{10, 10}, {50, 50}});
  EXPECT_THAT(refusal(dataset, options()), HasSubstr("the mask of annotation 1 is 10 x 10"));
}

}  // namespace
}  // namespace labelloom
