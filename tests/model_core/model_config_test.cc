#include "model/model_config.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

using ::testing::HasSubstr;

ModelConfig full_config() {
  ModelConfig config;
  config.size = NetworkSize::kBase;
  config.heads.loss_prediction = false;
  config.classes = {"bolt \"M4\"", "M\xC3\xBCller"};
  config.seg_classes = {"background", "bolt"};
  config.seg_of_class = {1, -1};
  config.seg_values = {0, 255};
  config.keypoints = {{.class_index = 1, .name = "left", .mirrored = 1, .sigma = 0.025},
                      {.class_index = 1, .name = "right", .mirrored = 0, .sigma = 0.1}};
  config.input = {640, 384};
  config.mean = {0.1F, 0.2F, 0.3F};
  return config;
}

std::string refusal(const std::function<void(ModelConfig&)>& spoil) {
  ModelConfig config = full_config();
  spoil(config);
  try {
    validate(config);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_of(const std::string& json) {
  try {
    static_cast<void>(parse_model_config(json, "model.json"));
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(NetworkSize, IsNamedAndFoundByItsName) {
  EXPECT_EQ(network_size("small"), NetworkSize::kSmall);
  EXPECT_EQ(network_size(name_of(NetworkSize::kLarge)), NetworkSize::kLarge);
  EXPECT_THROW(static_cast<void>(network_size("tiny")), Error);
}

TEST(ModelConfig, SurvivesItsJson) {
  const ModelConfig config = full_config();
  EXPECT_EQ(parse_model_config(to_json(config), "model.json"), config);
}

TEST(ModelConfig, NamesTheFirstValueThatDoesNotFit) {
  EXPECT_EQ(refusal([](ModelConfig&) {}), "accepted");
  EXPECT_THAT(refusal([](ModelConfig& c) { c.classes[1] = c.classes[0]; }),
              HasSubstr("classes[1]"));
  EXPECT_THAT(refusal([](ModelConfig& c) { c.classes.clear(); }), HasSubstr("no class"));
  EXPECT_THAT(refusal([](ModelConfig& c) { c.seg_of_class[1] = 2; }),
              HasSubstr("seg_of_class[1]: 2 is not one of -1..1"));
  EXPECT_THAT(refusal([](ModelConfig& c) { c.seg_values[1] = 256; }),
              HasSubstr("seg_values[1]: 256 is not one of 0..255"));
  EXPECT_THAT(refusal([](ModelConfig& c) { c.seg_values[0] = -1; }), HasSubstr("seg_values[0]"));
  EXPECT_THAT(refusal([](ModelConfig& c) { c.seg_values[0] = 255; }),
              HasSubstr("seg_values[1]: 255 stands there twice"));
  EXPECT_THAT(refusal([](ModelConfig& c) { c.seg_values.pop_back(); }),
              HasSubstr("seg_values: 1 values for 2 classes"));
  EXPECT_EQ(refusal([](ModelConfig& c) { c.seg_values.clear(); }), "accepted");
  EXPECT_THAT(refusal([](ModelConfig& c) { c.keypoints[1].mirrored = 1; }),
              HasSubstr("keypoints[0].mirrored"));
  EXPECT_THAT(refusal([](ModelConfig& c) { c.keypoints[0].sigma = 0; }), HasSubstr("sigma"));
  EXPECT_THAT(refusal([](ModelConfig& c) { c.input.width = 100; }), HasSubstr("multiple of 32"));
  EXPECT_THAT(refusal([](ModelConfig& c) { c.deviation[2] = 0; }), HasSubstr("deviation[2]"));
  EXPECT_THAT(refusal([](ModelConfig& c) {
                c.heads = {false, false, false, true};
              }),
              HasSubstr("heads"));
}

TEST(ModelConfig, NamesFileAndPlaceOfWhatIsWrongInItsJson) {
  EXPECT_THAT(refusal_of("{\"size\": }"), HasSubstr("model.json:1: byte 9"));
  EXPECT_THAT(refusal_of("{\"classes\": [3]}"), HasSubstr("classes[0]: expected a string"));
  EXPECT_THAT(refusal_of("{\"clases\": []}"), HasSubstr("unknown member \"clases\""));
  EXPECT_THAT(refusal_of("{\"size\": \"huge\"}"), HasSubstr("expected small, base or large"));
  EXPECT_THAT(refusal_of("{\"size\": \"base\", \"size\": \"base\"}"), HasSubstr("twice"));
  EXPECT_THAT(refusal_of("[]"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(refusal_of("{\"seg_values\": [0, 1e99]}"), HasSubstr("seg_values[1]"));
  EXPECT_THAT(refusal_of("{\"seg_values\": [-1]}"), HasSubstr("seg_values[0]"));
}

TEST(ModelConfig, LeavesMembersThatSomebodyElseReads) {
  const std::string json = R"({"classes": ["a"], "heads": {"segmentation": false,
    "keypoints": false}, "outputs": 3})";
  const std::vector<std::string_view> others = {"outputs"};
  EXPECT_EQ(parse_model_config(json, "manifest.json", others).classes.size(), 1U);
  EXPECT_THAT(refusal_of(json), HasSubstr("\"outputs\""));
}

}  // namespace
}  // namespace labelloom::model
