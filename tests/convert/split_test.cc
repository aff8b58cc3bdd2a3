#include "convert/split.h"

#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/coco.h"
#include "formats/error.h"
#include "formats/json_members.h"
#include "tests/convert/small_dataset.h"
#include "tests/support/shared_data.h"

namespace labelloom {
namespace {

using test::box_instance;

Dataset numbered_images(int count, const char* pattern = "{:04}.jpg") {
  Dataset dataset;
  dataset.categories = {{.id = 5, .name = "common"}, {.id = 9, .name = "rare"}};
  for (int i = 1; i <= count; ++i) {
    dataset.images.push_back({.id = i,
                              .file_name = fmt::format(fmt::runtime(pattern), i),
                              .size = {100, 80},
                              .extra = {}});
  }
  return dataset;
}

void add_boxes(Dataset& dataset, std::int64_t image_id, std::int64_t category_id, int count) {
  for (int i = 0; i < count; ++i) {
    const auto id = static_cast<std::int64_t>(dataset.instances.size()) + 1;
    dataset.instances.push_back(box_instance(id, image_id, category_id, {1, 1, 5.0 + i, 5}));
  }
}

std::size_t index(Side side) { return static_cast<std::size_t>(side); }

TEST(Split, SizesAreExactWhenEveryImageIsItsOwnSource) {
  const SplitPlan plan =
      plan_split(numbered_images(100), {.val_share = 0.2, .test_share = 0.1, .seed = 1});
  EXPECT_EQ(plan.group_count, 100U);
  EXPECT_EQ(plan.images[index(Side::kTrain)], 70U);
  EXPECT_EQ(plan.images[index(Side::kVal)], 20U);
  EXPECT_EQ(plan.images[index(Side::kTest)], 10U);
}

TEST(Split, VariantsOfOneSourceStayTogether) {
  Dataset dataset = numbered_images(0);
  for (std::int64_t i = 0; i < 600; ++i) {
    dataset.images.push_back(
        {.id = i + 1,
         .file_name = fmt::format("aug/{}.png", i),
         .size = {9, 9},
         .extra = fmt::format(R"("variant":{},"source_image_id":{})", i % 30, 1000 + i / 30)});
  }
  const SplitPlan plan = plan_split(dataset, {.val_share = 0.25, .seed = 3});
  EXPECT_EQ(plan.group_count, 20U);
  EXPECT_EQ(plan.largest_group, 30U);
  EXPECT_EQ(plan.images[index(Side::kVal)], 150U);
  for (std::size_t i = 0; i < 600; ++i) {
    EXPECT_EQ(plan.side_of_image[i], plan.side_of_image[i - i % 30]);
  }
}

TEST(Split, TheSourceItselfStaysWithItsVariants) {
  Dataset dataset = numbered_images(40);
  for (std::int64_t i = 0; i < 40; ++i) {
    dataset.images.push_back({.id = 100 + i,
                              .file_name = fmt::format("flipped{}.jpg", i),
                              .size = {9, 9},
                              .extra = fmt::format(R"("source_image_id":{})", i + 1)});
  }
  const SplitPlan plan = plan_split(dataset, {});
  EXPECT_EQ(plan.group_count, 40U);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(plan.side_of_image[i], plan.side_of_image[40 + i]);
  }
}

TEST(Split, TakesOnlyRoboflowsMarkOffNames) {
  EXPECT_EQ(source_stem("a/b.c/photo.jpg"), "a/b.c/photo");
  EXPECT_EQ(source_stem("a/.hidden"), "a/.hidden");
  EXPECT_EQ(source_stem("photo_jpg.rf.0123456789abcdef0123456789abcdef.jpg"), "photo_jpg");
  EXPECT_EQ(source_stem("x/photo_jpg.rf.0123456789abcdef0123456789abcdef.jpg"), "x/photo_jpg");
  // Too short for a hash, other characters, other marks: may be a name that a person gave.
  EXPECT_EQ(source_stem("photo.rf.12.jpg"), "photo.rf.12");
  EXPECT_EQ(source_stem("photo.rf.0123456789abcdef_123456789abcdef.jpg"),
            "photo.rf.0123456789abcdef_123456789abcdef");
  EXPECT_EQ(source_stem("photo_aug_3.jpg"), "photo_aug_3");
}

TEST(Split, EveryCategoryGetsItsShareRareOnesToo) {
  Dataset dataset = numbered_images(200);
  for (int i = 1; i <= 200; ++i) add_boxes(dataset, i, 5, 1 + i % 7);
  for (std::int64_t i = 1; i <= 5; ++i) add_boxes(dataset, i * 37, 9, 1);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const SplitPlan plan = plan_split(dataset, {.val_share = 0.2, .seed = seed});
    EXPECT_EQ(plan.images[index(Side::kVal)], 40U);
    EXPECT_EQ(plan.category_instances[1][index(Side::kVal)], 1U) << seed;
    const auto total = static_cast<double>(dataset.instances.size() - 5);
    const double share = static_cast<double>(plan.category_instances[0][index(Side::kVal)]) / total;
    EXPECT_NEAR(share, 0.2, 0.003) << seed;
  }
}

TEST(Split, IsTheSameForTheSameSeedWhateverTheOrderOfTheImages) {
  Dataset dataset = numbered_images(50);
  Dataset reversed = dataset;
  std::ranges::reverse(reversed.images);
  const SplitPlan a = plan_split(dataset, {.seed = 7});
  const SplitPlan b = plan_split(reversed, {.seed = 7});
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(a.side_of_image[i], b.side_of_image[49 - i]);
  EXPECT_NE(a.side_of_image, plan_split(dataset, {.seed = 8}).side_of_image);
  // A promise to users: these do not change between versions or machines.
  const std::vector<Side> first(a.side_of_image.begin(), a.side_of_image.begin() + 12);
  std::string text;
  for (const Side side : first) text += name(side)[0];
  EXPECT_EQ(text, "ttvvttvvtttt");
}

TEST(Split, KeepsIdsAndLosesNothing) {
  Dataset dataset = numbered_images(30);
  for (int i = 1; i <= 30; ++i) add_boxes(dataset, i, 5, 2);
  dataset.root_members = {{"info", "{}"}};
  const SplitPlan plan = plan_split(dataset, {.val_share = 0.2, .test_share = 0.2});
  const auto parts = apply_split(dataset, plan);
  std::set<std::int64_t> images;
  std::set<std::int64_t> instances;
  for (std::size_t s = 0; s < kSideCount; ++s) {
    EXPECT_EQ(parts[s].images.size(), plan.images[s]);
    EXPECT_EQ(parts[s].instances.size(), plan.instances[s]);
    EXPECT_EQ(parts[s].categories, dataset.categories);
    EXPECT_EQ(parts[s].root_members, dataset.root_members);
    std::set<std::int64_t> own;
    for (const Image& image : parts[s].images) own.insert(image.id);
    for (const Instance& instance : parts[s].instances) {
      EXPECT_TRUE(own.contains(instance.image_id));
      instances.insert(instance.id);
    }
    images.merge(own);
  }
  EXPECT_EQ(images.size(), 30U);
  EXPECT_EQ(instances.size(), 60U);
}

TEST(Split, RefusesSharesThatLeaveNothing) {
  const Dataset dataset = numbered_images(3);
  EXPECT_THROW(static_cast<void>(plan_split(dataset, {.val_share = 1})), Error);
  EXPECT_THROW(static_cast<void>(plan_split(dataset, {.val_share = -0.1})), Error);
  EXPECT_THROW(static_cast<void>(plan_split(dataset, {.val_share = std::nan("")})), Error);
  EXPECT_THROW(static_cast<void>(plan_split(dataset, {.val_share = 0.5, .test_share = 0.5})),
               Error);
}

TEST(Split, OfNothingIsNothing) {
  const SplitPlan plan = plan_split({}, {});
  EXPECT_TRUE(plan.side_of_image.empty());
  EXPECT_EQ(plan.group_count, 0U);
}

TEST(JsonMembers, AreFoundAtTheTopLevelOnly) {
  const JsonMembers members =
      R"("a":"x,\"y\":{","source_image_id_":[1,{"source_image_id":2}],"source_image_id":37,"z":{})";
  EXPECT_EQ(find_member(members, kSourceImageId), "37");
  EXPECT_EQ(find_member(members, "a"), R"("x,\"y\":{")");
  EXPECT_EQ(find_member(members, "z"), "{}");
  EXPECT_EQ(find_member(members, "y"), std::nullopt);
  EXPECT_EQ(find_member("", "y"), std::nullopt);
  EXPECT_EQ(replace_member(R"("a":1,"b":22,"c":3)", "b", "7"), R"("a":1,"b":7,"c":3)");
  EXPECT_EQ(replace_member(R"("a":1)", "b", "7"), R"("a":1)");
}

}  // namespace
}  // namespace labelloom
