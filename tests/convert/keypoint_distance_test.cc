#include "convert/keypoint_distance.h"

#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "convert/group_keypoints.h"
#include "formats/rle.h"
#include "tests/convert/small_dataset.h"

namespace labelloom {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Point2d random_point(std::mt19937& random, double side) {
  const auto coordinate = [&] { return side * static_cast<double>(random() % 1000) / 1000; };
  const double x = coordinate();
  return {x, coordinate()};
}

TEST(InstanceDistance, NeverLiesBelowItsBound) {
  std::mt19937 random(11);  // NOLINT: the same every time
  int bounded = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<Point2d> ring;
    const auto count = 3 + random() % 8;
    for (std::size_t i = 0; i < count; ++i) ring.push_back(random_point(random, 100));
    Instance instance = test::polygon_instance(1, 1, 1, ring);
    if (round % 3 == 1) instance = test::mask_instance(1, 1, 1, rasterise_ring(ring, {100, 100}));
    // A box from a file may be anything.
    if (round % 3 == 2) instance.bbox = {.x = 10, .y = 10, .width = 30, .height = 30};
    InstanceDistance distance(instance);
    for (int i = 0; i < 20; ++i) {
      const Point2d point = random_point(random, 200);
      const double to_box_px = distance.to_box(point, kInfinity);
      EXPECT_DOUBLE_EQ(to_box_px, signed_distance(instance.bbox, point));
      const double bound = distance.lower_bound(to_box_px);
      EXPECT_LE(bound, distance.to_shape(point)) << "round " << round;
      if (bound > 0) ++bounded;
    }
  }
  EXPECT_GT(bounded, 10000);
}

TEST(InstanceDistance, OfABoxBeyondTheLimitIsAboveIt) {
  const Instance instance = test::polygon_instance(1, 1, 1, test::rectangle(10, 10, 20, 20));
  const InstanceDistance distance(instance);
  EXPECT_EQ(distance.to_box({20, 34}, 5), 4);
  EXPECT_EQ(distance.to_box({33, 34}, 5), 5);
  EXPECT_GT(distance.to_box({20, 36}, 5), 5);
  EXPECT_EQ(distance.to_box({20, 28}, 5), -2);
}

TEST(GroupKeypoints, ABoxThatDoesNotHoldItsPolygonExcludesNothing) {
  // The box says 15 px away, which is beyond dispute; the polygon says that both are as likely.
  Dataset d;
  d.categories = {{.id = 1, .name = "part"}};
  d.images = {{.id = 1, .file_name = "a.jpg", .size = {200, 200}}};
  d.instances.push_back(test::polygon_instance(1, 1, 1, test::rectangle(10, 10, 40, 40)));
  d.instances.push_back(test::polygon_instance(2, 1, 1, test::rectangle(20, 10, 40, 40)));
  d.instances[1].bbox = {.x = 45, .y = 10, .width = 40, .height = 40};
  d.loose_keypoints = {{.image_id = 1, .label = "tip", .point = {30, 30}}};
  const GroupingResult result = group_keypoints(d, {});
  EXPECT_EQ(result.decisions[0].doubt, KeypointDecision::Doubt::kAmbiguous);
}

}  // namespace
}  // namespace labelloom
