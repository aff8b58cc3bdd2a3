#include "convert/merge.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convert/validate.h"
#include "formats/error.h"
#include "tests/convert/small_dataset.h"

namespace labelloom {
namespace {

using test::box_instance;
using test::small_dataset;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The small data set with other file names.
Dataset renamed(const std::string& prefix) {
  Dataset dataset = small_dataset();
  for (Image& image : dataset.images) image.file_name = prefix + image.file_name;
  return dataset;
}

Dataset merged(Dataset a, Dataset b, const MergeOptions& options = {}) {
  Report report;
  std::vector<MergeInput> inputs;
  inputs.push_back({"a.json", std::move(a)});
  inputs.push_back({"b.json", std::move(b)});
  return merge(std::move(inputs), options, report);
}

std::string refusal(Dataset a, Dataset b, const MergeOptions& options = {}) {
  try {
    static_cast<void>(merged(std::move(a), std::move(b), options));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::kInvalidData);
    return error.what();
  }
  return "no error";
}

std::vector<std::string> extras(const Dataset& dataset) {
  std::vector<std::string> texts;
  for (const Image& image : dataset.images) texts.push_back(image.extra);
  return texts;
}

TEST(Merge, NumbersImagesAndAnnotationsAnew) {
  Dataset b = renamed("b/");
  for (Instance& instance : b.instances) instance.image_id += 1;
  for (Image& image : b.images) image.id += 1;
  const Dataset both = merged(small_dataset(), b);
  ASSERT_EQ(both.images.size(), 4U);
  ASSERT_EQ(both.instances.size(), 6U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(both.images[i].id, static_cast<int>(i) + 1);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(both.instances[i].id, static_cast<int>(i) + 1);
  EXPECT_EQ(both.instances[5].image_id, 4);
  EXPECT_EQ(both.categories, small_dataset().categories);
  EXPECT_TRUE(validate(both, {}).empty());
}

TEST(Merge, KeepsIdsOfImagesThatNoOtherInputUses) {
  Dataset a = small_dataset();
  Dataset b = renamed("b/");
  for (Instance& instance : b.instances) instance.image_id += 100;
  for (Image& image : b.images) image.id += 100;
  a.images[0].extra = R"("source_image_id":7)";
  b.images[0].extra = R"("source_image_id":8)";
  const Dataset both = merged(a, b);
  EXPECT_EQ(both.images[0].id, 1);
  EXPECT_EQ(both.images[2].id, 101);
  EXPECT_EQ(both.images[2].extra, R"("source_image_id":8)");
  EXPECT_EQ(both.instances[3].id, 4);
  EXPECT_EQ(both.instances[3].image_id, b.instances[0].image_id);
  // One number for the sources of both: of the same picture only if the user says so.
  b.images[0].extra = R"("source_image_id":7)";
  EXPECT_EQ(merged(a, b).images[2].id, 3);
  EXPECT_EQ(merged(a, b, {.shared_sources = true}).images[2].id, 101);
}

TEST(Merge, OfOneOrNoneIsTheSameSet) {
  Report report;
  EXPECT_TRUE(merge({}, {}, report).images.empty());
  std::vector<MergeInput> one;
  one.push_back({"a.json", small_dataset()});
  const Dataset result = merge(std::move(one), {}, report);
  EXPECT_EQ(result.images, small_dataset().images);
  EXPECT_TRUE(report.empty());
}

TEST(Merge, MatchesCategoriesByName) {
  Dataset a = small_dataset();
  Dataset b = renamed("b/");
  // The same names under exchanged ids, and one of its own whose id is taken.
  b.categories[0].id = 2;
  b.categories[1].id = 7;
  b.categories.push_back({.id = 1, .name = "lid"});
  for (Instance& instance : b.instances) {
    instance.category_id = instance.category_id == 1 ? 2 : 7;
  }
  b.instances.push_back(box_instance(9, 1, 1, {1, 1, 5, 5}));
  const Dataset both = merged(a, b);
  ASSERT_EQ(both.categories.size(), 3U);
  EXPECT_EQ(both.categories[2].name, "lid");
  EXPECT_EQ(both.categories[2].id, 3);
  EXPECT_EQ(both.instances[3].category_id, 1);
  EXPECT_EQ(both.instances[4].category_id, 2);
  EXPECT_EQ(both.instances[6].category_id, 3);
}

TEST(Merge, RefusesCategoriesWithOtherKeyPoints) {
  Dataset b = renamed("b/");
  b.categories[0].keypoints = {"right", "left"};
  EXPECT_THAT(refusal(small_dataset(), b),
              AllOf(HasSubstr("b.json"),
                    HasSubstr("a.json"),
                    HasSubstr("\"cart\""),
                    HasSubstr("right, left"),
                    HasSubstr("left, right"),
                    HasSubstr("rename")));
  b = renamed("b/");
  b.categories[0].skeleton = {{2, 1}};
  EXPECT_THAT(refusal(small_dataset(), b), AllOf(HasSubstr("2-1"), HasSubstr("1-2")));
}

TEST(Merge, AdoptsKeyPointsThatOnlyOneHas) {
  Dataset a = small_dataset();
  a.categories[0].keypoints.clear();
  a.categories[0].skeleton.clear();
  a.instances[0].keypoints.clear();
  for (const bool first_has_none : {true, false}) {
    const Dataset both = first_has_none ? merged(a, renamed("b/")) : merged(renamed("b/"), a);
    EXPECT_THAT(both.categories[0].keypoints, ElementsAre("left", "right"));
    EXPECT_EQ(both.categories[0].skeleton.size(), 1U);
    for (const Instance& instance : both.instances) {
      if (instance.category_id != both.categories[0].id) continue;
      EXPECT_EQ(instance.keypoints.size(), 2U) << "COCOeval stops where they are missing";
    }
  }
}

TEST(Merge, ImagesDoNotGetLicencesOfTheOtherInput) {
  Dataset a = small_dataset();
  Dataset b = renamed("b/");
  a.root_members = {{"licenses", "[{\"id\":1,\"name\":\"CC\"}]"}};
  b.root_members = {{"licenses", "[{\"id\":1,\"name\":\"Other\"}]"}};
  for (Dataset* dataset : {&a, &b}) {
    for (Image& image : dataset->images) image.extra = "\"license\":1,\"note\":2";
  }
  const std::vector<std::string> found = extras(merged(a, b));
  EXPECT_EQ(found.front(), "\"license\":1,\"note\":2");
  EXPECT_EQ(found.back(), "\"note\":2");
}

TEST(Merge, RefusesOneFileNameInTwoInputs) {
  EXPECT_THAT(refusal(small_dataset(), small_dataset()),
              AllOf(HasSubstr("b.json"),
                    HasSubstr("a.json"),
                    HasSubstr("\"a.jpg\""),
                    HasSubstr("--same-image merge")));
}

TEST(Merge, PutsInstancesOfOnePictureTogetherWhenTold) {
  Dataset b = small_dataset();
  b.images[0].id = 77;
  b.instances = {box_instance(1, 77, 2, {1, 1, 5, 5})};
  Report report;
  std::vector<MergeInput> inputs;
  inputs.push_back({"a.json", small_dataset()});
  inputs.push_back({"b.json", b});
  const Dataset both = merge(std::move(inputs), {.same_image = SameImage::kMerge}, report);
  EXPECT_EQ(both.images.size(), 2U);
  ASSERT_EQ(both.instances.size(), 4U);
  EXPECT_EQ(both.instances[3].image_id, 1);
  EXPECT_EQ(report.count("images-merged"), 2U);
  b.images[0].size = {100, 81};
  EXPECT_THAT(refusal(small_dataset(), b, {.same_image = SameImage::kMerge}),
              HasSubstr("100 x 81 here, but 100 x 80 in a.json"));
}

TEST(Merge, KeepsTheSourcesOfTwoSetsApart) {
  // Each input: a picture and two made from it, and one made from a picture that is not there.
  const auto augmented = [](const std::string& prefix) {
    Dataset dataset;
    const char* extra[] = {"",
                           R"("source_image_id":1)",
                           R"("variant":2,"source_image_id":1)",
                           R"("source_image_id":50)"};
    for (int i = 0; i < 4; ++i) {
      dataset.images.push_back({.id = i + 1,
                                .file_name = fmt::format("{}{}.jpg", prefix, i),
                                .size = {9, 9},
                                .extra = extra[i]});
    }
    return dataset;
  };
  EXPECT_THAT(extras(merged(augmented("a"), augmented("b"))),
              ElementsAre("",
                          R"("source_image_id":1)",
                          R"("variant":2,"source_image_id":1)",
                          R"("source_image_id":9)",
                          "",
                          R"("source_image_id":5)",
                          R"("variant":2,"source_image_id":5)",
                          R"("source_image_id":10)"));
}

TEST(Merge, FollowsSourcesIntoAnotherInputWhenTheyAreShared) {
  Dataset originals;
  originals.images = {{.id = 2, .file_name = "x.jpg", .size = {9, 9}, .extra = {}},
                      {.id = 30, .file_name = "y.jpg", .size = {9, 9}, .extra = {}}};
  Dataset augmented;
  augmented.images = {
      {.id = 1, .file_name = "1.jpg", .size = {9, 9}, .extra = R"("source_image_id":30)"},
      {.id = 2, .file_name = "2.jpg", .size = {9, 9}, .extra = R"("source_image_id":2)"}};
  const MergeOptions shared = {.shared_sources = true};
  EXPECT_THAT(extras(merged(originals, augmented, shared)),
              ElementsAre("", "", R"("source_image_id":2)", R"("source_image_id":1)"));
  EXPECT_THAT(extras(merged(augmented, originals, shared)),
              ElementsAre(R"("source_image_id":4)", R"("source_image_id":3)", "", ""));
}

TEST(Merge, WritesContinuousKeyPointsWhenTheInputsDiffer) {
  Dataset a = small_dataset();
  Dataset b = renamed("b/");
  a.keypoint_origin = KeypointOrigin::kPixelCentre;
  EXPECT_EQ(merged(a, b).keypoint_origin, KeypointOrigin::kContinuous);
  b.keypoint_origin = KeypointOrigin::kPixelCentre;
  EXPECT_EQ(merged(a, b).keypoint_origin, KeypointOrigin::kPixelCentre);
  // A set without key points has no say.
  b = renamed("b/");
  b.categories[0].keypoints.clear();
  b.categories[0].skeleton.clear();
  b.instances[0].keypoints.clear();
  EXPECT_EQ(merged(a, b).keypoint_origin, KeypointOrigin::kPixelCentre);
}

TEST(Merge, SaysWhatOfTheOtherInputsItDrops) {
  Dataset a = small_dataset();
  Dataset b = renamed("b/");
  a.root_members = {{"info", "{}"}, {"licenses", "[]"}};
  b.root_members = {{"info", "{}"}, {"licenses", "[{\"id\":1}]"}};
  a.categories[0].supercategory = "thing";
  b.categories[0].supercategory = "vehicle";
  Report report;
  std::vector<MergeInput> inputs;
  inputs.push_back({"a.json", a});
  inputs.push_back({"b.json", b});
  const Dataset both = merge(std::move(inputs), {}, report);
  EXPECT_EQ(both.root_members, a.root_members);
  EXPECT_EQ(both.categories[0].supercategory, "thing");
  EXPECT_EQ(report.count("root-member-dropped"), 1U);
  EXPECT_EQ(report.count("supercategory-differs"), 1U);
}

TEST(Merge, MovesLooseKeyPointsWithTheirOwners) {
  Dataset b = renamed("b/");
  b.loose_keypoints = {{.image_id = 1, .label = "tip", .point = {1, 2}, .owner_id = 2}};
  const Dataset both = merged(small_dataset(), b);
  ASSERT_EQ(both.loose_keypoints.size(), 1U);
  EXPECT_EQ(both.loose_keypoints[0].image_id, 3);
  EXPECT_EQ(both.loose_keypoints[0].owner_id, 5);
}

}  // namespace
}  // namespace labelloom
