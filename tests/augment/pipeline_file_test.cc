#include "augment/pipeline_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labelloom::augment {
namespace {

using testing::HasSubstr;

PipelineFile parse(std::string_view text) {
  Report report;
  return parse_pipeline(text, "p.json", report);
}

std::string failure(std::string_view text) {
  try {
    static_cast<void>(parse(text));
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing failed";
}

TEST(PipelineFile, ReadsItsOwnJson) {
  const PipelineFile file = parse(R"({"labelloom_pipeline": 1, "transforms": [
    {"HorizontalFlip": {"p": 0.25}},
    {"OneOf": {"p": 0.5, "transforms": [{"VerticalFlip": {}}, "HorizontalFlip"]}}]})");
  const Node& root = file.pipeline.root();
  ASSERT_EQ(root.children.size(), 2);
  EXPECT_EQ(root.children[0].name, "HorizontalFlip");
  EXPECT_EQ(root.children[0].p, 0.25);
  EXPECT_EQ(root.children[1].kind, Node::Kind::kOneOf);
  EXPECT_EQ(root.children[1].children.size(), 2);
}

TEST(PipelineFile, CanonicalTextReadsBackToItself) {
  const PipelineFile file = parse(R"(["HorizontalFlip", {"Affine": {"rotate": 10}},
    {"SomeOf": {"n": [1, 2], "transforms": ["VerticalFlip", "HorizontalFlip"]}}])");
  EXPECT_EQ(parse(file.canonical).canonical, file.canonical);
  EXPECT_THAT(file.canonical, HasSubstr(R"("rotate":[-10,10])"));
}

TEST(PipelineFile, ReadsWhatAlbumentationsSaved) {
  const PipelineFile file = parse(R"({"__version__": "1.3.1", "transform":
    {"__class_fullname__": "Compose", "p": 1.0, "transforms": [
     {"__class_fullname__": "albumentations.augmentations.transforms.HorizontalFlip",
      "always_apply": true, "p": 0.5},
     {"__class_fullname__": "ToTensorV2", "always_apply": true, "p": 1}],
     "bbox_params": {"format": "coco", "min_visibility": 0.1}, "additional_targets": {}}})");
  EXPECT_EQ(file.dialect, Dialect::kAlbumentations1);
  ASSERT_EQ(file.pipeline.root().children.size(), 1);
  EXPECT_EQ(file.pipeline.root().children[0].p, 1);
  EXPECT_EQ(file.min_visibility, 0.1);
}

TEST(PipelineFile, SaysWhereAndWhatIsKnown) {
  EXPECT_EQ(failure(R"([{"OneOf": [{"HorizontalFlip": {"pp": 1}}]}])"),
            "p.json: transforms[0].OneOf.transforms[0].HorizontalFlip: HorizontalFlip has no "
            "parameter \"pp\"; known: p");
  EXPECT_THAT(failure(R"(["HorizontlFlip"])"), HasSubstr("did you mean HorizontalFlip?"));
}

}  // namespace
}  // namespace labelloom::augment
