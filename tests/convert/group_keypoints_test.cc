#include "convert/group_keypoints.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include "formats/error.h"
#include "tests/convert/small_dataset.h"

namespace labelloom {
namespace {

using Doubt = KeypointDecision::Doubt;
using How = KeypointDecision::How;
using testing::ElementsAre;
using testing::Optional;

using test::box_instance;

LooseKeypoint loose(std::int64_t image_id, std::string label, Point2d point) {
  LooseKeypoint keypoint;
  keypoint.image_id = image_id;
  keypoint.label = std::move(label);
  keypoint.point = point;
  return keypoint;
}

/// `image_count` images of 1000 x 1000 pixels and the categories "arm" (1) and "wheel" (2).
Dataset empty_images(int image_count = 1) {
  Dataset dataset;
  dataset.categories = {{.id = 1, .name = "arm"}, {.id = 2, .name = "wheel"}};
  for (int i = 1; i <= image_count; ++i) {
    dataset.images.push_back({.id = i, .file_name = "a", .size = {1000, 1000}, .extra = {}});
  }
  return dataset;
}

/// Two arms side by side.
Dataset two_arms() {
  Dataset dataset = empty_images();
  dataset.instances.push_back(box_instance(10, 1, 1, {0, 0, 100, 100}));
  dataset.instances.push_back(box_instance(20, 1, 1, {110, 0, 100, 100}));
  return dataset;
}

const KeypointDecision& only(const GroupingResult& result) { return result.decisions.front(); }

TEST(GroupKeypoints, PutsPointsIntoTheSlotsOfTheInstancesTheyLieIn) {
  Dataset dataset = two_arms();
  dataset.loose_keypoints = {
      loose(1, "tip", {150, 50}), loose(1, "base", {20, 30}), loose(1, "tip", {50, 60})};
  dataset.loose_keypoints[1].visibility = Visibility::kHidden;
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_TRUE(dataset.loose_keypoints.empty());
  EXPECT_THAT(dataset.categories[0].keypoints, ElementsAre("tip", "base"));
  EXPECT_TRUE(dataset.categories[1].keypoints.empty());
  EXPECT_THAT(dataset.instances[0].keypoints,
              ElementsAre(Keypoint{{50, 60}, Visibility::kVisible},
                          Keypoint{{20, 30}, Visibility::kHidden}));
  EXPECT_THAT(dataset.instances[1].keypoints,
              ElementsAre(Keypoint{{150, 50}, Visibility::kVisible}, Keypoint{}));
  ASSERT_EQ(result.decisions.size(), 3U);
  EXPECT_EQ(result.keypoints.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(result.decisions[i].loose_index, i);
    EXPECT_EQ(result.decisions[i].how, How::kAssigned);
    EXPECT_EQ(result.decisions[i].doubt, Doubt::kNone);
  }
  EXPECT_DOUBLE_EQ(result.decisions[1].distance_px, -20);
  EXPECT_THAT(result.owners.at("tip"), ElementsAre("arm"));
}

TEST(GroupKeypoints, WithoutLooseKeypointsChangesNothing) {
  Dataset dataset = two_arms();
  EXPECT_TRUE(group_keypoints(dataset, {}).decisions.empty());
  EXPECT_TRUE(dataset.instances[0].keypoints.empty());
}

TEST(GroupKeypoints, AssignsAllPointsOfANameAtOnce) {
  // Both points lie in the left arm. One by one, the first would take it and leave the other
  // nothing but the far right arm; together, the right one goes over the gap.
  Dataset dataset = two_arms();
  dataset.loose_keypoints = {loose(1, "tip", {98, 50}), loose(1, "tip", {40, 50})};
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_THAT(result.decisions[0].instance_id, Optional(20));
  EXPECT_THAT(result.decisions[1].instance_id, Optional(10));
  EXPECT_EQ(result.decisions[0].doubt, Doubt::kOutside);
}

TEST(GroupKeypoints, KeepsExactDistancesOfPolygons) {
  // Two interlocked L shapes with the same box: only the polygons tell them apart.
  Dataset dataset = empty_images();
  dataset.instances.push_back(box_instance(1, 1, 1, {0, 0, 100, 100}));
  dataset.instances.back().rings =
      Rings({{0, 0}, {100, 0}, {100, 20}, {20, 20}, {20, 100}, {0, 100}});
  dataset.instances.push_back(box_instance(2, 1, 1, {0, 0, 100, 100}));
  dataset.instances.back().rings =
      Rings({{100, 100}, {30, 100}, {30, 70}, {70, 70}, {70, 30}, {100, 30}});
  dataset.loose_keypoints = {loose(1, "tip", {90, 90}), loose(1, "tip", {10, 10})};
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_THAT(result.decisions[0].instance_id, Optional(2));
  EXPECT_THAT(result.decisions[1].instance_id, Optional(1));
  EXPECT_DOUBLE_EQ(result.decisions[1].distance_px, -10);
}

TEST(GroupKeypoints, ANameTwiceInTheOnlyInstanceIsTaken) {
  Dataset dataset = empty_images();
  dataset.instances.push_back(box_instance(10, 1, 1, {0, 0, 100, 100}));
  dataset.loose_keypoints = {loose(1, "tip", {110, 50}), loose(1, "tip", {40, 50})};
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_THAT(result.decisions[1].instance_id, Optional(10));
  EXPECT_EQ(result.decisions[0].how, How::kUnassigned);
  EXPECT_EQ(result.decisions[0].doubt, Doubt::kTaken);
  EXPECT_THAT(result.decisions[0].other_id, Optional(10));
  EXPECT_DOUBLE_EQ(result.decisions[0].other_distance_px, 10);
}

TEST(GroupKeypoints, APointOutOfReachHasNoOwner) {
  Dataset dataset = two_arms();
  dataset.loose_keypoints = {loose(1, "tip", {50, 50}), loose(1, "tip", {900, 900})};
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_EQ(result.decisions[1].doubt, Doubt::kNoOwner);
  EXPECT_THAT(result.decisions[1].other_id, Optional(20));
}

TEST(GroupKeypoints, TheToleranceDecidesWhatIsInReach) {
  for (const double tolerance_px : {4.0, 6.0}) {
    Dataset dataset = empty_images();
    dataset.instances.push_back(box_instance(10, 1, 1, {0, 0, 100, 100}));
    dataset.loose_keypoints = {loose(1, "tip", {105, 50})};
    const GroupingResult result = group_keypoints(dataset, {.tolerance_px = tolerance_px});
    EXPECT_EQ(only(result).instance_id.has_value(), tolerance_px > 5);
  }
}

TEST(GroupKeypoints, AmbiguousPointsNameTheRunnerUp) {
  Dataset dataset = empty_images();
  dataset.instances.push_back(box_instance(10, 1, 1, {0, 0, 100, 100}));
  dataset.instances.push_back(box_instance(20, 1, 1, {20, 0, 100, 100}));
  dataset.loose_keypoints = {loose(1, "tip", {60, 50})};
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_EQ(only(result).doubt, Doubt::kAmbiguous);
  EXPECT_TRUE(only(result).instance_id);
  EXPECT_TRUE(only(result).other_id);
  EXPECT_NE(only(result).instance_id, only(result).other_id);
}

TEST(GroupKeypoints, OwnersThatTheSourceNamesComeFirst) {
  Dataset dataset = two_arms();
  dataset.loose_keypoints = {loose(1, "tip", {50, 50}), loose(1, "tip", {150, 50})};
  dataset.loose_keypoints[1].owner_id = 10;
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_EQ(result.decisions[1].how, How::kGivenBySource);
  EXPECT_THAT(result.decisions[1].instance_id, Optional(10));
  EXPECT_DOUBLE_EQ(result.decisions[1].distance_px, 50);
  EXPECT_THAT(result.decisions[0].instance_id, Optional(20));
}

TEST(GroupKeypoints, ASecondPointGivenToOneSlotIsTaken) {
  Dataset dataset = two_arms();
  dataset.loose_keypoints = {loose(1, "tip", {50, 50}), loose(1, "tip", {150, 50})};
  dataset.loose_keypoints[0].owner_id = 10;
  dataset.loose_keypoints[1].owner_id = 10;
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_THAT(result.decisions[0].instance_id, Optional(10));
  EXPECT_EQ(result.decisions[1].doubt, Doubt::kTaken);
  EXPECT_THAT(result.decisions[1].other_id, Optional(10));
}

TEST(GroupKeypoints, AnOwnerInAnotherImageIsNoOwner) {
  Dataset dataset = two_arms();
  dataset.images.push_back({.id = 2, .file_name = "b", .size = {1000, 1000}, .extra = {}});
  dataset.instances.push_back(box_instance(30, 2, 1, {0, 0, 100, 100}));
  dataset.loose_keypoints = {loose(1, "tip", {50, 50})};
  dataset.loose_keypoints[0].owner_id = 30;
  EXPECT_THAT(only(group_keypoints(dataset, {})).instance_id, Optional(10));
}

TEST(GroupKeypoints, CrowdsTakeNothing) {
  Dataset dataset = two_arms();
  dataset.instances[0].iscrowd = true;
  dataset.loose_keypoints = {loose(1, "tip", {50, 50})};
  EXPECT_THAT(only(group_keypoints(dataset, {})).instance_id, Optional(20));
}

TEST(GroupKeypoints, SlotsAlreadyFilledStayAsTheyAre) {
  Dataset dataset = two_arms();
  dataset.categories[0].keypoints = {"hub", "tip"};
  dataset.instances[0].keypoints = {{}, {{1, 2}, Visibility::kVisible}};
  dataset.loose_keypoints = {loose(1, "tip", {50, 50}), loose(1, "hub", {20, 20})};
  const GroupingResult result = group_keypoints(dataset, {.tolerance_px = 5});
  EXPECT_EQ(result.decisions[0].doubt, Doubt::kTaken);
  EXPECT_THAT(dataset.instances[0].keypoints,
              ElementsAre(Keypoint{{20, 20}, Visibility::kVisible},
                          Keypoint{{1, 2}, Visibility::kVisible}));
}

TEST(GroupKeypoints, TheUsersMapDecidesTheOwners) {
  Dataset dataset = empty_images();
  dataset.instances.push_back(box_instance(1, 1, 1, {0, 0, 100, 100}));
  dataset.instances.push_back(box_instance(2, 1, 2, {40, 40, 20, 20}));
  dataset.loose_keypoints = {loose(1, "kp_arm", {50, 50})};
  EXPECT_THAT(only(group_keypoints(dataset, {.owners = {{"kp_arm", {"arm"}}}})).instance_id,
              Optional(1));
  EXPECT_TRUE(dataset.categories[1].keypoints.empty());
}

TEST(GroupKeypoints, AnUnknownCategoryInTheMapIsRefused) {
  Dataset dataset = two_arms();
  dataset.loose_keypoints = {loose(1, "tip", {50, 50})};
  try {
    group_keypoints(dataset, {.owners = {{"tip", {"amr"}}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::kArgument);
    EXPECT_THAT(error.what(), testing::HasSubstr("\"amr\""));
    EXPECT_THAT(error.what(), testing::HasSubstr("\"arm\", \"wheel\""));
  }
}

TEST(GroupKeypoints, AMapToNobodyLeavesPointsOut) {
  Dataset dataset = two_arms();
  dataset.loose_keypoints = {loose(1, "scratch", {50, 50})};
  const GroupingResult result = group_keypoints(dataset, {.owners = {{"scratch", {}}}});
  EXPECT_EQ(only(result).doubt, Doubt::kNoOwner);
  EXPECT_EQ(dataset.instances.size(), 2U);
}

TEST(GroupKeypoints, StatisticsOfTheWholeInputFindTheOwners) {
  // Wheels lie inside arms; "hub" is in wheels, "tip" in arms. In the last image the hub lies
  // a little outside its wheel, but inside an arm all the same.
  Dataset dataset = empty_images(10);
  for (std::int64_t i = 1; i <= 10; ++i) {
    dataset.instances.push_back(box_instance(2 * i, i, 1, {0, 0, 300, 200}));
    dataset.instances.push_back(box_instance(2 * i + 1, i, 2, {20, 20, 40, 40}));
    dataset.loose_keypoints.push_back(loose(i, "hub", i == 10 ? Point2d{66, 40} : Point2d{45, 40}));
    dataset.loose_keypoints.push_back(loose(i, "tip", {250, 100}));
  }
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_THAT(result.owners.at("hub"), ElementsAre("wheel"));
  EXPECT_THAT(result.owners.at("tip"), ElementsAre("arm"));
  EXPECT_THAT(result.decisions[18].instance_id, Optional(21));
  EXPECT_THAT(dataset.categories[0].keypoints, ElementsAre("tip"));
  EXPECT_THAT(dataset.categories[1].keypoints, ElementsAre("hub"));
}

TEST(GroupKeypoints, ARareLabelIsHeardAmongManyPoints) {
  // Of so many "tip"s a sample votes; the few "hub"s are all in images that no "tip" needs.
  constexpr int kImages = 30000;
  Dataset dataset = empty_images(kImages);
  for (std::int64_t i = 1; i <= kImages; ++i) {
    dataset.instances.push_back(box_instance(2 * i, i, 1, {0, 0, 100, 100}));
    dataset.instances.push_back(box_instance(2 * i + 1, i, 2, {500, 0, 100, 100}));
    dataset.loose_keypoints.push_back(loose(i, "tip", {50, 50}));
    if (i % 9999 == 2) dataset.loose_keypoints.push_back(loose(i, "hub", {550, 50}));
  }
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_THAT(result.owners.at("tip"), ElementsAre("arm"));
  EXPECT_THAT(result.owners.at("hub"), ElementsAre("wheel"));
}

TEST(GroupKeypoints, ALabelMayBelongToSeveralCategories) {
  Dataset dataset = empty_images(6);
  for (std::int64_t i = 1; i <= 6; ++i) {
    dataset.instances.push_back(box_instance(2 * i, i, 1, {0, 0, 100, 100}));
    dataset.instances.push_back(box_instance(2 * i + 1, i, 2, {500, 500, 100, 100}));
    dataset.loose_keypoints.push_back(loose(i, "corner", {50, 50}));
    dataset.loose_keypoints.push_back(loose(i, "corner", {550, 550}));
  }
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_THAT(result.owners.at("corner"), testing::UnorderedElementsAre("arm", "wheel"));
  for (const KeypointDecision& decision : result.decisions) {
    EXPECT_THAT(decision.instance_id, Optional(decision.loose_index + 2));
  }
}

TEST(GroupKeypoints, TheGivenOrderOfLabelsIsKept) {
  Dataset dataset = two_arms();
  dataset.loose_keypoints = {loose(1, "c", {1, 1}), loose(1, "b", {2, 2})};
  const GroupingOptions options = {.label_order = {"a", "b"}};
  group_keypoints(dataset, options);
  EXPECT_THAT(dataset.categories[0].keypoints, ElementsAre("a", "b", "c"));
  EXPECT_EQ(dataset.instances[1].keypoints.size(), 3U);
}

TEST(GroupKeypoints, PointsWithoutAnyInstanceMakeANewOne) {
  Dataset dataset = two_arms();
  dataset.images.push_back({.id = 2, .file_name = "b", .size = {1000, 1000}, .extra = {}});
  dataset.loose_keypoints = {loose(1, "tip", {50, 50}),
                             loose(2, "tip", {300, 500}),
                             loose(2, "base", {400, 200}),
                             loose(2, "tip", {350, 300})};
  const GroupingResult result = group_keypoints(dataset, {});
  ASSERT_EQ(dataset.instances.size(), 3U);
  const Instance& made = dataset.instances[2];
  EXPECT_EQ(made.id, 21);
  EXPECT_EQ(made.image_id, 2);
  EXPECT_EQ(made.category_id, 1);
  EXPECT_EQ(made.bbox, (Box{300, 200, 100, 300}));
  EXPECT_DOUBLE_EQ(made.area, 30000);
  EXPECT_EQ(labelled_count(made.keypoints), 2);
  EXPECT_EQ(result.decisions[1].how, How::kOnlyInstance);
  EXPECT_EQ(result.decisions[2].how, How::kOnlyInstance);
  EXPECT_EQ(result.decisions[3].doubt, Doubt::kTaken);
}

TEST(GroupKeypoints, AnInputOfPointsAloneMakesObjects) {
  Dataset dataset = empty_images(2);
  dataset.loose_keypoints = {
      loose(1, "tip", {3, 5}), loose(2, "tip", {4, 2}), loose(2, "base", {6, 8})};
  const GroupingResult result = group_keypoints(dataset, {});
  ASSERT_EQ(dataset.categories.size(), 3U);
  EXPECT_EQ(dataset.categories[2].name, "object");
  EXPECT_EQ(dataset.categories[2].id, 3);
  EXPECT_THAT(dataset.categories[2].keypoints, ElementsAre("tip", "base"));
  ASSERT_EQ(dataset.instances.size(), 2U);
  EXPECT_EQ(dataset.instances[1].bbox, (Box{4, 2, 2, 6}));
  EXPECT_THAT(result.owners.at("tip"), ElementsAre("object"));
}

TEST(GroupKeypoints, StrayPointsAreReported) {
  Dataset dataset = two_arms();
  dataset.loose_keypoints = {loose(77, "tip", {50, 50}), loose(1, "tip", {std::nan(""), 5})};
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_EQ(result.decisions[0].doubt, Doubt::kNoOwner);
  EXPECT_EQ(result.decisions[1].doubt, Doubt::kNoOwner);
}

TEST(GroupKeypoints, ABoxDrawnAroundAPolygonDoesNotShareItsPoints) {
  Dataset dataset = empty_images();
  dataset.instances.push_back(box_instance(1, 1, 1, {0, 0, 100, 100}));
  dataset.instances.push_back(box_instance(2, 1, 1, {1, 1, 98, 99}));
  dataset.instances.back().rings = Rings({{1, 1}, {99, 1}, {99, 60}, {50, 100}, {1, 60}});
  dataset.loose_keypoints = {loose(1, "tip", {50, 50}), loose(1, "base", {97, 96})};
  const GroupingResult result = group_keypoints(dataset, {});
  EXPECT_THAT(result.decisions[0].instance_id, Optional(2));
  EXPECT_THAT(result.decisions[1].instance_id, Optional(2));
}

/// Parts with three points in any rotation, laid so close that their boxes overlap.
struct Parts {
  Dataset dataset;
  std::vector<std::int64_t> truth;  // of each loose key point
};

Parts rotated_parts(int image_count, unsigned seed) {
  Parts parts = {.dataset = empty_images(image_count), .truth = {}};
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  std::int64_t id = 0;
  for (std::int64_t image = 1; image <= image_count; ++image) {
    std::vector<std::pair<std::int64_t, LooseKeypoint>> points;
    for (int part = 0; part < 6; ++part) {
      const int row = part / 3;
      const double angle_rad = 2 * std::numbers::pi * unit(random);
      const Point2d centre = {200 + 110.0 * (part % 3) + 15 * unit(random),
                              200 + 110.0 * row + 15 * unit(random)};
      const auto at = [&](double along, double across) {
        return Point2d{centre.x + along * std::cos(angle_rad) - across * std::sin(angle_rad),
                       centre.y + along * std::sin(angle_rad) + across * std::cos(angle_rad)};
      };
      const std::vector<Point2d> ring = {at(-60, -15), at(60, -15), at(60, 15), at(-60, 15)};
      parts.dataset.instances.push_back(box_instance(++id, image, 1, extent(ring)));
      points.emplace_back(id, loose(image, "head", at(55, 0)));
      points.emplace_back(id, loose(image, "middle", at(0, 0)));
      points.emplace_back(id, loose(image, "tail", at(-55, 0)));
    }
    std::ranges::shuffle(points, random);
    for (auto& [owner, point] : points) {
      parts.truth.push_back(owner);
      parts.dataset.loose_keypoints.push_back(std::move(point));
    }
  }
  return parts;
}

TEST(GroupKeypoints, PartsInAnyRotationAreToldApart) {
  // Boxes alone cannot tell two ends that meet; everything else must be right, and those be named.
  Parts parts = rotated_parts(40, 3);
  const GroupingResult result = group_keypoints(parts.dataset, {});
  double right_count = 0;
  for (const KeypointDecision& decision : result.decisions) {
    const bool right = decision.instance_id == parts.truth[decision.loose_index];
    right_count += right ? 1 : 0;
    EXPECT_TRUE(right || decision.doubt == Doubt::kAmbiguous);
  }
  EXPECT_GE(right_count / static_cast<double>(parts.truth.size()), 0.98);
}

TEST(GroupKeypoints, GivesTheSameForAnyNumberOfThreads) {
  std::vector<std::vector<Keypoint>> first;
  for (const std::size_t threads : {1U, 2U, 5U}) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    Parts parts = rotated_parts(150, 9);
    group_keypoints(parts.dataset, {});
    std::vector<std::vector<Keypoint>> slots;
    for (const Instance& instance : parts.dataset.instances) slots.push_back(instance.keypoints);
    if (first.empty()) first = slots;
    EXPECT_EQ(slots, first) << threads << " threads";
  }
}

}  // namespace
}  // namespace labelloom
