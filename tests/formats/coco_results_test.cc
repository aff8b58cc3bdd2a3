#include "formats/coco_results.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using test::read_file;
using test::TempDir;
using ::testing::HasSubstr;
using ::testing::StartsWith;

CocoResults read(const std::string& text, const CocoResultsOptions& options = {}) {
  const TempDir dir;
  return read_coco_results(dir.write("results.json", text), options);
}

std::string error_of(Errc code, const std::string& text) {
  try {
    (void)read(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), HasSubstr("results.json:"));
    return error.what();
  }
  return "no error for " + text;
}

constexpr const char* kBox = R"({"image_id":1,"category_id":2,"bbox":[1,2,3,4],"score":0.5})";

TEST(CocoResults, AreasAreTheBoxesWhereTheFirstRecordHasABox) {
  const CocoResults results = read(std::string("[") + kBox + R"(,
    {"score":1,"image_id":1,"category_id":2,"bbox":[1,2,3,4],
     "segmentation":{"size":[2,2],"counts":[0,4]}}])");
  ASSERT_EQ(results.detections.size(), 2U);
  EXPECT_TRUE(results.has_boxes);
  EXPECT_TRUE(results.has_masks);
  EXPECT_EQ(results.detections[0].bbox, (Box{1, 2, 3, 4}));
  EXPECT_EQ(results.detections[1].area, 12);
  EXPECT_EQ(results.offsets[0], 1U);
}

TEST(CocoResults, MasksBesideKeyPointsAloneMakeNoFileOfMasks) {
  const CocoResults results = read(R"([
    {"image_id":1,"category_id":2,"score":1,"keypoints":[1,2,1]},
    {"image_id":1,"category_id":2,"score":1,"keypoints":[1,2,1],
     "segmentation":{"size":[2,2],"counts":[0,4]}}])");
  EXPECT_FALSE(results.has_masks);
  EXPECT_TRUE(results.has_keypoints);
}

TEST(CocoResults, BoxesAndAreasAreMadeOfMasks) {
  const CocoResults results = read(R"([{"image_id":1,"category_id":2,"score":1,"bbox":[],
    "segmentation":{"size":[3,4],"counts":[4,1,2,1,4]}}])");
  EXPECT_FALSE(results.has_boxes);
  EXPECT_TRUE(results.has_masks);
  EXPECT_EQ(results.detections[0].area, 2);
  EXPECT_EQ(results.detections[0].bbox, (Box{1, 1, 2, 1}));
}

TEST(CocoResults, BoxesAndAreasAreMadeOfAllKeyPoints) {
  const std::string text =
      R"([{"image_id":1,"category_id":2,"score":1,"keypoints":[1,2,0.3,5,9,0,3,4,1.5]}])";
  const Detection continuous =
      read(text, {.keypoint_origin = KeypointOrigin::kContinuous}).detections.at(0);
  EXPECT_EQ(continuous.area, 4 * 7);
  EXPECT_EQ(continuous.bbox, (Box{1, 2, 4, 7}));
  EXPECT_EQ(continuous.keypoints[1], (DetectedKeypoint{{5, 9}, 0}));
  EXPECT_EQ(continuous.keypoints[2].confidence, 1.5);
  const Detection centres = read(text).detections.at(0);
  EXPECT_EQ(centres.area, 4 * 7);
  EXPECT_EQ(centres.keypoints[1].point, (Point2d{5.5, 9.5}));
}

TEST(CocoResults, AnEmptyListIsFine) {
  EXPECT_TRUE(read("[]").detections.empty());
  EXPECT_TRUE(read(" [ ] ").detections.empty());
}

TEST(CocoResults, WhatIsNoListOfResultsIsRefused) {
  for (const char* text : {"{}", R"( {"annotations":[]})", R"({"images":[{"id":1}]})"}) {
    EXPECT_THAT(error_of(Errc::kUnexpectedFormat, text),
                HasSubstr("expected a list of results, got an object"));
  }
  error_of(Errc::kParse, "");
  error_of(Errc::kParse, "[{]");
  error_of(Errc::kInvalidData, "[3]");
}

TEST(CocoResults, WhatIsWrongWithARecordIsSaidWithItsPlace) {
  const auto error = [](const std::string& record) {
    return error_of(Errc::kInvalidData, std::string("[") + kBox + "," + record + "]");
  };
  EXPECT_THAT(error(R"({"category_id":1,"score":1})"), HasSubstr("[1].image_id: is missing"));
  EXPECT_THAT(error(R"({"image_id":1,"score":1})"), HasSubstr("[1].category_id: is missing"));
  EXPECT_THAT(error(R"({"image_id":1,"category_id":1,"bbox":[1,1,1,1]})"),
              HasSubstr("[1].score: is missing"));
  EXPECT_THAT(error(R"({"image_id":1,"category_id":1,"score":"1"})"),
              HasSubstr("[1].score: expected a number"));
  EXPECT_THAT(error(R"({"image_id":1,"category_id":1,"score":1,"bbox":[1,2,3]})"),
              HasSubstr("[1].bbox: expected 4 numbers"));
  const std::string late = error(R"({"image_id":1,"category_id":1,"score":1})");
  EXPECT_THAT(late, HasSubstr("byte 61: [1].bbox: is missing, and the first result has one"));
  const auto start = R"({"image_id":1,"category_id":1,"score":1,"bbox":[1,2,3,4],)";
  EXPECT_THAT(error(start + std::string(R"("keypoints":[1,2]})")),
              HasSubstr("[1].keypoints: expected x, y, confidence for each, got 2 numbers"));
  EXPECT_THAT(error(start + std::string(R"("segmentation":[]})")),
              HasSubstr("[1].segmentation: is empty"));
  EXPECT_THAT(error(start + std::string(R"("segmentation":{"size":[2,2],"counts":[1]}})")),
              HasSubstr("[1].segmentation"));
  EXPECT_THAT(error_of(Errc::kInvalidData, R"([{"image_id":1,"category_id":1,"score":1}])"),
              HasSubstr("[0]: has neither bbox nor segmentation nor keypoints"));
}

TEST(CocoResults, ObjectsWithABoxMayLackKeypoints) {
  const test::TempDir folder;
  const auto file = folder.write(
      "results.json",
      R"([{"image_id":1,"category_id":2,"score":1,"bbox":[1,2,3,4]},)"
      R"({"image_id":1,"category_id":1,"score":1,"bbox":[1,2,3,4],"keypoints":[1,2,1]}])");
  const CocoResults results = read_coco_results(file);
  EXPECT_TRUE(results.has_keypoints);
  ASSERT_EQ(results.detections.size(), 2U);
  EXPECT_TRUE(results.detections[0].keypoints.empty());
  EXPECT_EQ(results.detections[1].keypoints.size(), 1U);
}

std::vector<Detection> some_detections() {
  Detection mask{.image_id = 7, .category_id = 1, .score = 0.1};
  mask.bbox = {1, 1, 2, 1};
  mask.area = 2;
  mask.mask = Rle{{4, 3}, {4, 1, 2, 1, 4}};
  Detection rings{.image_id = 8, .category_id = 1, .score = 1.0 / 3};
  rings.bbox = {0, 0, 4.25, 4};
  rings.area = 17;
  rings.rings = Rings({{0, 0}, {4.25, 0}, {4, 4}});
  rings.rings.add(std::vector<Point2d>{{1, 1}, {2, 1}, {2, 2}});
  rings.keypoints = {{{0.5, 1.75}, 0.25}};
  return {mask, rings};
}

TEST(CocoResults, WhatIsWrittenIsReadAgain) {
  const TempDir dir;
  const std::vector<Detection> detections = some_detections();
  write_coco_results(detections, dir / "a.json");
  EXPECT_EQ(read_coco_results(dir / "a.json").detections, detections);
  const std::string text = read_file(dir / "a.json");
  EXPECT_THAT(text, StartsWith(R"([
{"image_id":7,"category_id":1,"bbox":[1,1,2,1],"segmentation":{"size":[3,4],"counts":")"));
  EXPECT_THAT(text, HasSubstr(R"("keypoints":[0,1.25,0.25],"score":0.3333333333333333)"));
  write_coco_results(detections, dir / "b.json");
  EXPECT_EQ(read_file(dir / "b.json"), text);
  write_coco_results({}, dir / "none.json");
  EXPECT_EQ(read_file(dir / "none.json"), "[]\n");
}

TEST(CocoResults, BoxesCanBeLeftOut) {
  const TempDir dir;
  const std::vector<Detection> detections = some_detections();
  write_coco_results(std::span(detections).first(1), dir / "a.json", {.boxes = false});
  EXPECT_THAT(read_file(dir / "a.json"), ::testing::Not(HasSubstr("bbox")));
  EXPECT_EQ(read_coco_results(dir / "a.json").detections.at(0), detections[0]);
}

TEST(CocoResults, WhatCannotBeWrittenIsNamedAndLeavesNoFile) {
  const TempDir dir;
  std::vector<Detection> detections = some_detections();
  detections[1].score = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(write_coco_results(detections, dir / "a.json"), Error);
  detections = some_detections();
  detections[1].rings.add(std::vector<Point2d>{{1, 1}, {2, 1}, {2, 2}}, true);
  EXPECT_THROW(write_coco_results(detections, dir / "a.json"), Error);
  EXPECT_FALSE(std::filesystem::exists(dir / "a.json"));
}

}  // namespace
}  // namespace labelloom
