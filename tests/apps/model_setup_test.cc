#include "apps/model_setup.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/label_mapping.h"
#include "formats/error.h"
#include "tests/apps/training_support.h"

namespace labelloom::apps {
namespace {

using test::OneThing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Action>
std::string failure(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing failed";
}

TEST(ModelSetup, ClassesAreTheCategoriesThatHaveBoxes) {
  OneThing one;
  one.dataset.categories.push_back({.id = 9, .name = "never seen"});
  const model::ModelConfig config = make_model_config(one.dataset, "a.json", nullptr, {});
  EXPECT_THAT(config.classes, ElementsAre("thing"));
  EXPECT_THAT(config.seg_classes, ElementsAre("background", "thing"));
  EXPECT_THAT(config.seg_of_class, ElementsAre(1));
  ASSERT_EQ(config.keypoints.size(), 2U);
  EXPECT_EQ(config.keypoints[0].mirrored, 1);
  EXPECT_EQ(config.keypoints[1].mirrored, 0);
}

TEST(ModelSetup, HeadsAreWhatThereAreLabelsFor) {
  OneThing one;
  one.dataset.instances[0].rings = {};
  one.dataset.instances[0].keypoints = {};
  const model::ModelConfig config = make_model_config(one.dataset, "a.json", nullptr, {});
  EXPECT_TRUE(config.heads.boxes);
  EXPECT_FALSE(config.heads.segmentation);
  EXPECT_FALSE(config.heads.keypoints);
  SetupOptions wanted;
  wanted.heads = {"segmentation"};
  EXPECT_THAT(failure([&] {
                static_cast<void>(make_model_config(one.dataset, "a.json", nullptr, wanted));
              }),
              HasSubstr("a.json: --heads segmentation: no instance of it has a polygon"));
}

TEST(ModelSetup, AnEmptySetIsRefused) {
  EXPECT_THAT(failure([] { static_cast<void>(make_model_config({}, "empty.json", nullptr, {})); }),
              HasSubstr("empty.json: there is no image in it"));
}

TEST(ModelSetup, ACategoryTheModelDoesNotHaveIsNamed) {
  OneThing one;
  const model::ModelConfig config = make_model_config(one.dataset, "a.json", nullptr, {});
  one.dataset.categories[0].name = "other";
  EXPECT_THAT(failure([&] { ClassTable(one.dataset, "val.json", config); }),
              HasSubstr("val.json: category \"other\" is not one of the model's classes: thing"));
}

TEST(ModelSetup, OtherKeyPointsAreNamed) {
  OneThing one;
  const model::ModelConfig config = make_model_config(one.dataset, "a.json", nullptr, {});
  one.dataset.categories[0].keypoints = {"tip"};
  EXPECT_THAT(failure([&] { ClassTable(one.dataset, "val.json", config); }),
              HasSubstr("has the key points tip; the model has left_corner, right_corner"));
}

TEST(ModelSetup, ACategoryIsNamedWhosePixelsWouldBecomeBackground) {
  OneThing one;
  SetupOptions pixels;
  pixels.heads = {"segmentation"};
  const model::ModelConfig config = make_model_config(one.dataset, "a.json", nullptr, pixels);
  one.dataset.categories[0].name = "other";
  EXPECT_THAT(failure([&] { ClassTable(one.dataset, "val.json", config); }),
              HasSubstr("val.json: category \"other\" is not one of the model's classes: thing"));
  EXPECT_EQ(failure([&] { ClassTable(one.dataset, "val.json", config, /*has_label_maps=*/true); }),
            "nothing failed");
}

class Measurable : public ::testing::Test {
 protected:
  OneThing one;
  model::ModelConfig config = make_model_config(one.dataset, "a.json", nullptr, {});

  std::string fault(std::optional<bool> maps_say_something = {}) {
    return failure(
        [&] { require_measurable(one.dataset, "val.json", config, maps_say_something); });
  }
};

TEST_F(Measurable, IsASetWithTheModelsCategories) {
  EXPECT_EQ(fault(), "nothing failed");
  one.dataset.categories[0].name = "other";
  EXPECT_THAT(fault(), HasSubstr("val.json: the model's class \"thing\" is not one of the data"));
  config.heads.boxes = config.heads.keypoints = false;  // nothing is looked up by its name then
  EXPECT_EQ(fault(/*maps_say_something=*/true), "nothing failed");
}

TEST_F(Measurable, IsASetWhoseUnusedCategoriesHaveTheModelsKeyPoints) {
  OneThing other;
  other.dataset.categories[0].keypoints = {"tip"};
  other.dataset.instances.clear();
  one.dataset.categories = other.dataset.categories;
  one.dataset.instances.clear();
  EXPECT_THAT(fault(), HasSubstr("val.json: category \"thing\" has the key points tip; the model"));
  config.heads.keypoints = false;
  EXPECT_EQ(fault(/*maps_say_something=*/true), "nothing failed");
}

TEST_F(Measurable, IsNoSetWithoutAnyTruth) {
  const std::string nothing =
      "val.json: nothing in it is labelled that the model could be measured";
  one.dataset.instances[0].rings = {};
  EXPECT_EQ(fault(), "nothing failed");
  one.dataset.instances[0].bbox = {};
  EXPECT_THAT(fault(), HasSubstr(nothing));
  EXPECT_EQ(fault(/*maps_say_something=*/true), "nothing failed");
  EXPECT_THAT(fault(/*maps_say_something=*/false), HasSubstr(nothing));
  config.heads.segmentation = false;
  EXPECT_THAT(fault(/*maps_say_something=*/true), HasSubstr(nothing));
}

// A network that sees background everywhere would be the best on it.
TEST_F(Measurable, IsNoSetOfNothingOrOfCrowdsAlone) {
  const std::string nothing = "val.json: nothing in it is labelled";
  config.heads.boxes = config.heads.keypoints = false;
  EXPECT_EQ(fault(), "nothing failed");
  one.dataset.instances[0].iscrowd = true;
  EXPECT_THAT(fault(), HasSubstr(nothing));
  one.dataset.instances[0].iscrowd = false;
  config.seg_classes[1] = "other";
  EXPECT_THAT(fault(), HasSubstr(nothing));
  one.dataset.instances.clear();
  EXPECT_THAT(fault(), HasSubstr(nothing));
}

TEST(LabelMapping, ValuesAreClassesWithoutAMap) {
  const LabelMapping mapping = parse_label_mapping(R"({"classes":["a","b"]})", "m.json");
  EXPECT_EQ(mapping.class_of_value[1], 1);
  EXPECT_EQ(mapping.class_of_value[2], LabelMapping::kOutside);
  EXPECT_EQ(mapping.class_of_value[255], LabelMapping::kIgnored);
}

TEST(LabelMapping, AMapNamesValuesAndWhatIsIgnored) {
  const LabelMapping mapping = parse_label_mapping(
      R"({"classes":["a","b"],"map":{"7":"b","9":0},"ignore":[11,12]})", "m.json");
  EXPECT_EQ(mapping.class_of_value[7], 1);
  EXPECT_EQ(mapping.class_of_value[9], 0);
  EXPECT_EQ(mapping.class_of_value[11], LabelMapping::kIgnored);
  EXPECT_EQ(mapping.class_of_value[0], LabelMapping::kOutside);
  EXPECT_EQ(mapping.class_of_value[255], LabelMapping::kOutside);
}

TEST(LabelMapping, EveryClassHasAValueOfItsOwn) {
  const auto values = [](std::string_view json) {
    return values_of_classes(parse_label_mapping(json, "m.json"));
  };
  EXPECT_THAT(values(R"({"classes":["a","b"]})"), ElementsAre(0, 1));
  EXPECT_THAT(values(R"({"classes":["a","b"],"map":{"20":"a","7":"b","9":"a"}})"),
              ElementsAre(9, 7));
  EXPECT_THAT(values(R"({"classes":["a","b","c"],"map":{"0":"b"},"ignore":1})"),
              ElementsAre(2, 0, 3));
  // No value is free: one that means the other class, too, is taken.
  LabelMapping full = parse_label_mapping(R"({"classes":["a","b"]})", "m.json");
  full.class_of_value.fill(1);
  EXPECT_THAT(values_of_classes(full), ElementsAre(1, 0));
}

TEST(LabelMapping, CategoriesHaveTheirIds) {
  const std::vector<Category> categories = {
      {.id = 10, .name = "a"}, {.id = 300, .name = "b"}, {.id = 20, .name = "c"}};
  const LabelMapping mapping = category_mapping(categories);
  EXPECT_THAT(values_of_classes(mapping), ElementsAre(0, 10, 20));
  OneThing one;
  EXPECT_THAT(make_model_config(one.dataset, "a.json", &mapping, {}).seg_values,
              ElementsAre(0, 10, 20));
  EXPECT_TRUE(make_model_config(one.dataset, "a.json", nullptr, {}).seg_values.empty());
}

TEST(LabelMapping, HasATextByWhichItIsKnownAgain) {
  const auto text = [](std::string_view json, const std::string& file) {
    return canonical_text(parse_label_mapping(json, file));
  };
  const std::string one = text(R"({"classes":["a","b"],"map":{"7":"b","9":0},"ignore":11})", "m");
  EXPECT_EQ(one, "7: \"b\"\n9: \"a\"\n11: ignored\n");
  EXPECT_EQ(one, text(R"({"ignore":[11],"map":{"9":"a","7":1},"classes":["a","b"]})", "n"));
  EXPECT_NE(one, text(R"({"classes":["a","b"],"map":{"7":"b","9":1},"ignore":11})", "m"));
}

TEST(LabelMapping, WhatIsWrongIsNamedWithItsPlace) {
  const auto fault = [](std::string_view json) {
    return failure([&] { static_cast<void>(parse_label_mapping(json, "m.json")); });
  };
  EXPECT_THAT(fault("[]"), HasSubstr("m.json: expected an object"));
  EXPECT_THAT(fault(R"({"classes":[]})"), HasSubstr("m.json: classes: expected a list"));
  EXPECT_THAT(fault(R"({"classes":["a","a"]})"), HasSubstr("classes[1]: \"a\" is there twice"));
  EXPECT_THAT(fault(R"({"classes":["a"],"map":{"0":"c"}})"), HasSubstr("map.0: \"c\" is not one"));
  EXPECT_THAT(fault(R"({"classes":["a"],"map":{"300":"a"}})"), HasSubstr("values from 0 to 255"));
  EXPECT_THAT(fault(R"({"classes":["a"],"ignore":"b"})"), HasSubstr("m.json: ignore: expected"));
  EXPECT_THAT(fault(R"({"klasses":["a"]})"), HasSubstr("m.json: klasses: unknown member"));
  EXPECT_THAT(fault("{"), HasSubstr("m.json: byte 1"));
}

}  // namespace
}  // namespace labelloom::apps
