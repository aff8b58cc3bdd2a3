#include "formats/coco.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace labelloom {
namespace {

using test::read_file;
using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

const char* const kImage = R"({"id":1,"file_name":"a.jpg","width":8,"height":6})";
const char* const kCategory =
    R"({"id":3,"name":"bolt","supercategory":"part","keypoints":["head","tip"],"skeleton":[[1,2]]})";

std::string file_with(const std::string& annotations, const std::string& rest = "") {
  return std::string("{") + rest + "\"images\":[" + kImage + "],\"annotations\":[" + annotations +
         "],\"categories\":[" + kCategory + "]}";
}

std::string annotation(const std::string& members) {
  return R"({"id":1,"image_id":1,"category_id":3)" + (members.empty() ? "" : "," + members) + "}";
}

Dataset read(const std::string& text, Report& report, const CocoReadOptions& options = {}) {
  const TempDir dir;
  return read_coco(dir.write("a.json", text), options, report);
}

Dataset read(const std::string& text) {
  Report report;
  return read(text, report);
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Coco, ReadsBoxPolygonsAndKeypointsTogether) {
  const Dataset d = read(file_with(annotation(
      R"("bbox":[1,2,3,3],"area":4.5,"iscrowd":0,"segmentation":[[1,2,4,2,4,5],[0,0,1,0,1,1]],)"
      R"("keypoints":[1,2,2,0,0,0],"num_keypoints":1)")));
  ASSERT_EQ(d.instances.size(), 1U);
  const Instance& i = d.instances[0];
  EXPECT_EQ(i.bbox, (Box{1, 2, 3, 3}));
  EXPECT_EQ(i.area, 4.5);
  EXPECT_EQ(i.rings.size(), 2U);
  EXPECT_EQ(i.rings[0][2], (Point2d{4, 5}));
  ASSERT_EQ(i.keypoints.size(), 2U);
  EXPECT_EQ(i.keypoints[0].point, (Point2d{1.5, 2.5})) << "integers name pixels: their centre";
  EXPECT_EQ(i.keypoints[1], Keypoint{});
  EXPECT_EQ(d.categories[0].keypoints, (std::vector<std::string>{"head", "tip"}));
}

TEST(Coco, KeypointOriginIsFoundDeclaredOrGiven) {
  const auto x = [](const std::string& keypoints,
                    const std::string& rest,
                    std::optional<KeypointOrigin> origin = {}) {
    Report report;
    return read(file_with(annotation("\"bbox\":[0,0,1,1],\"area\":1,\"keypoints\":" + keypoints),
                          rest),
                report,
                {.keypoint_origin = origin})
        .instances[0]
        .keypoints[0]
        .point.x;
  };
  EXPECT_EQ(x("[1,2,2,0,0,0]", ""), 1.5);
  EXPECT_EQ(x("[1.25,2,2,0,0,0]", ""), 1.25);
  EXPECT_EQ(x("[1,2,2,0,0,0]", R"("labelloom":{"keypoint_origin":"continuous"},)"), 1);
  EXPECT_EQ(x("[1,2,2,0,0,0]", "", KeypointOrigin::kContinuous), 1);
  EXPECT_EQ(x("[1.25,2,2,0,0,0]", "", KeypointOrigin::kPixelCentre), 1.75);
}

TEST(Coco, AListOfPicturesNeedsNoAnnotations) {
  const auto origin = [](const std::string& text) {
    Report report;
    return read(text, report, {.picture_list = true}).keypoint_origin;
  };
  const std::string list = R"({"images":[{"id":1,"file_name":"a.png","width":9,"height":9}])";
  EXPECT_THAT(error_of(list + "}"), HasSubstr("\"annotations\" is missing"));
  EXPECT_EQ(origin(list + "}"), KeypointOrigin::kContinuous);
  EXPECT_EQ(origin(list + R"(,"categories":[{"id":1,"name":"bolt","keypoints":["tip"]}]})"),
            KeypointOrigin::kContinuous);
  EXPECT_EQ(origin(list + R"(,"labelloom":{"keypoint_origin":"pixel_centre"}})"),
            KeypointOrigin::kPixelCentre);
  const std::string box = R"("bbox":[0,0,1,1],"area":1,"keypoints":)";
  EXPECT_EQ(origin(file_with(annotation(box + "[1,2,2,0,0,0]"))), KeypointOrigin::kPixelCentre);
  EXPECT_EQ(origin(file_with(annotation(box + "[0,0,0,0,0,0]"))), KeypointOrigin::kContinuous);
  EXPECT_THROW(origin(R"({"annotations":[]})"), Error);
}

TEST(Coco, WriteReadWriteGivesTheSameBytes) {
  const std::string text = file_with(
      annotation(R"("segmentation":{"size":[6,8],"counts":[0,10,38]},"iscrowd":1,"bbox":[0,0,2,6],)"
                 R"("area":10,"note":{"a": [1, 2.50]},"big":12345678901234567890)") +
          R"(,{"id":7,"image_id":1,"category_id":3,"bbox":[0.1,0.25,3,4],"area":2765.1486500000005,)"
          R"("score":0.125,"segmentation":{"size":[6,8],"counts":"0:V1"}})"
          R"(,{"id":8,"image_id":1,"category_id":3,"bbox":[1,1,2,2],"area":4,)"
          R"("keypoints":[1,2,2,3,1,1],"segmentation":[]})",
      R"("info":{"year": 2026},"licenses":[{"id":1},"x"],"empty":[],)");
  const TempDir dir;
  write_coco(read(text), dir / "1.json");
  Report report;
  write_coco(read_coco(dir / "1.json", {}, report), dir / "2.json");
  const std::string first = read_file(dir / "1.json");
  EXPECT_EQ(first, read_file(dir / "2.json"));
  EXPECT_THAT(first, HasSubstr("\"info\":{\"year\":2026},\n\"licenses\":[{\"id\":1},\"x\"],"));
  EXPECT_THAT(first, HasSubstr("\"counts\":[0,10,38]"));
  EXPECT_THAT(first, HasSubstr("\"counts\":\"0:V1\""));
  EXPECT_THAT(first, HasSubstr("\"note\":{\"a\":[1,2.50]},\"big\":12345678901234567890}"));
  EXPECT_THAT(first, HasSubstr("\"keypoints\":[1,2,2,3,1,1],\"num_keypoints\":2"));
}

TEST(Coco, EveryAnnotationOfAFileWithKeypointsSaysHowManyItHas) {
  const TempDir dir;
  write_coco(read(file_with(annotation(R"("bbox":[0,0,4,4],"area":12)"))), dir / "a.json");
  EXPECT_THAT(read_file(dir / "a.json"), HasSubstr("\"num_keypoints\":0")) << "COCOeval needs it";
}

TEST(Coco, ASkeletonWithoutKeypointsIsKept) {
  const TempDir dir;
  write_coco(
      read(
          R"({"images":[],"annotations":[],"categories":[{"id":1,"name":"a","skeleton":[[1,2]]}]})"),
      dir / "a.json");
  EXPECT_THAT(read_file(dir / "a.json"), HasSubstr("\"skeleton\":[[1,2]]"));
}

TEST(Coco, HolesAreWrittenAsMasks) {
  Dataset d = read(file_with(annotation(R"("bbox":[0,0,4,4],"area":12)")));
  Rings rings(std::vector<Point2d>{{0, 0}, {4, 0}, {4, 4}, {0, 4}});
  rings.add(std::vector<Point2d>{{1, 1}, {3, 1}, {3, 3}, {1, 3}}, true);
  d.instances[0].rings = rings;
  const TempDir dir;
  write_coco(d, dir / "a.json");
  Report report;
  const Dataset back = read_coco(dir / "a.json", {}, report);
  ASSERT_NE(back.instances[0].mask(), nullptr);
  EXPECT_EQ(pixel_count(*back.instances[0].mask()), 12U);
}

TEST(Coco, AForcedKeypointOriginSurvivesARoundTrip) {
  Report report;
  const Dataset d =
      read(file_with(annotation(R"("bbox":[0,0,1,1],"area":1,"keypoints":[1.25,2,2,0,0,0])")),
           report,
           {.keypoint_origin = KeypointOrigin::kPixelCentre});
  const TempDir dir;
  write_coco(d, dir / "a.json");
  const Dataset back = read_coco(dir / "a.json", {}, report);
  EXPECT_EQ(back.keypoint_origin, KeypointOrigin::kPixelCentre);
  EXPECT_EQ(back.instances[0].keypoints, d.instances[0].keypoints);
}

TEST(Coco, MissingBoxAndAreaAreComputedAndCounted) {
  Report report;
  const Dataset d = read(file_with(annotation(R"("segmentation":[[1,1,4,1,4,5]])")), report);
  EXPECT_EQ(d.instances[0].bbox, (Box{1, 1, 3, 4}));
  EXPECT_EQ(d.instances[0].area, 6);
  EXPECT_EQ(report.count("bbox-computed"), 1U);
  EXPECT_EQ(report.count("area-computed"), 1U);
}

TEST(Coco, BadRecordsAreNamedByTheirPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("bbox":[1,2,3])", "annotations[0].bbox: expected 4 numbers"},
      {R"("bbox":[1,2,"3",4])", "annotations[0].bbox[2]: expected a number, got \"3\""},
      {R"("bbox":[1,2,-3,4])", "box size -3 x 4 is negative"},
      {R"("bbox":[1,2,3e9,4])", "annotations[0].bbox[2]: coordinate 3000000000 is outside"},
      {R"("segmentation":[[1,2,3,4]])",
       "annotations[0].segmentation[0]: expected x, y of at least"},
      {R"("segmentation":[[1,2,3,4,5,6,7]])", "got 7 numbers"},
      {R"("segmentation":"x")", "annotations[0].segmentation: expected an array"},
      {R"("segmentation":{"size":[6,8],"counts":[1]})", "annotations[0].segmentation"},
      {R"("segmentation":{"size":[6,8],"counts":"~"})", "annotations[0].segmentation"},
      {R"("segmentation":{"size":[6,99999999],"counts":[1]})", "segmentation.size"},
      {R"("segmentation":{"size":[6,8],"counts":[-1,49]})", "run -1"},
      {R"("keypoints":[1,2])", "annotations[0].keypoints: expected x, y, v"},
      {R"("keypoints":[1,2,3,0,0,0])", "visibility 3 is not 0, 1 or 2"},
      {R"("keypoints":[1,2,2])", "annotation 1: 1 key points, but its category \"bolt\" names 2"},
      {R"("iscrowd":2)", "annotations[0].iscrowd: 2 is not 0 or 1"},
      {R"("area":-1)", "area -1 is negative"},
      {R"("id":"7")", "annotations[0].id: expected a number"},
      {R"("id":1.5)", "annotations[0].id: expected a whole number, got 1.5"},
      {R"("image_id":9)", "annotation 1: image_id 9 is no image of this file"},
      {R"("category_id":9)", "annotation 1: category_id 9 is no category of this file"},
  };
  for (const auto& [members, message] : cases) {
    std::string error = error_of(file_with(annotation(members)));
    if (message.find("id: expected") != std::string::npos) {
      error = error_of(file_with("{" + members + R"(,"image_id":1,"category_id":3})"));
    }
    EXPECT_THAT(error, HasSubstr(message)) << members;
  }
  EXPECT_THAT(error_of(file_with("{\"id\":1}")), HasSubstr("annotations[0].image_id: is missing"));
  EXPECT_THAT(error_of(file_with("7")), HasSubstr("annotations[0]: expected an object, got 7"));
  EXPECT_THAT(error_of(file_with(annotation("") + "," + annotation(""))),
              HasSubstr("annotation id 1 occurs twice"));
}

TEST(Coco, BadFilesAreNamed) {
  EXPECT_THAT(error_of("[]"), HasSubstr("is missing; is this a COCO file?"));
  EXPECT_THAT(error_of("[{\"image_id\":1}]"), HasSubstr("the file is a list"));
  EXPECT_THAT(error_of("{\"images\":{},\"annotations\":[],\"categories\":[]}"),
              HasSubstr("images: expected an array"));
  const std::string image = R"({"id":1,"file_name":"NAME","width":W,"height":6})";
  const auto with_image = [&](std::string name, const std::string& width) {
    std::string text = image;
    text.replace(text.find("NAME"), 4, name);
    text.replace(text.find("W,"), 1, width);
    return error_of("{\"images\":[" + text + "],\"annotations\":[],\"categories\":[]}");
  };
  EXPECT_THAT(with_image("../a.jpg", "8"), HasSubstr("leaves its folder"));
  EXPECT_THAT(with_image("/a.jpg", "8"), HasSubstr("is absolute"));
  EXPECT_THAT(with_image("a.jpg", "0"), HasSubstr("images[0].width"));
  EXPECT_THAT(with_image("a.jpg", "-8"), HasSubstr("images[0].width"));
  EXPECT_THAT(with_image("a.jpg", "8.5"), HasSubstr("images[0].width"));
  EXPECT_THAT(with_image("a.jpg", "null"), HasSubstr("images[0].width: is missing"));
  EXPECT_EQ(with_image("a b/c.jpg", "8"), "no error");
}

TEST(Coco, SkipBadLeavesOutOnlyTheBadRecords) {
  Report report;
  const Dataset d = read(file_with(annotation("\"bbox\":[0,0,1,1],\"area\":1") +
                                   R"(,{"id":2},{"id":3,"image_id":9,"category_id":3},)"
                                   R"({"id":1,"image_id":1,"category_id":3})"),
                         report,
                         {.skip_bad = true});
  ASSERT_EQ(d.instances.size(), 1U);
  EXPECT_EQ(d.instances[0].bbox, (Box{0, 0, 1, 1}));
  EXPECT_EQ(report.count("skipped-bad-record"), 3U);
}

TEST(Coco, OneBadAnnotationOfManyIsFound) {
  // More than one core takes at a time, and none is at the beginning.
  const auto many = [](int bad_id, const std::string& bad_image, int bad_at) {
    std::string text;
    for (int i = 1; i <= 10000; ++i) {
      text += fmt::format(
          R"({}{{"id":{},"image_id":{},"category_id":3,"bbox":[0,0,1,1],"area":1,"iscrowd":0}})",
          i == 1 ? "" : ",",
          i == bad_at ? bad_id : i,
          i == bad_at ? bad_image : "1");
    }
    return file_with(text);
  };
  EXPECT_THAT(error_of(many(8193, "7", 8193)), HasSubstr("annotation 8193: image_id 7 is no"));
  EXPECT_THAT(error_of(many(3, "1", 8193)), HasSubstr("annotation id 3 occurs twice"));
  EXPECT_EQ(read(many(20000, "1", 8193)).instances[8192].id, 20000);
  Report report;
  const Dataset d = read(many(8193, "7", 8193), report, {.skip_bad = true});
  EXPECT_EQ(d.instances.size(), 9999U);
  EXPECT_EQ(d.instances[8192].id, 8194);
  EXPECT_EQ(report.count("skipped-bad-record"), 1U);
}

TEST(Coco, EveryPrefixIsRefused) {
  const std::string text =
      file_with(annotation(R"("bbox":[1,2,3,3],"segmentation":[[1,2,4,2,4,5]])"));
  for (std::size_t n = 0; n < text.size(); ++n)
    EXPECT_NE(error_of(text.substr(0, n)), "no error") << n;
}

TEST(Coco, AFullDiskLeavesNoFile) {
  const Dataset d = read(file_with(annotation("")));
  EXPECT_THROW(write_coco(d, "/dev/full"), Error);
}

class RealCoco : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(SharedData,
                         RealCoco,
                         testing::Values("coco_instances/annotations/instances_train2017.json",
                                         "coco_person_keypoints/annotations/"
                                         "person_keypoints_train2017.json"));

TEST_P(RealCoco, SurvivesARoundTripAndKeepsCocosOwnNumbers) {
  const auto path = test::shared_data(GetParam());
  if (!path) GTEST_SKIP() << "no shared data";
  Report report;
  const Dataset d = read_coco(*path, {}, report);
  EXPECT_TRUE(report.empty());
  for (const Instance& i : d.instances) {
    if (i.iscrowd) continue;
    EXPECT_NEAR(i.area, ring_area(i.rings), 1e-6 * i.area) << i.id;
    const Box box = extent(i.rings.points());
    EXPECT_NEAR(i.bbox.x, box.x, 0.011) << i.id;
    EXPECT_NEAR(i.bbox.width, box.width, 0.011) << i.id;
  }
  const TempDir dir;
  write_coco(d, dir / "1.json");
  write_coco(read_coco(dir / "1.json", {}, report), dir / "2.json");
  EXPECT_EQ(read_file(dir / "1.json"), read_file(dir / "2.json"));
}

}  // namespace
}  // namespace labelloom
