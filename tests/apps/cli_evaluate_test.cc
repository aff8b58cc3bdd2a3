// `labelloom evaluate` as its user meets it.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "formats/png_values.h"
#include "tests/apps/cli_support.h"

namespace labelloom::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kTruth = R"({
"images":[{"id":1,"file_name":"a.png","width":100,"height":100}],
"annotations":[
{"id":0,"image_id":1,"category_id":1,"bbox":[10,10,20,20],"area":400,"iscrowd":0,
 "segmentation":[[10,10,30,10,30,30,10,30]],"keypoints":[12,12,2,28,28,1],"num_keypoints":2},
{"id":1,"image_id":1,"category_id":1,"bbox":[50,50,40,40],"area":1600,"iscrowd":0,
 "segmentation":[[50,50,90,50,90,90,50,90]],"keypoints":[52,52,2,88,88,1],"num_keypoints":2}],
"categories":[{"id":1,"name":"bolt","keypoints":["head","tip"],"skeleton":[]}]})";

constexpr const char* kResults = R"([
{"image_id":1,"category_id":1,"bbox":[10,10,20,20],"score":0.9,"keypoints":[12,12,1,28,28,1],
 "segmentation":[[10,10,30,10,30,30,10,30]]},
{"image_id":1,"category_id":1,"bbox":[50,50,40,24],"score":0.8,"keypoints":[52,52,1,0,0,1],
 "segmentation":[[50,50,90,50,90,74,50,74]]},
{"image_id":1,"category_id":4,"bbox":[50,50,40,24],"score":0.8,"keypoints":[52,52,1,0,0,1],
 "segmentation":[[50,50,90,50,90,74,50,74]]}])";

class CliEvaluate : public ::testing::Test {
 protected:
  [[nodiscard]] Finished run(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"evaluate", "--gt", truth, "--dt", results};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return labelloom(arguments);
  }
  [[nodiscard]] rapidjson::Document json_of(std::vector<std::string> more) const {
    more.emplace_back("--json");
    const Finished finished = run(std::move(more));
    EXPECT_TRUE(ended_with(finished, 0)) << finished.err;
    rapidjson::Document document;
    document.Parse(finished.out.data(), finished.out.size());
    EXPECT_TRUE(document.IsObject()) << finished.out;
    return document;
  }
  /// Label maps of which two of three labelled pixels are right.
  [[nodiscard]] std::vector<std::string> maps() const {
    write_label_map(dir / "gt" / "a.png", {{4, 1}, {0, 1, 1, 255}});
    write_label_map(dir / "dt" / "a.png", {{4, 1}, {0, 1, 0, 1}});
    return {"--seg-gt", (dir / "gt").string(), "--seg-dt", (dir / "dt").string()};
  }

  TempDir dir;
  std::string truth = dir.write("truth.json", kTruth).string();
  std::string results = dir.write("results.json", kResults).string();
};

TEST_F(CliEvaluate, PrintsTheTableThatUsersOfPycocotoolsKnow) {
  const Finished finished = run({"--per-class"});
  EXPECT_TRUE(ended_with(finished, 0));
  EXPECT_THAT(
      finished.out,
      StartsWith(
          "bbox: 1 image\n"
          " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.653\n"
          " Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 1.000\n"));
  EXPECT_THAT(finished.out, HasSubstr("\nsegm: 1 image\n"));
  EXPECT_THAT(finished.out, HasSubstr("area=   all | maxDets= 20 ]"));
  EXPECT_THAT(finished.out, HasSubstr("  bolt   0.653  1.000  0.505   0.650\n"));
  EXPECT_THAT(finished.err, HasSubstr("an annotation has the id 0"));
  EXPECT_THAT(finished.err, HasSubstr("1 detections are of categories that the ground truth"));
}

TEST_F(CliEvaluate, WritesJsonThatServesAsTheReferenceOfMdsq) {
  const Finished full = [&] {
    std::vector<std::string> arguments = maps();
    arguments.emplace_back("--json");
    return run(arguments);
  }();
  EXPECT_TRUE(ended_with(full, 0));
  const std::string reference = dir.write("full.json", full.out).string();
  std::vector<std::string> arguments = maps();
  arguments.insert(arguments.end(), {"--mdsq-reference", reference, "--per-class"});
  const rapidjson::Document same = json_of(arguments);
  EXPECT_DOUBLE_EQ(same["mDSQ"].GetDouble(), 1);
  EXPECT_DOUBLE_EQ(same["segmentation"]["mIoU"].GetDouble(), 0.5);
  EXPECT_DOUBLE_EQ(same["segmentation"]["pixel_accuracy"].GetDouble(), 2.0 / 3);
  EXPECT_EQ(same["segmentation"]["classes"].Size(), 2U);
  EXPECT_EQ(same["bbox"]["classes"].Size(), 1U);
  EXPECT_DOUBLE_EQ(same["keypoints"]["AP50"].GetDouble(),
                   same["keypoints"]["classes"][0]["AP50"].GetDouble());

  // One object is unmatched then, and all that counts changes with it.
  arguments.emplace_back("--id-zero-unmatched");
  const rapidjson::Document worse = json_of(arguments);
  EXPECT_LT(worse["mDSQ"].GetDouble(), 0.9);
  EXPECT_LT(worse["bbox"]["AP"].GetDouble(), same["bbox"]["AP"].GetDouble());
}

TEST_F(CliEvaluate, ChoosesTypesAndSigmas) {
  const rapidjson::Document document =
      json_of({"--types", "keypoints", "--sigmas", "bolt=0.05,10"});
  EXPECT_FALSE(document.HasMember("bbox"));
  EXPECT_GT(document["keypoints"]["AP"].GetDouble(),
            json_of({"--types", "keypoints"})["keypoints"]["AP"].GetDouble());
}

TEST_F(CliEvaluate, AResultWithoutAMaskIsItsBoxWhereOthersHaveMasks) {
  const std::string others = R"(
{"image_id":1,"category_id":1,"bbox":[50,50,40,24],"score":0.8,
 "segmentation":[[50,50,90,50,90,74,50,74]]}])";
  const auto scores = [&](const std::string& region) {
    results = dir.write("mixed.json",
                        R"([{"image_id":1,"category_id":1,"bbox":[10,10,20,16],"score":0.9)" +
                            region + "}," + others)
                  .string();
    return json_of({"--types", "segm"})["segm"]["AP"].GetDouble();
  };
  const double as_box = scores(R"(,"segmentation":[[10,10,10,26,30,26,30,10]])");
  EXPECT_EQ(scores(""), as_box);
  EXPECT_GT(as_box, 0);
  EXPECT_TRUE(json_of({}).HasMember("segm"));  // the first result has none
}

TEST_F(CliEvaluate, NoResultsAreHeldAgainstAllThatTheTruthHas) {
  results = dir.write("none.json", "[]").string();
  const rapidjson::Document all = json_of({});
  for (const char* type : {"bbox", "segm", "keypoints"}) {
    ASSERT_TRUE(all.HasMember(type)) << type;
    EXPECT_EQ(all[type]["AP"].GetDouble(), 0) << type;
  }
  truth = dir.write("boxes.json",
                    R"({"images":[{"id":1,"file_name":"a.png","width":9,"height":9}],)"
                    R"("annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,2,2],)"
                    R"("area":4,"iscrowd":0}],"categories":[{"id":1,"name":"bolt"}]})")
              .string();
  const rapidjson::Document boxes = json_of({});
  EXPECT_TRUE(boxes.HasMember("bbox"));
  EXPECT_FALSE(boxes.HasMember("segm"));
  EXPECT_FALSE(boxes.HasMember("keypoints"));
}

TEST_F(CliEvaluate, MasksAreLeftOutWhereTheTruthLacksSome) {
  std::string text = kTruth;
  const std::string region = R"("segmentation":[[50,50,90,50,90,90,50,90]],)";
  text.erase(text.find(region), region.size());
  truth = dir.write("partial.json", text).string();
  const rapidjson::Document rest = json_of({});
  EXPECT_TRUE(rest.HasMember("bbox"));
  EXPECT_FALSE(rest.HasMember("segm"));
  EXPECT_TRUE(rest.HasMember("keypoints"));
  EXPECT_THAT(run({}).err,
              HasSubstr("partial.json: annotation 1 has neither polygons nor a mask, which "
                        "comparing masks needs: segm is left out"));
  const Finished asked = run({"--quiet", "--types", "bbox,segm"});
  EXPECT_TRUE(refused(asked, "partial.json: annotation 1 has neither polygons nor a mask"));
  EXPECT_THAT(asked.err, HasSubstr("--types bbox,keypoints compares the rest"));
  EXPECT_TRUE(ended_with(run({"--types", "bbox,keypoints"}), 0));
}

TEST_F(CliEvaluate, LabelsThatOnlyPredictionsHaveAreNamed) {
  std::vector<std::string> arguments = maps();
  EXPECT_THAT(run(arguments).err, testing::Not(HasSubstr("predicted labels")));
  write_label_map(dir / "dt" / "a.png", {{4, 1}, {0, 2, 7, 9}});  // 9 where nothing is known
  EXPECT_THAT(run(arguments).err,
              HasSubstr("predicted labels that no map of the ground truth has: 2, 7; do both"));
}

TEST_F(CliEvaluate, SaysWhatDoesNotFit) {
  const auto write = [&](const std::string& text) {
    results = dir.write("other.json", text).string();
  };
  write(R"([{"image_id":7,"category_id":1,"bbox":[1,1,2,2],"score":1}])");
  EXPECT_TRUE(refused(run({"--quiet"}), "other.json: byte 1: [0]: image_id 7 is no image"));
  write(kTruth);
  EXPECT_TRUE(refused(run({"--quiet"}), "other.json: expected a list of results"));
  write("[{");
  EXPECT_TRUE(refused(run({"--quiet"}), "other.json"));
  results = (dir / "missing.json").string();
  EXPECT_TRUE(refused(run({"--quiet"}), "missing.json"));
}

TEST_F(CliEvaluate, RefusesAReferenceThatDoesNotDefineTheMeasure) {
  const auto with_reference = [&](const std::string& text) {
    return run(
        {"--quiet", "--types", "bbox", "--mdsq-reference", dir.write("full.json", text).string()});
  };
  EXPECT_TRUE(refused(with_reference(R"({"bbox":{"AP":0}})"),
                      "full.json: mDSQ: the reference's bbox.AP is 0"));
  EXPECT_TRUE(refused(with_reference("{}"), "full.json: bbox.AP is missing"));
  EXPECT_TRUE(refused(with_reference(R"({"bbox":{"AP":0.5},"segmentation":{"mIoU":1}})"),
                      "full.json: segmentation.mIoU is there, and this evaluation has none"));
  EXPECT_TRUE(refused(with_reference(R"({"bbox":{}})"), "full.json"));
  EXPECT_TRUE(refused(with_reference("[]"), "full.json"));
}

TEST_F(CliEvaluate, ARatioToTheReferenceNeedsGroundTruth) {
  const std::string reference = dir.write("full.json", R"({"bbox":{"AP":0.5}})").string();
  truth = dir.write("none.json",
                    R"({"images":[{"id":1,"file_name":"a.png","width":9,"height":9}],)"
                    R"("annotations":[],"categories":[{"id":1,"name":"bolt"}]})")
              .string();
  const Finished finished = run({"--quiet", "--types", "bbox", "--mdsq-reference", reference});
  EXPECT_TRUE(refused(finished, "mDSQ: there is no ground truth for bbox.AP"));
  EXPECT_THAT(finished.err, testing::Not(HasSubstr("full.json")));
}

TEST_F(CliEvaluate, EverySigmasCategoryIsLookedAtOnce) {
  const Finished unknown = run({"--sigmas", "bolt=0.1,0.1", "axle=0.1,0.1", "--quiet"});
  EXPECT_TRUE(refused(unknown, "the ground truth has no category \"axle\""));
  const Finished twice = run({"--sigmas", "bolt=0.1,0.1", "bolt=0.2,0.2", "--quiet"});
  EXPECT_TRUE(refused(twice, "category \"bolt\" is there twice"));
}

TEST_F(CliEvaluate, OptionsThatWouldDoNothingAreWrongUsage) {
  EXPECT_TRUE(ended_with(run({"--ignore-label", "7"}), 2));
  EXPECT_TRUE(ended_with(run({"--exclude-label", "0"}), 2));
  std::vector<std::string> only_maps = maps();
  only_maps.insert(only_maps.begin(), "evaluate");
  EXPECT_TRUE(ended_with(labelloom(only_maps), 0));
  only_maps.emplace_back("--id-zero-unmatched");
  EXPECT_TRUE(ended_with(labelloom(only_maps), 2));
}

TEST_F(CliEvaluate, NeedsBothSides) {
  EXPECT_TRUE(ended_with(labelloom({"evaluate", "--gt", truth}), 2));
  EXPECT_TRUE(ended_with(labelloom({"evaluate", "--seg-gt", "a"}), 2));
  EXPECT_TRUE(ended_with(labelloom({"evaluate"}), 2));
  EXPECT_TRUE(ended_with(run({"--types", "boxes"}), 2));
  EXPECT_TRUE(ended_with(run({"--sigmas", "bolt=0.1,x"}), 1));
  EXPECT_TRUE(ended_with(run({"--sigmas", "nut=0.1,0.1"}), 1));
}

}  // namespace
}  // namespace labelloom::test
