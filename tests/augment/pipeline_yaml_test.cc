#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/pipeline_file.h"
#include "tests/augment/pipeline_support.h"

namespace labelloom::augment {
namespace {

using test::canonical;
using test::failure;
using test::repeated;
using testing::HasSubstr;

TEST(PipelineYaml, ReadsOurOwnForm) {
  const std::string json = canonical(
      R"(["HorizontalFlip", {"Affine": {"rotate": 15, "keep_ratio": true, "translate_px": null,
          "interpolation": "cubic", "scale": {"x": [0.5, 1], "y": 1}}}, {"OneOf": ["VerticalFlip"]}])");
  EXPECT_EQ(canonical("# light\nlabelloom_pipeline: 1\ndescription: a test\ntransforms:\n"
                      "  - HorizontalFlip\n"
                      "  - Affine: {rotate: +1.5e1, keep_ratio: true, translate_px: ~,\n"
                      "             interpolation: \"cubic\", scale: {x: [.5, 1], y: 1}}\n"
                      "  - OneOf:\n    - VerticalFlip:\n"),
            json);
  EXPECT_EQ(canonical("- HorizontalFlip\n"), canonical("HorizontalFlip()"));
  EXPECT_EQ(canonical("---\n- HorizontalFlip\n...\n"), canonical("HorizontalFlip()"));
}

TEST(PipelineYaml, QuotedNumbersAreText) {
  EXPECT_THAT(failure("- HorizontalFlip: {p: \"1\"}"), HasSubstr("expected a number, got text"));
  EXPECT_THAT(failure("- HorizontalFlip: {p: .inf}"), HasSubstr("expected a number, got text"));
  EXPECT_THAT(failure("- HorizontalFlip: {p: inf}"), HasSubstr("expected a number, got text"));
}

TEST(PipelineYaml, ReadsWhatParametersShare) {
  EXPECT_EQ(canonical("- &flip HorizontalFlip\n- *flip\n- Affine: {scale: &s [1, 2], shear: *s}\n"),
            canonical(R"(["HorizontalFlip", "HorizontalFlip",
                          {"Affine": {"scale": [1, 2], "shear": [1, 2]}}])"));
  EXPECT_THAT(failure("- HorizontalFlip:\n    p: *a\n"), HasSubstr("p:2: not YAML"));
  EXPECT_THAT(failure("- &a [HorizontalFlip, *a]\n"), HasSubstr("inside of what it stands for"));
}

TEST(PipelineYaml, BoundsWhatAliasesStandFor) {
  std::string wide = "a0: &a0 [x, x]\n";
  std::string deep = wide;
  for (int i = 1; i < 80; ++i) {
    const std::string before = std::to_string(i - 1);
    const std::string anchor = fmt::format("a{0}: &a{0} ", i);
    wide += fmt::format("{}[*a{}, *a{}]\n", anchor, before, before);
    deep += fmt::format("{}[*a{}]\n", anchor, before);
  }
  EXPECT_THAT(failure(wide), HasSubstr("stand for more than 10000 values"));
  EXPECT_THAT(failure(deep), HasSubstr("nested more than 64 levels deep by aliases"));
}

TEST(PipelineYaml, RefusesObjectsOfPrograms) {
  EXPECT_THAT(failure("- !!python/object/apply:os.system [ls]\n"),
              HasSubstr("stands for an object of a program"));
}

TEST(PipelineYaml, SaysWhichLineIsBroken) {
  EXPECT_THAT(failure("- HorizontalFlip:\n    p: [1\n"), HasSubstr("p:3: not YAML"));
  EXPECT_THAT(failure("- HorizontalFlip:\n    p: 1\n    p: 0\n"),
              HasSubstr("p:3: \"p\" is there twice"));
  EXPECT_THAT(failure("- HorizontalFlip: {[1, 2]: 3}\n"), HasSubstr("names of members must be"));
  EXPECT_THAT(failure("--- [HorizontalFlip]\n--- [HorizontalFlip]\n"), HasSubstr("found several"));
}

TEST(PipelineYaml, BoundsDepthAndSize) {
  EXPECT_THAT(failure("- " + repeated("[", 100) + repeated("]", 100)),
              HasSubstr("nested more than 64 levels deep"));
  EXPECT_THAT(failure(repeated("- ", 10000)), HasSubstr("nested more than 64 levels deep"));
  EXPECT_THAT(failure(repeated("- HorizontalFlip\n", 100000)), HasSubstr("bytes of YAML"));
}

}  // namespace
}  // namespace labelloom::augment
