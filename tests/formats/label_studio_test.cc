#include "formats/label_studio.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/formats/label_studio_text.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

LabelStudioExport read(const std::string& text, const LabelStudioOptions& options = {}) {
  Report report;
  return test::read_export(text, report, options);
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// A JSON-min row of one 200 x 100 image.
std::string row(const std::string& controls, const std::string& tail = "") {
  return R"({"image":"/data/upload/1/ab12cd34-a-1.jpg","id":7,)" + controls +
         (controls.empty() ? "" : ",") + R"("annotator":1,"annotation_id":9)" + tail + "}";
}

std::string region(const std::string& members) {
  return "{" + members + R"(,"original_width":200,"original_height":100})";
}

std::string one(const std::string& members) {
  return "[" + row("\"label\":[" + region(members) + "]") + "]";
}

const char* const kTriangle =
    R"("points":[[10,10],[20,10],[20,30]],"closed":true,"polygonlabels":["A"])";

TEST(LabelStudio, PolygonsBecomeRingsInPixels) {
  const LabelStudioExport e = read(one(kTriangle));
  ASSERT_EQ(e.dataset.instances.size(), 1U);
  const Instance& i = e.dataset.instances[0];
  EXPECT_EQ(i.id, 1);
  EXPECT_THAT(i.rings[0], ElementsAre(Point2d{20, 10}, Point2d{40, 10}, Point2d{40, 30}));
  EXPECT_EQ(i.bbox, (Box{20, 10, 20, 20}));
  EXPECT_EQ(i.area, 200);
  EXPECT_EQ(e.dataset.images[0].file_name, "a-1.jpg");
  EXPECT_EQ(e.dataset.images[0].size, (Size{200, 100}));
  EXPECT_EQ(e.dataset.categories[0].name, "A");
}

TEST(LabelStudio, RectanglesTurnAboutTheirTopLeftCornerInPixels) {
  const LabelStudioExport e =
      read(one(R"("x":50,"y":20,"width":20,"height":10,"rotation":90,"rectanglelabels":["A"])"));
  const Instance& i = e.dataset.instances[0];
  // 40 x 10 pixels at (100, 20), a quarter turn clockwise.
  ASSERT_EQ(i.rings[0].size(), 4U);
  EXPECT_THAT(i.rings[0],
              ElementsAre(Point2d{100, 20}, Point2d{100, 60}, Point2d{90, 60}, Point2d{90, 20}));
  EXPECT_EQ(i.bbox, (Box{90, 20, 10, 40}));
  EXPECT_EQ(i.area, 400);
  EXPECT_EQ(i.extra->members, R"("shape":"rectangle")");
}

TEST(LabelStudio, EllipsesAreCentredAndTurned) {
  const LabelStudioExport e =
      read(one(R"("x":50,"y":50,"radiusX":10,"radiusY":5,"rotation":90,"ellipselabels":["A"])"));
  const Instance& i = e.dataset.instances[0];
  EXPECT_NEAR(i.bbox.x, 95, 0.01);
  EXPECT_NEAR(i.bbox.y, 30, 0.01);
  EXPECT_NEAR(i.bbox.width, 10, 0.02);
  EXPECT_NEAR(i.bbox.height, 40, 0.02);
  EXPECT_NEAR(i.area, 3.14159265 * 20 * 5, 1);
}

TEST(LabelStudio, ShapesAreCutAtTheFrame) {
  Report report;
  const LabelStudioExport e = test::read_export(
      one(R"("x":90,"y":-10,"width":20,"height":20,"rotation":0,"rectanglelabels":["A"])"), report);
  EXPECT_EQ(e.dataset.instances[0].bbox, (Box{180, 0, 20, 10}));
  EXPECT_EQ(report.count("clipped-to-image"), 1U);
  EXPECT_EQ(read("[" +
                 row("\"label\":[" +
                     region(R"("x":150,"y":1,"width":20,"height":20,"rectanglelabels":["A"])") +
                     "," + region(kTriangle) + "]") +
                 "]")
                .summary.left_out.at("outside-image"),
            1U);
}

TEST(LabelStudio, LabelsTagsAreJoinedToTheirShapesByGeometry) {
  const std::string text =
      "[" +
      row(R"("rect":[)" + region(R"("x":1,"y":2,"width":3,"height":4,"rotation":0)") +
          R"(],"poly":[)" + region(R"("points":[[10,10],[20,10],[20,30]])") + R"(],"labels":[)" +
          region(R"("points":[[10,10],[20,10],[20,30]],"labels":["P"])") + "," +
          region(R"("x":1,"y":2,"width":3,"height":4,"rotation":0,"labels":["R","S"])") + "]") +
      "]";
  Report report;
  const LabelStudioExport e = test::read_export(text, report);
  ASSERT_EQ(e.dataset.instances.size(), 2U);
  EXPECT_THAT(
      e.dataset.categories,
      ElementsAre(testing::Field(&Category::name, "R"), testing::Field(&Category::name, "P")));
  EXPECT_THAT(e.dataset.instances[0].extra->members, HasSubstr(R"("labels":["R","S"])"));
  EXPECT_EQ(report.count("several-labels"), 1U);
  EXPECT_EQ(report.count("unlabelled-region"), 0U);
}

TEST(LabelStudio, KeypointsAreLooseAndKnowTheirNamedOwner) {
  const auto result = [](const std::string& id,
                         const std::string& extra,
                         const std::string& value) {
    return R"({"id":")" + id + R"(",)" + extra +
           R"("type":"x","from_name":"c","original_width":200,"original_height":100,"value":{)" +
           value + "}}";
  };
  const std::string kp = R"("x":15,"y":12,"width":0.5,"keypointlabels":["head"])";
  const LabelStudioExport e = read(
      R"([{"id":1,"data":{"image":"a.jpg"},"annotations":[{"id":2,"result":[)" +
      result("p1", R"("parentID":"box",)", kp) + "," + result("p2", "", kp) + "," +
      result("p3", R"("parentID":"p1",)", kp) + "," + result("p4", "", kp) + "," +
      result("box", "", R"("x":10,"y":10,"width":20,"height":20,"rectanglelabels":["A"])") + "," +
      result("box2", "", R"("x":50,"y":10,"width":20,"height":20,"rectanglelabels":["A"])") +
      R"(,{"type":"relation","from_id":"p2","to_id":"box2","direction":"right"})"
      R"(,{"type":"relation","from_id":"box","to_id":"p4"},{"type":"relation","from_id":"p4","to_id":"box2"})"
      R"(,{"type":"relation","from_id":"box","to_id":"box"}]}]}])");
  ASSERT_EQ(e.dataset.loose_keypoints.size(), 4U);
  EXPECT_EQ(e.dataset.loose_keypoints[0].owner_id, 1);
  EXPECT_EQ(e.dataset.loose_keypoints[1].owner_id, 2);
  EXPECT_EQ(e.dataset.loose_keypoints[2].owner_id, 1) << "its parent's parent";
  EXPECT_EQ(e.dataset.loose_keypoints[3].owner_id, std::nullopt) << "related to two shapes";
  EXPECT_EQ(e.dataset.loose_keypoints[0].point, (Point2d{30, 12}));
  EXPECT_EQ(e.summary.relations, 4U);
}

TEST(LabelStudio, KeypointsWithAHeightAreStillKeypoints) {
  const LabelStudioExport e =
      read("[" +
           row(R"("label":[)" + region(kTriangle) + R"(],"kp":[)" +
               region(R"("x":15,"y":12,"width":1,"height":2,"keypointlabels":["a"])") + "," +
               region(R"("keypointlabels":["ghost"])") + "]") +
           "]");
  EXPECT_EQ(e.dataset.loose_keypoints.size(), 1U);
  EXPECT_EQ(e.summary.left_out.at("keypoint-without-position"), 1U);
}

TEST(LabelStudio, ParentsInACircleOwnNothing) {
  const LabelStudioExport e = read(
      R"([{"id":1,"data":{"image":"a.jpg"},"annotations":[{"id":2,"result":[{"id":"p","parentID":"q",)"
      R"("original_width":200,"original_height":100,"value":{"x":1,"y":1,"keypointlabels":["a"]}},)"
      R"({"id":"q","parentID":"p","original_width":200,"original_height":100,)"
      R"("value":{"x":1,"y":1,"keypointlabels":["b"]}}]}]}])");
  ASSERT_EQ(e.dataset.loose_keypoints.size(), 2U);
  EXPECT_EQ(e.dataset.loose_keypoints[0].owner_id, std::nullopt);
}

TEST(LabelStudio, WhatAKeypointSaysBesideItsLabelIsReported) {
  Report report;
  const auto result = [](const std::string& id, const std::string& value) {
    return R"({"id":")" + id +
           R"(","from_name":"c","original_width":200,"original_height":100,"value":{"x":1,"y":1,)" +
           value + "}}";
  };
  test::read_export(R"([{"id":1,"data":{"image":"a.jpg"},"annotations":[{"id":2,"result":[)" +
                        result("p", R"("keypointlabels":["nose","hidden"])") + "," +
                        result("q", R"("keypointlabels":["nose"])") + "," +
                        result("q", R"("choices":["hidden"])") + "," +
                        result("r", R"("keypointlabels":[])") + "]}]}]",
                    report);
  EXPECT_EQ(report.count("keypoint-says-more"), 2U);
  EXPECT_EQ(report.count("unlabelled-region"), 1U);
}

TEST(LabelStudio, RowsMayHoldDataOfAnyName) {
  for (const char* data : {R"("image_id":17,"category_id":3)",
                           R"("annotations":"many","result":"good")",
                           R"("preds":[{"labels":["x"],"score":0.5}])",
                           R"("gps":[{"x":512345.5,"y":6123456.1}])",
                           R"("tags":[{"labels":[1,2]}],"meta":{"labels":["a"],"text":"b"})"}) {
    SCOPED_TRACE(data);
    const LabelStudioExport e =
        read("[" + row(std::string(data) + R"(,"label":[)" + region(kTriangle) + "]") + "]");
    EXPECT_EQ(e.dataset.instances.size(), 1U);
    EXPECT_TRUE(e.summary.left_out.empty());
  }
}

TEST(LabelStudio, AControlMayHaveAnyName) {
  for (const char* name : {"segmentation", "result", "annotations", "image_id"}) {
    SCOPED_TRACE(name);
    const LabelStudioExport e =
        read("[" + row("\"" + std::string(name) + "\":[" + region(kTriangle) + "]") + "]");
    EXPECT_EQ(e.dataset.instances.size(), 1U);
  }
}

TEST(LabelStudio, AResultWithoutAListCounts) {
  const LabelStudioExport e =
      read("[" +
           row(R"("label":)" + region(kTriangle) + R"(,"choice":)" +
               region(R"("choices":["a"],"x":1,"y":2,"width":3,"height":4)")) +
           "]");
  EXPECT_EQ(e.dataset.instances.size(), 1U);
  EXPECT_EQ(e.summary.left_out.at("text-or-choice"), 1U);
}

TEST(LabelStudio, AnAnnotatorWithoutAnAddressIsKnownByHisNumber) {
  const LabelStudioExport e = read(
      R"([{"id":1,"data":{"image":"a.jpg"},"annotations":[{"id":2,"completed_by":)"
      R"({"id":7,"email":null},"result":[{"original_width":200,"original_height":100,"value":{)" +
          std::string(kTriangle) + "}}]}]}]",
      {.annotator = "all"});
  EXPECT_THAT(e.dataset.instances[0].extra->members, HasSubstr(R"("annotator":"7")"));
}

TEST(LabelStudio, OccludedSuffixesBecomeVisibility) {
  const LabelStudioExport e =
      read("[" +
           row(R"("kp":[)" + region(R"("x":15,"y":12,"width":1,"keypointlabels":["nose"])") + "," +
               region(R"("x":15,"y":12,"width":1,"keypointlabels":["nose_occluded"])") + "," +
               region(R"("x":15,"y":12,"width":1,"keypointlabels":["wire_hidden"])") + "]") +
           "]");
  EXPECT_EQ(e.dataset.loose_keypoints[0].visibility, Visibility::kVisible);
  EXPECT_EQ(e.dataset.loose_keypoints[1].visibility, Visibility::kHidden);
  EXPECT_EQ(e.dataset.loose_keypoints[1].label, "nose");
  EXPECT_EQ(e.dataset.loose_keypoints[2].label, "wire_hidden") << "no such label without suffix";
  EXPECT_THAT(e.keypoint_labels, ElementsAre("nose", "wire_hidden"));
}

TEST(LabelStudio, TheChosenAnnotatorsRowCounts) {
  const auto by = [](const std::string& who, const std::string& date, const std::string& x) {
    return R"({"image":"a.jpg","id":7,"label":[)" +
           region(R"("x":)" + x + R"(,"y":2,"width":3,"height":4,"rectanglelabels":["A"])") +
           R"(],"annotator":")" + who + R"(","annotation_id":1,"updated_at":)" + date + "}";
  };
  const std::string text = "[" + by("ann", "\"2026-01-02T00:00:00Z\"", "20") + "," +
                           by("bob", "\"2026-01-03T00:00:00Z\"", "30") + "," +
                           by("cat", "\"2026-01-01T00:00:00Z\"", "10") + "]";
  const auto x = [&](const std::string& who) {
    return read(text, {.annotator = who}).dataset.instances[0].bbox.x;
  };
  EXPECT_EQ(x("latest"), 60);
  EXPECT_EQ(x("first"), 20);
  EXPECT_EQ(x("ann"), 40);
  const LabelStudioExport all = read(text, {.annotator = "all"});
  EXPECT_EQ(all.dataset.images.size(), 3U) << "an entry an annotator";
  EXPECT_EQ(all.dataset.images[1].file_name, "a.jpg");
  EXPECT_EQ(all.dataset.instances[1].image_id, all.dataset.images[1].id);
  EXPECT_EQ(all.dataset.instances.size(), 3U);
  EXPECT_THAT(all.dataset.instances[1].extra->members, HasSubstr(R"("annotator":"bob")"));
  try {
    read(text, {.annotator = "dan"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("known: latest, first, all, ann, bob, cat"));
  }
}

TEST(LabelStudio, WithoutDatesTheFirstRowOfJsonMinIsTheLatest) {
  const auto by = [](int x) {
    return row(
        R"("label":[)" +
        region(fmt::format(R"("x":{},"y":2,"width":3,"height":4,"rectanglelabels":["A"])", x)) +
        "]");
  };
  EXPECT_EQ(read("[" + by(10) + "," + by(20) + "]").dataset.instances[0].bbox.x, 20);
}

TEST(LabelStudio, ImagesOfOneNameAreToldApartByTheirFolder) {
  const auto task = [](const std::string& url, int id) {
    return fmt::format(R"({{"image":"{}","id":{},"label":[{}]}})", url, id, region(kTriangle));
  };
  Report report;
  const LabelStudioExport e = test::read_export(
      "[" + task("/data/upload/1/aaaaaaaa-x.jpg", 1) + "," +
          task("/data/upload/1/bbbbbbbb-x.jpg", 2) + "," + task("s3://b/left/y.jpg", 3) + "," +
          task("s3://b/right/y.jpg", 4) + "," + task("s3://b/right/y.jpg", 5) + "]",
      report);
  std::vector<std::string> names;
  for (const Image& image : e.dataset.images) names.push_back(image.file_name);
  EXPECT_THAT(names, ElementsAre("aaaaaaaa-x.jpg", "bbbbbbbb-x.jpg", "left/y.jpg", "right/y.jpg"));
  EXPECT_EQ(report.count("name-clash"), 4U);
  EXPECT_EQ(report.count("image-in-several-tasks"), 1U);
}

TEST(LabelStudio, TheConfigGivesOrderAndImageKey) {
  const TempDir dir;
  const LabelConfig config = read_label_config(dir.write(
      "c.xml", R"(<View><Image value="$second"/><PolygonLabels><Label value="Z"/><Label value="A"/>
      </PolygonLabels><KeyPointLabels><Label value="q"/></KeyPointLabels></View>)"));
  const LabelStudioExport e =
      read(R"([{"first":"a.jpg","second":"b.jpg","id":1,"label":[)" + region(kTriangle) + "," +
               region(R"("points":[[10,10],[20,10],[20,30]],"polygonlabels":["New"])") + "]}]",
           {.config = &config});
  EXPECT_EQ(e.dataset.images[0].file_name, "b.jpg");
  ASSERT_EQ(e.dataset.categories.size(), 3U);
  EXPECT_EQ(e.dataset.categories[0].name, "Z");
  EXPECT_EQ(e.dataset.instances[0].category_id, 2);
  EXPECT_EQ(e.dataset.categories[2].name, "New");
  EXPECT_THAT(e.keypoint_labels, ElementsAre("q"));
}

TEST(LabelStudio, ForeignRegionsAreCountedNotLost) {
  const LabelStudioExport e = read(
      "[" +
      row(R"("label":[)" + region(kTriangle) + "," +
          region(R"("points":[[1,1]],"closed":false,"polygonlabels":["A"])") + "," +
          region(R"("points":[[1,1],[2,2],[3,3]],"polygonlabels":["A"])") +
          R"(],"vec":[{"vertices":[],"vectorlabels":["v"]}],"vid":[{"sequence":[],"labels":["w"]}],)"
          R"("ner":[{"start":1,"end":2,"labels":["t"]}],"brush":[)" +
          region(R"("format":"rle","rle":[],"brushlabels":["B"])") + R"(],"choice":"good")") +
      "]");
  EXPECT_EQ(e.summary.instances, 1U);
  EXPECT_EQ(e.summary.left_out,
            (std::map<std::string, std::uint64_t>{{"empty-region", 2},
                                                  {"text-region", 1},
                                                  {"unfinished-polygon", 1},
                                                  {"vector-region", 1},
                                                  {"video-region", 1}}));
}

TEST(LabelStudio, BadRegionsAreNamedByTheirPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("x":1,"y":2,"width":0,"height":4,"rectanglelabels":["A"])", "[0].label[0].width: size 0"},
      {R"("x":1,"y":2,"width":3,"height":-4,"rectanglelabels":["A"])", "height: size -4"},
      {R"("x":"1","y":2,"width":3,"height":4,"rectanglelabels":["A"])",
       "[0].label[0].x: expected a number"},
      {R"("x":123456,"y":2,"width":3,"height":4,"rectanglelabels":["A"])", "far outside the image"},
      {R"("points":[[1,2],[3,4],[5]],"polygonlabels":["A"])",
       "label[0].points[2]: expected a pair"},
      {R"("points":[[1,2],[3,4],[5,null]],"polygonlabels":["A"])",
       "points[2][1]: expected a number"},
      {R"("points":7,"polygonlabels":["A"])", "points: expected an array"},
      {R"("x":1,"y":2,"radiusX":0,"radiusY":1,"ellipselabels":["A"])", "radiusX: size 0"},
      {R"("x":1,"y":2,"radiusX":1,"ellipselabels":["A"])", "radiusY: is missing"},
      {R"("rle":[1,2,3],"format":"rle","brushlabels":["A"])", "[0].label[0].rle"},
      {R"("rle":[256],"format":"rle","brushlabels":["A"])", "rle[0]: 256 is not a byte"},
      {R"("imageDataURL":"data:image/png;base64,xx","bitmasklabels":["A"])", "imageDataURL"},
      {R"("x":1,"y":2,"width":3,"height":4,"rectanglelabels":[7])", "labels: expected a string"},
      {R"("rectanglelabels":["A"])", "[0].label[0].x: is missing"},
  };
  for (const auto& [members, message] : cases) {
    EXPECT_THAT(error_of(one(members)), HasSubstr(message)) << members;
  }
}

TEST(LabelStudio, SkipBadLeavesOutTheRegionNotTheTask) {
  Report report;
  const LabelStudioExport e = test::read_export(
      "[" +
          row("\"label\":[" + region(kTriangle) + "," +
              region(R"("x":1,"y":2,"width":0,"height":4,"rectanglelabels":["A"])") + "]") +
          ",7]",
      report,
      {.skip_bad = true});
  EXPECT_EQ(e.summary.instances, 1U);
  EXPECT_EQ(e.summary.left_out.at("bad-region"), 1U);
  EXPECT_EQ(report.count("skipped-bad-record"), 2U);
}

TEST(LabelStudio, BadFilesAreNamed) {
  EXPECT_THAT(error_of("[]"), HasSubstr("holds no tasks"));
  EXPECT_THAT(error_of("[7]"), HasSubstr("[0]: expected an object, got 7"));
  EXPECT_THAT(error_of(R"([{"result":[]}])"), HasSubstr("without its task"));
  EXPECT_THAT(error_of(R"([{"annotations":[]}])"), HasSubstr("without \"data\""));
  EXPECT_THAT(error_of(R"([{"annotations":7,"data":{"image":"a.jpg"}}])"),
              HasSubstr("[0].annotations: expected an array"));
  EXPECT_THAT(error_of(R"([{"annotations":[{"result":7}],"data":{"image":"a.jpg"}}])"),
              HasSubstr("[0].annotations[0].result: expected an array"));
  EXPECT_THAT(
      error_of(R"([{"image":"a.jpg","id":1,"label":[{"x":1,"y":2,"width":3,"height":4}]}])"),
      HasSubstr("does not say the image's size"));
  EXPECT_THAT(
      error_of(R"([{"images":["a.jpg","b.jpg"],"id":1,"label":[)" + region(kTriangle) + "]}]"),
      HasSubstr("task-with-several-images"));
}

TEST(LabelStudio, EveryPrefixIsRefused) {
  const std::string text = one(kTriangle);
  for (std::size_t n = 0; n < text.size(); ++n)
    EXPECT_NE(error_of(text.substr(0, n)), "no error") << n;
}

}  // namespace
}  // namespace labelloom
