// Files in tests/data/pipelines were written by Albumentations itself (tests/peers), those named
// "reference" by hand after its source.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/pipeline_file.h"
#include "tests/augment/pipeline_support.h"

namespace labelloom::augment {
namespace {

using test::canonical;
using test::failure;
using test::parse;
using test::pipeline_data;
using testing::HasSubstr;

std::string saved(const std::string& version, const std::string& steps) {
  return "{\"__version__\": \"" + version +
         R"(", "transform": {"__class_fullname__": "Compose", "p": 1.0, "transforms": [)" + steps +
         "]}}";
}

std::string node(const std::string& name, const std::string& members = "") {
  return "{\"__class_fullname__\": \"" + name + "\"" + (members.empty() ? "" : ", " + members) +
         "}";
}

class SavedPipeline : public testing::TestWithParam<const char*> {};

TEST_P(SavedPipeline, IsReadAndItsCanonicalTextReadsBack) {
  Report report;
  const PipelineFile file = read_pipeline(pipeline_data(GetParam()), report);
  EXPECT_FALSE(file.pipeline.root().children.empty());
  EXPECT_EQ(canonical(file.canonical), file.canonical);
}

INSTANTIATE_TEST_SUITE_P(Files,
                         SavedPipeline,
                         testing::Values("albumentations_1.3.1_all.json",
                                         "albumentations_1.3.1_containers.json",
                                         "albumentations_1.3.1_everyday.json",
                                         "albumentations_1.3.1_reference.json",
                                         "albumentations_2.0.8_all.json",
                                         "albumentations_2.0.8_containers.json",
                                         "albumentations_2.0.8_everyday.json",
                                         "albumentations_2.0.8_reference.json"));

TEST(Albumentations, YamlAndJsonOfOnePipelineMeanTheSame) {
  for (const std::string name : {"albumentations_1.3.1_containers",
                                 "albumentations_1.3.1_everyday",
                                 "albumentations_2.0.8_containers",
                                 "albumentations_2.0.8_everyday"}) {
    Report report;
    EXPECT_EQ(read_pipeline(pipeline_data(name + ".yaml"), report).canonical,
              read_pipeline(pipeline_data(name + ".json"), report).canonical)
        << name;
  }
}

TEST(Albumentations, BothVersionsOfAnEverydayPipelineMeanTheSame) {
  Report report;
  const PipelineFile first =
      read_pipeline(pipeline_data("albumentations_1.3.1_everyday.json"), report);
  const PipelineFile second =
      read_pipeline(pipeline_data("albumentations_2.0.8_everyday.json"), report);
  EXPECT_EQ(first.dialect, Dialect::kAlbumentations1);
  EXPECT_EQ(second.dialect, Dialect::kAlbumentations2);
  EXPECT_EQ(first.canonical, second.canonical);
  EXPECT_EQ(second.min_area, 4);
  EXPECT_EQ(second.min_visibility, 0.1);
}

TEST(Albumentations, TheFirstVersionChoosesByWeightAndForces) {
  const std::string some = R"({"__class_fullname__": "SomeOf", "p": 1, "n": 2, "transforms": [)" +
                           node("HorizontalFlip", "\"p\": 0.5") + "]}";
  const PipelineFile first = parse(saved("1.3.1", some));
  const PipelineFile second = parse(saved("2.0.8", some));
  EXPECT_TRUE(first.pipeline.root().children.at(0).weighted);
  EXPECT_TRUE(first.pipeline.root().children.at(0).replace);
  EXPECT_FALSE(second.pipeline.root().children.at(0).weighted);
  EXPECT_FALSE(second.pipeline.root().children.at(0).replace);
}

TEST(Albumentations, TheFirstVersionsSequentialIgnoredItsP) {
  const std::string sequence = R"({"__class_fullname__": "Sequential", "p": 0, "transforms": []})";
  EXPECT_EQ(parse(saved("1.3.1", sequence)).pipeline.root().children.at(0).p, 1);
  EXPECT_EQ(parse(saved("2.0.8", sequence)).pipeline.root().children.at(0).p, 0);
}

TEST(Albumentations, AlwaysApplyMeansSurelyExceptAsAWeight) {
  const std::string flip = node("HorizontalFlip", R"("always_apply": true, "p": 0.25)");
  const std::string choice =
      R"({"__class_fullname__": "OneOf", "p": 1, "transforms": [)" + flip + "]}";
  const PipelineFile file = parse(saved("1.3.1", flip + "," + choice));
  const Node& root = file.pipeline.root();
  EXPECT_EQ(root.children.at(0).p, 1);
  EXPECT_EQ(root.children.at(1).children.at(0).p, 0.25);
}

TEST(Albumentations, AFileWithoutVersionShowsItByAlwaysApply) {
  const std::string inner = R"({"__class_fullname__": "Compose", "transforms": [)";
  EXPECT_EQ(parse(inner + node("HorizontalFlip") + "]}").dialect, Dialect::kAlbumentations2);
  EXPECT_EQ(parse(inner + node("HorizontalFlip", "\"always_apply\": false") + "]}").dialect,
            Dialect::kAlbumentations1);
}

TEST(Albumentations, DottedNamesAreStrippedAndUsersClassesRefused) {
  EXPECT_EQ(parse(saved("0.5.2", node("albumentations.augmentations.transforms.VerticalFlip")))
                .pipeline.root()
                .children.at(0)
                .name,
            "VerticalFlip");
  EXPECT_THAT(failure(saved("1.3.1", node("my.code.Blur"))),
              HasSubstr("transforms[0]: \"my.code.Blur\" is a class of somebody's own"));
}

TEST(Albumentations, ForeignParametersAreIgnoredWithARemark) {
  Report report;
  const std::string members = R"("p": 1, "padding": 0, "mask_interpolation": 0)";
  const PipelineFile file = parse(saved("2.0.8", node("HorizontalFlip", members)), report);
  EXPECT_EQ(file.pipeline.root().children.size(), 1);
  ASSERT_EQ(report.kinds().size(), 1);
  EXPECT_EQ(report.kinds()[0].name, "pipeline-ignored");
  EXPECT_EQ(report.kinds()[0].examples.at(0),
            "p: transforms[0].HorizontalFlip: ignored parameters: \"padding\", "
            "\"mask_interpolation\"");
}

TEST(Albumentations, TypedMappingsOfItsSuccessorAreDecoded) {
  const std::string scale =
      R"("p": 1, "scale": {"__albumentations_serialized_type__": "mapping", "items":
        [["x", [0.5, 1]], ["y", [1, 2]]], "__albumentations_serialized_mapping_version__": 1})";
  EXPECT_EQ(parse(saved("2.4.1", node("Affine", scale))).canonical,
            canonical(R"([{"Affine": {"p": 1, "scale": {"x": [0.5, 1], "y": [1, 2]}}}])"));
}

TEST(Albumentations, BadValuesAreNamedWithTheirPlace) {
  EXPECT_EQ(failure(saved("2.0.8", node("Affine", "\"rotate\": [400, 500]"))),
            "p: transforms[0].Affine: rotate = 400 is outside [-360, 360]");
  EXPECT_THAT(failure(saved("2.0.8", node("Lambda", "\"__name__\": \"f\""))),
              HasSubstr("Lambda stands for Python code"));
  EXPECT_THAT(failure(saved("2.0.8", "3")), HasSubstr("transforms[0]: \"3\": expected an object"));
  EXPECT_THAT(failure(R"({"__version__": "2.0.8", "transform": {}})"),
              HasSubstr("expected an object with __class_fullname__"));
}

TEST(Albumentations, AReplayIsReadAsThePipelineItCameFrom) {
  EXPECT_EQ(canonical(R"({"__class_fullname__": "ReplayCompose", "p": 1.0, "applied": true,
      "save_key": "replay", "params": null, "transforms": [{"__class_fullname__": "VerticalFlip",
      "p": 0.5, "params": {"cols": 10}, "applied": false}], "seed": null})"),
            canonical("VerticalFlip"));
}

}  // namespace
}  // namespace labelloom::augment
