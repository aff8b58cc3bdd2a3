// What people look up: the schema, the catalogue, the sample pipelines.

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>

#include "augment/catalogue.h"
#include "augment/pipeline_file.h"
#include "augment/registry.h"
#include "tests/augment/pipeline_support.h"
#include "tests/support/temp_dir.h"

namespace labelloom::augment {
namespace {

using testing::HasSubstr;

/// RapidJSON wants the $ of references percent-encoded, as it may be.
std::string encoded_schema() {
  std::string text = pipeline_schema();
  const std::string_view plain = "#/$defs/";
  for (std::size_t at = text.find(plain); at != std::string::npos; at = text.find(plain, at)) {
    text.replace(at, plain.size(), "#/%24defs/");
  }
  return text;
}

/// RapidJSON knows draft 4, of which the schema uses little more.
class PipelineSchema : public testing::Test {
 protected:
  PipelineSchema() : schema(parsed(encoded_schema())) {}

  static rapidjson::Document parsed(const std::string& text) {
    rapidjson::Document document;
    document.Parse(text.data(), text.size());
    EXPECT_FALSE(document.HasParseError()) << text.substr(0, 200);
    return document;
  }

  bool accepts(const std::string& text) {
    rapidjson::SchemaValidator validator(schema);
    return parsed(text).Accept(validator);
  }

  rapidjson::SchemaDocument schema;
};

TEST_F(PipelineSchema, AcceptsWhatTheReaderAccepts) {
  for (
      const char* text :
      {R"(["HorizontalFlip", {"HorizontalFlip": {"p": 0.5}}])",
       R"({"labelloom_pipeline": 1, "description": "x", "transforms": []})",
       R"([{"OneOf": ["VerticalFlip"]}, {"SomeOf": {"n": [1, 2], "transforms": ["VerticalFlip"]}}])",
       R"([{"Affine": {"scale": {"x": [1, 2]}, "rotate": -20, "translate_px": null, "fill": 3,
             "cval": [1, 2, 3], "border_mode": "wrap", "interpolation": 2, "keep_ratio": true}}])"}) {
    EXPECT_TRUE(accepts(text)) << text;
    EXPECT_NO_THROW(static_cast<void>(test::parse(text))) << text;
  }
}

TEST_F(PipelineSchema, RefusesWhatTheReaderRefuses) {
  for (const char* text : {R"(["HorizontlFlip"])",
                           R"([{"HorizontalFlip": {"pp": 0.5}}])",
                           R"([{"HorizontalFlip": {"p": 2}}])",
                           R"([{"HorizontalFlip": {}, "VerticalFlip": {}}])",
                           R"({"transforms": [], "extra": 1})",
                           R"({"labelloom_pipeline": 1})",
                           R"([{"OneOf": {"p": 1}}])",
                           R"([{"Affine": {"rotate": [1, 2, 3]}}])",
                           R"([{"Affine": {"rotate": 361}}])",
                           R"([{"HueSaturationValue": {"hue_shift_limit": 181}}])",
                           R"([{"Affine": {"border_mode": "none"}}])",
                           R"([{"Affine": {"scale": {"z": 1}}}])",
                           R"([{"Affine": {"keep_ratio": 1}}])"}) {
    EXPECT_FALSE(accepts(text)) << text;
    EXPECT_NE(test::failure(text), "nothing failed") << text;
  }
}

TEST_F(PipelineSchema, AcceptsTheDefaultsOfEveryTransform) {
  for (const TransformEntry& entry : transforms()) {
    Setting::Members members;
    for (const FieldDoc& field : entry.fields) {
      const Setting given = field.spec.required ? Setting{256.0} : field.default_value;
      members.emplace_back(field.name, given);
    }
    const Setting step{Setting::Members{{entry.name, {members}}}};
    EXPECT_TRUE(accepts("[" + step.text() + "]")) << step.text();
  }
}

TEST(Catalogue, ListsEveryTransformOnALine) {
  const std::string text = describe_transforms();
  for (const TransformEntry& entry : transforms()) {
    EXPECT_THAT(text, HasSubstr(entry.name + " "));
    EXPECT_THAT(text, HasSubstr(entry.summary + "\n"));
  }
}

TEST(Catalogue, TellsAllAboutOneTransform) {
  EXPECT_EQ(describe_transform(*find_transform("HorizontalFlip")),
            "HorizontalFlip (exact move)\n"
            "Mirrors left to right: x' = W - x.\n\n"
            "Parameters:\n"
            "  p = 0.5\n"
            "      number; in [0, 1]\n"
            "      how likely it is applied\n\n"
            "Example:\n"
            "  as JSON: {\"HorizontalFlip\":{\"p\":0.5}}\n"
            "  as a line: HorizontalFlip(p=0.5)\n");
  EXPECT_THAT(describe_transform(*find_transform("HueSaturationValue")),
              HasSubstr("  hue_shift_limit = [-20,20]\n"
                        "      range [low, high]; in [-180, 180]; one number r: [-r, r]\n"
                        "      in units of 2 degrees\n"
                        "      other names: hue_shift_range\n"));
}

TEST(Catalogue, ExamplesOfEveryTransformAreRead) {
  for (const TransformEntry& entry : transforms()) {
    const std::string text = describe_transform(entry);
    const std::string_view line_head = "  as a line: ";
    const std::size_t line = text.find(line_head);
    ASSERT_NE(line, std::string::npos) << text;
    EXPECT_EQ(test::failure(text.substr(line + line_head.size())), "nothing failed") << text;
  }
}

TEST(SamplePipelines, AreReadAndDescribed) {
  std::set<std::string> names;
  for (const auto& file :
       std::filesystem::directory_iterator(test::source_dir() / "samples" / "pipelines")) {
    names.insert(file.path().stem());
    Report report;
    try {
      const PipelineFile pipeline = read_pipeline(file.path(), report);
      EXPECT_TRUE(report.empty());
      EXPECT_EQ(test::canonical(pipeline.canonical), pipeline.canonical);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
    EXPECT_THAT(test::read_file(file.path()), HasSubstr("\"description\": \""));
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"aerial", "industrial", "light", "strong"}));
}

}  // namespace
}  // namespace labelloom::augment
