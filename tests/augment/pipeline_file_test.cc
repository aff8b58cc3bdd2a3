#include "augment/pipeline_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/registry.h"
#include "tests/augment/pipeline_support.h"
#include "tests/support/temp_dir.h"

namespace labelloom::augment {
namespace {

using test::canonical;
using test::failure;
using test::parse;
using test::repeated;
using testing::HasSubstr;
using testing::StartsWith;

TEST(PipelineFile, ReadsItsOwnJson) {
  const PipelineFile file = parse(R"({"labelloom_pipeline": 1, "description": "x", "transforms": [
    {"HorizontalFlip": {"p": 0.25}},
    {"OneOf": {"p": 0.5, "transforms": [{"VerticalFlip": {}}, "HorizontalFlip"]}}]})");
  const Node& root = file.pipeline.root();
  EXPECT_EQ(file.dialect, Dialect::kLabelLoom);
  ASSERT_EQ(root.children.size(), 2);
  EXPECT_EQ(root.children[0].name, "HorizontalFlip");
  EXPECT_EQ(root.children[0].p, 0.25);
  EXPECT_EQ(root.children[1].kind, Node::Kind::kOneOf);
  EXPECT_EQ(root.children[1].children.size(), 2);
}

TEST(PipelineFile, SpellsEveryParameterOut) {
  EXPECT_EQ(canonical(R"(["HorizontalFlip", {"HueSaturationValue": {"hue_shift_range": 5}}])"),
            R"({"labelloom_pipeline":1,"transforms":[{"HorizontalFlip":{"p":0.5}},)"
            R"({"HueSaturationValue":{"p":0.5,"hue_shift_limit":[-5,5],)"
            R"("sat_shift_limit":[-30,30],"val_shift_limit":[-20,20]}}]})");
}

TEST(PipelineFile, SpellsContainersOut) {
  EXPECT_EQ(canonical(R"([{"SomeOf": {"n": [1, 2], "transforms": ["VerticalFlip"]}}])"),
            R"({"labelloom_pipeline":1,"transforms":[{"SomeOf":{"p":1,"n":[1,2],"replace":false,)"
            R"("weighted":false,"transforms":[{"VerticalFlip":{"p":0.5}}]}}]})");
}

TEST(PipelineFile, CanonicalTextReadsBackToItself) {
  for (
      const char* text :
      {R"(["HorizontalFlip", {"Affine": {"rotate": 10, "fill": [1, 2, 3], "translate_px": 4}}])",
       R"([{"SomeOf": {"n": 2, "replace": true, "weighted": true, "transforms": ["VerticalFlip"]}}])",
       R"([{"Compose": {"p": 0.5, "transforms": [{"RandomOrder": ["VerticalFlip", "NoOp"]}]}}])",
       R"([{"OneOrOther": {"p": 0.3, "transforms": ["HorizontalFlip", "VerticalFlip"]}}])"}) {
    EXPECT_EQ(canonical(canonical(text)), canonical(text)) << text;
  }
}

TEST(PipelineFile, EveryTransformsDefaultsReadBackToThemselves) {
  for (const TransformEntry& entry : transforms()) {
    std::string once;
    try {
      once = canonical("[\"" + entry.name + "\"]");
    } catch (const Error& error) {
      // Some have parameters without a default: then the message must say which.
      const bool named = std::ranges::any_of(entry.fields, [&](const FieldDoc& field) {
        return error.message().find(field.name) != std::string::npos;
      });
      EXPECT_TRUE(named) << error.what();
      continue;
    }
    EXPECT_EQ(canonical(once), once);
  }
}

TEST(PipelineFile, FormattingDoesNotMatter) {
  EXPECT_EQ(canonical("{\"transforms\": [{\"Affine\": {\"p\": 1, \"scale\": [1.0, 1.20]}}]}"),
            canonical("\n[ {\"Affine\":{\"scale\":[1,12e-1],\"p\":1.0}} ]"));
}

TEST(PipelineFile, AComposeAroundEverythingIsThePipelineItself) {
  EXPECT_EQ(canonical(R"([{"Compose": ["HorizontalFlip"]}])"), canonical(R"(["HorizontalFlip"])"));
  EXPECT_NE(canonical(R"([{"Compose": {"p": 0.5, "transforms": ["HorizontalFlip"]}}])"),
            canonical(R"(["HorizontalFlip"])"));
}

TEST(PipelineFile, OneOrOtherIsAWeightedChoice) {
  const PipelineFile file = parse(
      R"([{"OneOrOther": {"p": 0.25, "first": "HorizontalFlip", "second": "VerticalFlip"}}])");
  const Node& node = file.pipeline.root().children.at(0);
  EXPECT_EQ(node.kind, Node::Kind::kOneOf);
  EXPECT_EQ(node.p, 1);
  EXPECT_EQ(node.children.at(0).p, 0.25);
  EXPECT_EQ(node.children.at(1).p, 0.75);
}

TEST(PipelineFile, WhatIsForTrainingVanishesFromSequencesOnly) {
  Report report;
  const PipelineFile file = parse(
      R"(["Normalize", "HorizontalFlip", {"OneOf": ["ToTensorV2", "HorizontalFlip"]}, "NoOp"])",
      report);
  const Node& root = file.pipeline.root();
  ASSERT_EQ(root.children.size(), 2);
  const Node& choice = root.children[1];
  ASSERT_EQ(choice.children.size(), 2);  // choosing it must stay as likely
  EXPECT_EQ(choice.children[0].kind, Node::Kind::kSequence);
  EXPECT_TRUE(choice.children[0].children.empty());
  EXPECT_EQ(report.count("pipeline-ignored"), 2);
}

TEST(PipelineFile, NamesThePlaceAndWhatIsKnownThere) {
  EXPECT_EQ(failure(R"([{"OneOf": [{"HorizontalFlip": {"pp": 1}}]}])"),
            "p: transforms[0].OneOf.transforms[0].HorizontalFlip: HorizontalFlip has no parameter "
            "\"pp\"; known: p");
  EXPECT_EQ(failure(R"(["VerticalFlip", {"Affine": {"rotate": 400}}])"),
            "p: transforms[1].Affine: rotate = 400 is outside [-360, 360]");
  EXPECT_EQ(failure(R"([{"HorizontalFlip": {"p": 1.5}}])"),
            "p: transforms[0].HorizontalFlip: p = 1.5 is outside [0, 1]");
  EXPECT_THAT(failure(R"([{"Affine": {"rotate": "much"}}])"),
              HasSubstr("rotate = \"\"much\"\": expected a number or two, got text"));
  EXPECT_EQ(failure(R"([{"SomeOf": {"n": -1, "transforms": []}}])"),
            "p: transforms[0].SomeOf: n = -1 is outside [0, 1000]");
}

TEST(PipelineFile, OneNumberForARangeMustFitTheBoundsOnBothSides) {
  const FieldSpec spec{.low = -1, .high = 10, .scalar = Scalar::kSymmetric};
  Range range;
  read_field({1.0}, spec, "x", range);
  EXPECT_EQ(range, (Range{-1, 1}));
  EXPECT_THROW(read_field({2.0}, spec, "x", range), Error);
  read_field(range_setting(0, 10), spec, "x", range);
  EXPECT_EQ(range, (Range{0, 10}));
}

TEST(PipelineFile, ProposesTheNearestName) {
  EXPECT_EQ(failure(R"(["HorizontlFlip"])"),
            "p: transforms[0].HorizontlFlip: there is no transform \"HorizontlFlip\"; did you mean "
            "HorizontalFlip? `labelloom augment --list` shows all");
}

TEST(PipelineFile, RefusesPythonCode) {
  EXPECT_THAT(failure(R"([{"Lambda": {}}])"), HasSubstr("Lambda stands for Python code"));
}

TEST(PipelineFile, RefusesStepsOfAnotherForm) {
  EXPECT_THAT(failure(R"([{"HorizontalFlip": {}, "p": 1}])"),
              HasSubstr("a transform is written {\"Name\": {parameters}}"));
  EXPECT_THAT(failure("[[]]"), StartsWith("p: transforms[0]: "));
  EXPECT_THAT(failure(R"([{"HorizontalFlip": 0.5}])"),
              HasSubstr("transforms[0].HorizontalFlip: expected an object of parameters"));
  EXPECT_THAT(failure(R"([{"OneOf": {"p": 1}}])"), HasSubstr("transforms[0].OneOf: has no"));
  EXPECT_THAT(failure(R"({"transforms": 3})"), HasSubstr("expected a list of transforms"));
  EXPECT_THAT(failure(R"([{"OneOrOther": ["HorizontalFlip"]}])"), HasSubstr("expected two"));
}

TEST(PipelineFile, RefusesWhatIsNoPipeline) {
  EXPECT_THAT(failure(R"({"images": []})"), HasSubstr("not a pipeline: expected"));
  EXPECT_THAT(failure(R"({"labelloom_pipeline": 2, "transforms": []})"),
              HasSubstr("labelloom_pipeline = \"2\": this program reads version 1"));
  EXPECT_THAT(failure(R"({"transforms": [], "transform": []})"),
              HasSubstr("a pipeline has no member \"transform\""));
  EXPECT_THAT(failure(""), HasSubstr("holds no transforms"));
  EXPECT_THAT(failure("[]"), HasSubstr("holds no transforms"));
  EXPECT_THAT(failure("\xFF\xFE["), HasSubstr("not UTF-8"));
}

TEST(PipelineFile, SaysWhereJsonIsBroken) {
  EXPECT_EQ(failure("[\n{\"HorizontalFlip\": {\"p\": 0.5,}}]"),
            "p:2: byte 31: not JSON: Missing a name for object member., at \"}}]\"");
  EXPECT_THAT(failure("[\"HorizontalFlip\""), HasSubstr("is it complete?"));
  EXPECT_THAT(failure(R"([{"HorizontalFlip": {"p": 1, "p": 0}}])"),
              HasSubstr("p:1: byte 32: \"p\" is there twice in one object"));
  EXPECT_THAT(failure(R"([{"HorizontalFlip": {"p": NaN}}])"), StartsWith("p:1: byte 26: not JSON"));
}

TEST(PipelineFile, ReadsNumbersToTheLastBitHoweverTheyAreSpelt) {
  const std::string zero = "0." + repeated("0", 29);
  EXPECT_EQ(canonical("[{\"HorizontalFlip\": {\"p\": " + zero + "}}]"),
            canonical(R"([{"HorizontalFlip": {"p": 0}}])"));
  EXPECT_EQ(canonical("[{\"HorizontalFlip\": {\"p\": 0.1" + repeated("0", 40) + "}}]"),
            canonical(R"([{"HorizontalFlip": {"p": 1e-1}}])"));
  EXPECT_EQ(failure(R"([{"HorizontalFlip": {"p": 1e-999}}])"),
            "p:1: byte 26: not JSON: a number too large or too small, at \"1e-999}}]\"");
}

TEST(PipelineFile, BoundsDepthSizeAndWork) {
  EXPECT_THAT(failure(repeated("[", 100000)), HasSubstr("nested more than 64 levels deep"));
  EXPECT_THAT(failure(std::string((std::size_t{4} << 20U) + 1, ' ')), HasSubstr("at most 4194304"));
  const std::string flips = repeated("\"HorizontalFlip\",", 5000) + "\"HorizontalFlip\"";
  EXPECT_THAT(failure("[" + flips + "]"), HasSubstr("more than 4096 transforms"));
  const std::string often = "{\"SomeOf\": {\"n\": 1000, \"replace\": true, \"transforms\": [";
  EXPECT_THAT(failure("[" + often + often + "\"HorizontalFlip\"]}}]}}]"),
              HasSubstr("could be applied to one picture"));
}

TEST(PipelineFile, ReadsAFileAndNamesItInMessages) {
  const test::TempDir folder;
  const auto path = folder.write("flip.json", "[\"HorizontalFlip\"]");
  Report report;
  EXPECT_EQ(read_pipeline(path, report).canonical, canonical("[\"HorizontalFlip\"]"));
  try {
    static_cast<void>(read_pipeline(folder.write("bad.json", "[\"Flop\"]"), report));
    ADD_FAILURE() << "nothing failed";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("bad.json: transforms[0].Flop"));
  }
  EXPECT_THROW(static_cast<void>(read_pipeline(folder.path() / "none.json", report)), Error);
}

}  // namespace
}  // namespace labelloom::augment
