#include "formats/label_studio_config.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Label = LabelConfig::Label;

LabelConfig read(const std::string& xml) {
  const test::TempDir dir;
  return read_label_config(dir.write("config.xml", xml));
}

TEST(LabelConfig, ShapesGiveCategoriesAndKeypointTagsTheirOrder) {
  const LabelConfig config = read(R"(<View><Header value="x"/><Image name="i" value="$photo"/>
      <View><RectangleLabels name="r" toName="i"><Label value="rod"/><Label value="bolt" category="7"/>
      </RectangleLabels><PolygonLabels name="p" toName="i"><Label value="bolt"/><Label value="arm"/>
      </PolygonLabels></View><Choices name="c" toName="i"><Choice value="good"/></Choices>
      <KeyPointLabels name="k" toName="i"><Label value="tip" model_index="1"/>
      <Label value="head" model_index="0"/></KeyPointLabels></View>)");
  EXPECT_EQ(config.image_key, "photo");
  EXPECT_THAT(config.categories, ElementsAre(Label{"rod", {}}, Label{"bolt", 7}, Label{"arm", {}}));
  EXPECT_THAT(config.keypoints, ElementsAre("head", "tip"));
}

TEST(LabelConfig, LabelsAreCalledByTheirAliasAndMayBeGrouped) {
  const LabelConfig config =
      read(R"(<View><Image name="l" value="$left"/><Image name="r" value="$r.url"/>
      <RectangleLabels name="b" toName="l"><View><Label value="Dog" alias="d"/></View><Label value="Cat"/>
      </RectangleLabels><Choices name="c" toName="l"><View><Label value="no"/></View></Choices></View>)");
  EXPECT_THAT(config.categories, ElementsAre(Label{"d", {}}, Label{"Cat", {}}));
  EXPECT_EQ(config.image_key, "left");
  EXPECT_THAT(config.images,
              ElementsAre(LabelConfig::Image{"l", "left"}, LabelConfig::Image{"r", "r.url"}));
}

TEST(LabelConfig, WithoutIndexesKeypointsKeepTheirOrder) {
  EXPECT_THAT(read(R"(<View><Image value="$i"/><KeyPointLabels><Label value="z" model_index="1"/>
      <Label value="a"/></KeyPointLabels></View>)")
                  .keypoints,
              ElementsAre("z", "a"));
}

TEST(LabelConfig, WhatIsMadeIsRead) {
  const LabelConfigRequest request{
      .classes = {"arm", "a \"b\" & <c>"}, .keypoints = {"x", "y"}, .boxes = true};
  const std::string xml = make_label_config(request);
  const LabelConfig config = read(xml);
  EXPECT_THAT(config.categories, ElementsAre(Label{"arm", {}}, Label{"a \"b\" & <c>", {}}));
  EXPECT_THAT(config.keypoints, ElementsAre("x", "y"));
  EXPECT_EQ(config.image_key, "image");
  EXPECT_THAT(xml, HasSubstr("<RectangleLabels name=\"bbox\" toName=\"image\">"));
  EXPECT_THAT(xml, HasSubstr("model_index=\"1\""));
}

TEST(LabelConfig, FaultsAreNamed) {
  EXPECT_THROW(read("<View><Image>"), Error);
  EXPECT_THROW(read(""), Error);
  EXPECT_THROW(read("<View><Text value=\"$t\"/></View>"), Error);
  EXPECT_THROW(static_cast<void>(make_label_config({.classes = {}})), Error);
  EXPECT_THROW(static_cast<void>(make_label_config({.classes = {"a", "a"}})), Error);
  EXPECT_THROW(static_cast<void>(make_label_config({.classes = {"a"}, .keypoints = {""}})), Error);
}

TEST(LabelConfig, DeepNestingIsNoProblem) {
  std::string xml = "<View><Image value=\"$i\"/>";
  for (int i = 0; i < 200000; ++i) xml += "<View>";
  for (int i = 0; i < 200000; ++i) xml += "</View>";
  EXPECT_EQ(read(xml + "</View>").image_key, "i");
}

}  // namespace
}  // namespace labelloom
