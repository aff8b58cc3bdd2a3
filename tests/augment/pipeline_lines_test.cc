#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/pipeline_file.h"
#include "tests/augment/pipeline_support.h"

namespace labelloom::augment {
namespace {

using test::canonical;
using test::failure;
using test::parse;
using test::repeated;
using testing::HasSubstr;

TEST(PipelineLines, ReadsOneTransformALine) {
  EXPECT_EQ(canonical("# the usual\nHorizontalFlip(p=1)\n\nVerticalFlip(p=0.25)  # rare\n"),
            canonical(R"([{"HorizontalFlip": {"p": 1}}, {"VerticalFlip": {"p": 0.25}}])"));
}

TEST(PipelineLines, ReadsCommasPrefixesAndBareNames) {
  const std::string both = canonical(R"([{"HorizontalFlip": {"p": 1}}, "VerticalFlip"])");
  EXPECT_EQ(canonical("A.HorizontalFlip(p=1), albumentations.VerticalFlip()"), both);
  EXPECT_EQ(canonical("HorizontalFlip(p=1.,)\nVerticalFlip"), both);
  EXPECT_EQ(canonical("[A.HorizontalFlip(p=1), A.VerticalFlip(),]"), both);
}

TEST(PipelineLines, ReadsEveryKindOfValue) {
  EXPECT_EQ(
      canonical("Affine(scale={'x': (0.5, 1), \"y\": [1, 2]}, translate_px=None, rotate=-1e1,\n"
                "  keep_ratio=True, fit_output=False, border_mode=cv2.BORDER_REFLECT_101,\n"
                "  interpolation='cubic', fill=(1, 2, 3), shear=(+.5), p=(1))"),
      canonical(R"([{"Affine": {"scale": {"x": [0.5, 1], "y": [1, 2]}, "translate_px": null,
        "rotate": -10, "keep_ratio": true, "fit_output": false, "border_mode": 4,
        "interpolation": "cubic", "fill": [1, 2, 3], "shear": 0.5, "p": 1}}])"));
}

TEST(PipelineLines, ReadsNestedContainers) {
  EXPECT_EQ(canonical("OneOf([VerticalFlip(), HorizontalFlip(p=0.3)], p=0.5)\n"
                      "SomeOf([VerticalFlip(), HorizontalFlip()], 2, replace=True)\n"
                      "OneOrOther(VerticalFlip(), HorizontalFlip(), p=0.1)\n"),
            canonical(R"([{"OneOf": {"p": 0.5, "transforms":
                           ["VerticalFlip", {"HorizontalFlip": {"p": 0.3}}]}},
                         {"SomeOf": {"n": 2, "replace": true,
                           "transforms": ["VerticalFlip", "HorizontalFlip"]}},
                         {"OneOrOther": {"p": 0.1,
                           "transforms": ["VerticalFlip", "HorizontalFlip"]}}])"));
}

TEST(PipelineLines, ReadsAWholeComposeAsPeoplePasteIt) {
  Report report;
  const PipelineFile file = parse(
      "transform = A.Compose([\n"
      "    A.HorizontalFlip(p=0.5),\n"
      "    A.Affine(rotate=(-5, 5), mask_interpolation=cv2.INTER_NEAREST, always_apply=True),\n"
      "    A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),\n"
      "    A.pytorch.ToTensorV2(),\n"
      "], bbox_params=A.BboxParams(format='coco', min_area=16, label_fields=['ids']), seed=1)\n",
      report);
  EXPECT_EQ(file.canonical,
            canonical(R"(["HorizontalFlip", {"Affine": {"rotate": [-5, 5], "p": 1}}])"));
  EXPECT_EQ(file.min_area, 16);
  EXPECT_FALSE(file.min_visibility.has_value());
  EXPECT_EQ(report.count("pipeline-ignored"), 3);
}

TEST(PipelineLines, EvaluatesNothing) {
  EXPECT_THAT(failure("HorizontalFlip(p=1/2)"),
              HasSubstr("p:1: column 19: expected \",\" or \")\", got \"/2)\""));
  EXPECT_THAT(failure("HorizontalFlip(p=RATE)"),
              HasSubstr("p:1: column 18: expected a value, got the name \"RATE\""));
  EXPECT_THAT(failure("HorizontalFlip(p=__import__('os').system('ls'))"),
              HasSubstr("arguments of __import__ need"));
  EXPECT_THAT(failure("torch.HorizontalFlip()"), HasSubstr("is not Albumentations'"));
  EXPECT_THAT(failure("import os\nos.remove('x')"), HasSubstr("is not Albumentations'"));
}

TEST(PipelineLines, PassesOverImports) {
  const std::string flip = canonical("HorizontalFlip(p=1)");
  for (const char* imports : {"import albumentations as A\n",
                              "import albumentations as A  # 2.0: the latest\n",
                              "import cv2, numpy\nimport albumentations as A; ",
                              "from albumentations import (\n  Compose,  # (all)\n  Blur,\n)\n",
                              "from albumentations import Compose, \\\n  Blur\n",
                              "from albumentations import Compose, \\\r\n  Blur\r\n",
                              "# mine\n\nfrom albumentations.pytorch import ToTensorV2\r\n"}) {
    EXPECT_EQ(canonical(imports + std::string("t = A.Compose([A.HorizontalFlip(p=1)])")), flip)
        << imports;
  }
  EXPECT_THAT(failure("import albumentations as A"), HasSubstr("holds no transforms"));
  EXPECT_THAT(failure("import"), HasSubstr("there is no transform"));
  EXPECT_THAT(failure("from a import ("), HasSubstr("p:1: column 1: the brackets of this import"));
  EXPECT_THAT(failure("from a import b \\"), HasSubstr("holds no transforms"));
  EXPECT_THAT(failure("from a import b #"), HasSubstr("holds no transforms"));
}

TEST(PipelineLines, TwoPipelinesInOneFileAreRefused) {
  EXPECT_THAT(failure("train = A.Compose([A.HorizontalFlip()])\n\nval = A.Compose([A.Blur()])\n"),
              HasSubstr("p:3: column 1: a second pipeline, \"val\", after \"train\" in line 1"));
  EXPECT_THAT(failure("train = [A.HorizontalFlip()]\nval = [A.Blur()]"),
              HasSubstr("a file holds one"));
}

TEST(PipelineLines, SaysLineColumnAndWhatWasExpected) {
  EXPECT_EQ(failure("HorizontalFlip(p=1)\nVerticalFlip(p=)"),
            "p:2: column 16: expected a number, a text, True, False, None, a list or a transform, "
            "got \")\"");
  EXPECT_EQ(failure("HorizontalFlip(p=1"),
            "p:1: column 19: expected \",\" or \")\", but the text ends");
  EXPECT_EQ(failure("HorizontalFlip(0.5)"),
            "p:1: column 16: arguments of HorizontalFlip need their names, like p=0.5");
  EXPECT_EQ(failure("HorizontalFlip(p=1, p=2)"), "p:1: column 21: p is there twice");
  EXPECT_EQ(failure("Affine(interpolation='cubic)"),
            "p:1: column 22: the text in quotes does not end on its line");
  EXPECT_EQ(failure("Affine(rotate=1.2.3)"),
            "p:1: column 18: expected \",\" or \")\", got \".3)\"");
  EXPECT_EQ(failure("Affine(rotate=3x)"), "p:1: column 15: expected a number, got \"3x)\"");
  EXPECT_EQ(failure("OneOf([HorizontalFlip() VerticalFlip()])"),
            "p:1: column 25: expected \",\" or \"]\", got \"VerticalFlip()])\"");
  EXPECT_EQ(failure("(HorizontalFlip())"),
            "p:1: column 1: expected a transform like HorizontalFlip(p=1), got "
            "\"(HorizontalFlip())\"");
}

TEST(PipelineLines, NamesTheLineOfABadParameter) {
  EXPECT_EQ(failure("HorizontalFlip()\n\nOneOf([VerticalFlip(),\n  Affine(rotte=3)])"),
            "p:4: transforms[1].OneOf.transforms[1].Affine: Affine has no parameter \"rotte\"; "
            "known: p, scale, translate_percent, translate_px, rotate, shear, fit_output, "
            "keep_ratio, balanced_scale, interpolation, border_mode, fill, rotate_method");
  EXPECT_THAT(failure("HorizontalFlip()\nVertcalFlip()"),
              HasSubstr("p:2: transforms[1].VertcalFlip: there is no transform"));
}

TEST(PipelineLines, BoundsDepth) {
  EXPECT_THAT(failure("OneOf(" + repeated("[", 100000)), HasSubstr("nested more than 64 levels"));
  EXPECT_THAT(failure(repeated("OneOf([", 100000)), HasSubstr("nested more than 64 levels"));
  EXPECT_THAT(failure("Affine(scale=" + repeated("{'x':", 100000)), HasSubstr("nested more than"));
}

}  // namespace
}  // namespace labelloom::augment
