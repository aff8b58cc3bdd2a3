#include "convert/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/coco.h"
#include "tests/convert/small_dataset.h"
#include "tests/support/shared_data.h"

namespace labelloom {
namespace {

using test::box_instance;
using test::mask_instance;
using test::rectangle;
using test::small_dataset;
using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Statistics, OfNothingAreZero) {
  const Statistics counts = statistics({});
  EXPECT_EQ(counts.images, 0U);
  EXPECT_EQ(counts.total.instances, 0U);
  EXPECT_EQ(counts.total.area, Quantiles{});
  EXPECT_TRUE(counts.classes.empty());
  EXPECT_TRUE(counts.instances_per_image.empty());
}

TEST(Statistics, CountEveryAnnotationTypeAnInstanceHas) {
  Dataset dataset = small_dataset();
  dataset.instances.clear();
  Instance parts = test::polygon_instance(1, 1, 2, rectangle(0, 0, 9, 9));
  parts.rings.add(rectangle(20, 0, 9, 9));
  Instance ring = test::polygon_instance(2, 1, 2, rectangle(0, 0, 9, 9));
  ring.rings.add(rectangle(3, 3, 3, 3), true);
  Instance crowd = mask_instance(3, 1, 2, rasterise_ring(rectangle(0, 0, 9, 9), {100, 80}));
  crowd.iscrowd = true;
  dataset.instances = {parts, ring, crowd, box_instance(4, 1, 2, {0, 0, 9, 9})};
  const ClassStatistics boxes = statistics(dataset).classes[1];
  EXPECT_EQ(boxes.name, "box");
  EXPECT_EQ(boxes.instances, 4U);
  EXPECT_EQ(boxes.images, 1U);
  EXPECT_EQ(boxes.polygons, 2U);
  EXPECT_EQ(boxes.multi_part, 1U);
  EXPECT_EQ(boxes.with_holes, 1U);
  EXPECT_EQ(boxes.masks, 1U);
  EXPECT_EQ(boxes.crowds, 1U);
  EXPECT_EQ(boxes.box_only, 1U);
  EXPECT_EQ(boxes.with_keypoints, 0U);
}

TEST(Statistics, SortAreasIntoCocosBuckets) {
  Dataset dataset = small_dataset();
  dataset.instances = {box_instance(1, 1, 2, {0, 0, 31, 33}),
                       box_instance(2, 1, 2, {0, 0, 32, 32}),
                       box_instance(3, 2, 2, {0, 0, 95, 97}),
                       box_instance(4, 2, 2, {0, 0, 96, 96})};
  const ClassStatistics total = statistics(dataset).total;
  EXPECT_EQ(total.small, 1U);
  EXPECT_EQ(total.medium, 2U);
  EXPECT_EQ(total.large, 1U);
  EXPECT_EQ(total.images, 2U);
}

TEST(Statistics, InterpolateQuantilesAsNumPyDoes) {
  Dataset dataset = small_dataset();
  dataset.instances.clear();
  for (const double side : {4.0, 1.0, 3.0, 2.0}) {
    dataset.instances.push_back(box_instance(1, 1, 2, {0, 0, side, side}));
  }
  // numpy.quantile([1, 2, 3, 4], [0.05, 0.25, 0.5, 0.75, 0.95])
  const Quantiles side = statistics(dataset).total.side;
  EXPECT_DOUBLE_EQ(side.minimum, 1);
  EXPECT_DOUBLE_EQ(side.q05, 1.15);
  EXPECT_DOUBLE_EQ(side.q25, 1.75);
  EXPECT_DOUBLE_EQ(side.median, 2.5);
  EXPECT_DOUBLE_EQ(side.q75, 3.25);
  EXPECT_DOUBLE_EQ(side.q95, 3.85);
  EXPECT_DOUBLE_EQ(side.maximum, 4);
}

TEST(Statistics, CountVisibilityByNameAndImagesBySize) {
  Dataset dataset = small_dataset();
  dataset.instances.push_back(dataset.instances[0]);
  dataset.instances.back().keypoints = {{{1, 1}, Visibility::kHidden},
                                        {{2, 2}, Visibility::kVisible}};
  dataset.images.push_back({.id = 3, .file_name = "c.jpg", .size = {50, 60}, .extra = {}});
  const Statistics counts = statistics(dataset);
  ASSERT_EQ(counts.keypoints.size(), 2U);
  EXPECT_EQ(counts.keypoints[0].name, "left");
  EXPECT_EQ(counts.keypoints[0].hidden, 1U);
  EXPECT_EQ(counts.keypoints[0].visible, 1U);
  EXPECT_EQ(counts.keypoints[1].absent, 1U);
  EXPECT_EQ(counts.keypoints[1].visible, 1U);
  EXPECT_EQ(counts.images_without_instances, 1U);
  EXPECT_THAT(counts.instances_per_image, ElementsAre(Pair(0, 1), Pair(1, 1), Pair(3, 1)));
  EXPECT_THAT(counts.image_sizes, ElementsAre(Pair(Size{100, 80}, 2), Pair(Size{50, 60}, 1)));
}

TEST(Statistics, OfRealCocoAreWhatItsReadmeSays) {
  const auto file = test::shared_data("coco_instances/annotations/instances_train2017.json");
  if (!file) GTEST_SKIP() << "real data is not here";
  Report report;
  const Statistics counts = statistics(read_coco(*file, {}, report));
  EXPECT_EQ(counts.images, 32U);
  EXPECT_EQ(counts.total.instances, 288U);
  EXPECT_EQ(counts.total.multi_part, 17U);
  EXPECT_EQ(counts.total.crowds, 4U);
  EXPECT_EQ(counts.total.masks, 4U);
}

}  // namespace
}  // namespace labelloom
