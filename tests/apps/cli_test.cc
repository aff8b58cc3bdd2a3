// The command line as its user meets it: help, usage errors, options on the sample project.

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "tests/apps/cli_support.h"

namespace labelloom::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::array kSubcommands = {"convert",
                                     "validate",
                                     "stats",
                                     "split",
                                     "merge",
                                     "measure",
                                     "evaluate",
                                     "label-config",
                                     "view"};

rapidjson::Document parsed(const std::string& file) {
  rapidjson::Document document;
  const std::string text = read_file(file);
  document.Parse(text.data(), text.size());
  EXPECT_FALSE(document.HasParseError()) << file;
  return document;
}

std::vector<std::string> strings(const rapidjson::Value& array, const char* member = nullptr) {
  std::vector<std::string> result;
  for (const rapidjson::Value& value : array.GetArray()) {
    result.emplace_back(member == nullptr ? value.GetString() : value[member].GetString());
  }
  return result;
}

TEST(Cli, HasAnExampleInTheHelpOfEverySubcommand) {
  const Finished help = labelloom({"--help"});
  EXPECT_TRUE(ended_with(help, 0));
  EXPECT_THAT(help.out, HasSubstr("Example:\n  labelloom "));
  for (const std::string subcommand : kSubcommands) {
    SCOPED_TRACE(subcommand);
    EXPECT_THAT(help.out, HasSubstr("\n  " + subcommand + " "));
    const Finished own = labelloom({subcommand, "--help"});
    EXPECT_TRUE(ended_with(own, 0));
    EXPECT_THAT(own.out, HasSubstr("Example:\n  labelloom " + subcommand + " "));
    EXPECT_EQ(own.err, "");
  }
}

TEST(Cli, SaysItsVersion) {
  const Finished run = labelloom({"--version"});
  EXPECT_TRUE(ended_with(run, 0));
  EXPECT_THAT(run.out, StartsWith("labelloom "));
}

TEST(Cli, EndsWithStatus2WhenItIsUsedWrongly) {
  const std::string input = sample("export.min.json");
  std::vector<std::vector<std::string>> wrong = {
      {},
      {"no-such-command"},
      {"--no-such-option"},
      {"convert", input},  // no output
      {"convert", input, "-o"},
      {"convert", input, "-o", "a", "b"},
      {"convert", input, "-o", "a", "--keypoint-tolerance", "-1"},
      {"convert", input, "-o", "a", "--keypoint-tolerance", "far"},
      {"convert", input, "-o", "a", "--keypoint-origin", "nowhere"},
      {"validate"},
      {"validate", input, "--examples", "-1"},
      {"split", input},
      {"merge", input, "-o", "a"},  // only one input
      {"merge", input, input, "-o", "a", "--same-image", "maybe"},
      {"measure", input},  // no output
      {"measure", input, "-o", "a", "--expect", "up"},
      {"measure", input, "-o", "a", "--depth-scale", "big"},
      {"label-config", "--from", input, "--classes", "a"},
      {"view", input},
      {"view", input, "--images", sample("images"), "-o", "a", "--max", "0"},
      {"view", input, "--images", sample("images"), "-o", "a", "--max", "-1"}};
  for (const char* subcommand : kSubcommands) {
    if (std::string(subcommand) != "label-config") wrong.push_back({subcommand});
    wrong.push_back({subcommand, "--no-such-option"});
  }
  const TempDir dir;
  for (const std::vector<std::string>& arguments : wrong) {
    std::string shown;
    for (const std::string& argument : arguments) shown += argument + ' ';
    SCOPED_TRACE(shown);
    const Finished run = labelloom(arguments, {.folder = dir.path()});
    EXPECT_TRUE(ended_with(run, 2));
    EXPECT_THAT(run.err, Not(IsEmpty()));
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(files_below(dir.path()), IsEmpty());
  }
}

TEST(Cli, WritesNoReportOverItsInputOrOutput) {
  const TempDir dir;
  const std::string input = dir.write("in.json", read_file(sample("export.min.json")));
  for (const std::string& report : {input, (dir / "out.json").string()}) {
    const Finished run =
        labelloom({"convert", input, "-o", (dir / "out.json").string(), "--report", report});
    EXPECT_TRUE(refused(run, report));
  }
  EXPECT_EQ(read_file(input), read_file(sample("export.min.json")));
  const std::string coco = dir.write("coco.json", small_coco());
  EXPECT_TRUE(refused(labelloom({"label-config", "--from", coco, "-o", coco}), coco));
}

TEST(Cli, GivesNobodysKeyPointsToAnotherAnnotatorsInstance) {
  const TempDir dir;
  const auto result = [](const std::string& value) {
    return R"({"from_name":"c","original_width":1000,"original_height":500,"value":{)" + value +
           "}}";
  };
  const std::string input = dir.write(
      "in.json",
      R"([{"id":1,"data":{"image":"a.jpg"},"annotations":[{"id":1,"completed_by":1,"result":[)" +
          result(R"("x":10,"y":10,"width":20,"height":40,"rectanglelabels":["cat"])") + "," +
          result(R"("x":29,"y":49,"width":0.5,"keypointlabels":["nose"])") +
          R"(]},{"id":2,"completed_by":2,"result":[)" +
          result(R"("x":20,"y":20,"width":20,"height":40,"rectanglelabels":["cat"])") + "," +
          result(R"("x":21,"y":21,"width":0.5,"keypointlabels":["nose"])") + "]}]}]");
  const std::string output = (dir / "out.json").string();
  EXPECT_TRUE(ended_with(labelloom({"convert", input, "--annotator", "all", "-o", output}), 0));
  const rapidjson::Document coco = parsed(output);
  EXPECT_EQ(coco["images"].Size(), 1U);
  ASSERT_EQ(coco["annotations"].Size(), 2U);
  EXPECT_EQ(coco["annotations"][0]["keypoints"][0].GetDouble(), 290);
  EXPECT_EQ(coco["annotations"][1]["keypoints"][0].GetDouble(), 210);
}

TEST(Cli, TakesSizesThatACocoFileLacksFromTheImages) {
  const TempDir dir;
  const std::string name = files_below(sample("images")).front();
  const std::string input = dir.write("in.json",
                                      R"({"images":[{"id":1,"file_name":")" + name +
                                          R"(","width":null,"height":null}],"annotations":[],)"
                                          R"("categories":[{"id":1,"name":"c"}]})");
  const std::string output = (dir / "out.json").string();
  EXPECT_TRUE(refused(labelloom({"convert", input, "-o", output}), input));
  EXPECT_TRUE(
      ended_with(labelloom({"convert", input, "--images", sample("images"), "-o", output}), 0));
  EXPECT_GT(parsed(output)["images"][0]["width"].GetInt(), 0);
}

TEST(Cli, StartsWithoutOpenCvAndLibTorch) {
  const Finished run = labelloom({"--help"}, {.environment = {{"LD_TRACE_LOADED_OBJECTS", "1"}}});
  if (run.out.find("libc.so") == std::string::npos) GTEST_SKIP() << "another loader";
  EXPECT_THAT(run.out, Not(HasSubstr("opencv")));
  EXPECT_THAT(run.out, Not(HasSubstr("torch")));
}

class CliOnTheSamples : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return (dir / name).string(); }

  /// Converts a sample export with some more options; gives what it printed.
  [[nodiscard]] Finished convert(const char* input, const std::vector<std::string>& options) const {
    std::vector<std::string> arguments = {
        "convert", sample(input), "-o", path("coco.json"), "--report", path("report.json")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return labelloom(arguments);
  }

  TempDir dir;
};

TEST_F(CliOnTheSamples, EverySubcommandDoesItsJob) {
  const Finished run = convert("export.min.json", {"--images", sample("images")});
  EXPECT_TRUE(ended_with(run, 0));
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, HasSubstr("12 images, 82 instances, 4 categories"));
  const Finished check = labelloom({"validate", path("coco.json"), "--images", sample("images")});
  EXPECT_TRUE(ended_with(check, 0));
  EXPECT_THAT(check.out, HasSubstr("12 images, 82 annotations, 4 categories"));
  const Finished stats = labelloom({"stats", path("coco.json")});
  EXPECT_TRUE(ended_with(stats, 0));
  EXPECT_THAT(stats.out, HasSubstr("12 images (1 without annotations), 82 instances"));
  EXPECT_TRUE(ended_with(labelloom({"split", path("coco.json"), "-o", path("split")}), 0));
  EXPECT_THAT(files_below(path("split")), ElementsAre("train.json", "val.json"));
  EXPECT_TRUE(ended_with(
      labelloom(
          {"merge", path("split/train.json"), path("split/val.json"), "-o", path("merged.json")}),
      0));
  const rapidjson::Document merged = parsed(path("merged.json"));
  EXPECT_EQ(merged["images"].Size(), 12U);
  EXPECT_EQ(merged["annotations"].Size(), 82U);
  EXPECT_TRUE(ended_with(
      labelloom({"label-config", "--from", path("coco.json"), "-o", path("config.xml")}), 0));
  EXPECT_THAT(read_file(path("config.xml")), HasSubstr("RockerArm"));
  const Finished view = labelloom({"view",
                                   path("coco.json"),
                                   "--images",
                                   sample("images"),
                                   "--report",
                                   path("report.json"),
                                   "--max",
                                   "2",
                                   "-o",
                                   path("gallery")});
  EXPECT_TRUE(ended_with(view, 0));
  EXPECT_TRUE(std::filesystem::exists(path("gallery/index.html")));
}

TEST_F(CliOnTheSamples, QuietPrintsNothing) {
  for (const char* input : {"export.min.json", "export.full.json"}) {
    const Finished run = convert(input, {"-q"});
    EXPECT_TRUE(ended_with(run, 0));
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, "");
  }
}

TEST_F(CliOnTheSamples, AnnotatorChoosesWhoseAnnotationsCount) {
  const auto instances = [&](const std::string& who) {
    const Finished run = convert("export.full.json", {"-q", "--annotator", who});
    EXPECT_TRUE(ended_with(run, 0)) << who;
    return parsed(path("coco.json"))["annotations"].Size();
  };
  const auto images_twice = [&] {
    std::vector<std::string> names = strings(parsed(path("coco.json"))["images"], "file_name");
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) != names.end();
  };
  const auto latest = instances("latest");
  const auto first = instances("first");
  const auto all = instances("all");
  EXPECT_FALSE(images_twice());
  EXPECT_GT(all, latest);
  EXPECT_GT(all, first);
  EXPECT_NE(read_file(path("coco.json")), "");
  const auto one = instances("1");
  const auto two = instances("2");
  EXPECT_GT(one, 0U);
  EXPECT_GT(two, 0U);
  EXPECT_EQ(one + two, all);
  // Nobody's: said, not passed over.
  const Finished nobody = convert("export.full.json", {"--annotator", "nobody@example.com"});
  EXPECT_TRUE(refused(nobody, "nobody@example.com"));
}

TEST_F(CliOnTheSamples, KeypointLabelsDecideTheOwnersAndConfigTheOrder) {
  EXPECT_TRUE(ended_with(convert("export.min.json",
                                 {"--keypoint-labels",
                                  sample("keypoint_labels.json"),
                                  "--config",
                                  sample("label_config.xml")}),
                         0));
  const rapidjson::Document coco = parsed(path("coco.json"));
  const rapidjson::Value& categories = coco["categories"];
  ASSERT_THAT(strings(categories, "name"), ElementsAre("RockerArm", "Bolt", "PushRod", "Washer"));
  EXPECT_THAT(strings(categories[0]["keypoints"]), ElementsAre("pad", "pivot", "adjuster"));
  EXPECT_THAT(strings(categories[1]["keypoints"]), ElementsAre("head", "tip"));
  EXPECT_THAT(strings(categories[2]["keypoints"]), ElementsAre("cup", "ball"));
  EXPECT_FALSE(categories[3].HasMember("keypoints"));

  const std::string backwards = dir.write("labels.json", R"({"pad":"Bolt","head":["Washer"]})");
  EXPECT_TRUE(ended_with(convert("export.min.json", {"--keypoint-labels", backwards}), 0));
  const rapidjson::Document report = parsed(path("report.json"));
  EXPECT_THAT(strings(report["keypoints"]["owners"]["pad"]), ElementsAre("Bolt"));
  EXPECT_THAT(strings(report["keypoints"]["owners"]["head"]), ElementsAre("Washer"));
}

TEST_F(CliOnTheSamples, ConfigOrdersClassesOtherwiseThanTheExport) {
  const std::string config = dir.write("config.xml", R"(<View><Image name="i" value="$image"/>
<PolygonLabels name="label" toName="i"><Label value="Washer"/><Label value="PushRod"/>
<Label value="Bolt"/><Label value="RockerArm"/></PolygonLabels></View>)");
  EXPECT_TRUE(ended_with(convert("export.min.json", {"--config", config}), 0));
  EXPECT_THAT(strings(parsed(path("coco.json"))["categories"], "name"),
              ElementsAre("Washer", "PushRod", "Bolt", "RockerArm"));
}

TEST_F(CliOnTheSamples, KeypointToleranceLeavesFarPointsWithoutAnOwner) {
  // One polygon, one point 40 px to the right of it, and one inside that shows who owns the label.
  const std::string input = dir.write("far.json", R"([{"id":1,"image":"a.jpg",
"label":[{"points":[[10,10],[20,10],[20,20],[10,20]],"polygonlabels":["A"],
"original_width":400,"original_height":400}],
"kp":[{"x":30,"y":15,"width":1,"keypointlabels":["head"],"original_width":400,
"original_height":400}]}])");
  const auto assigned = [&](const std::string& tolerance) {
    const Finished run = labelloom({"convert",
                                    input,
                                    "-o",
                                    path("coco.json"),
                                    "--report",
                                    path("report.json"),
                                    "--keypoint-labels",
                                    dir.write("labels.json", R"({"head":"A"})").string(),
                                    "--keypoint-tolerance",
                                    tolerance});
    EXPECT_TRUE(ended_with(run, 0));
    return parsed(path("report.json"))["keypoints"]["assigned"].GetInt();
  };
  EXPECT_EQ(assigned("39"), 0);
  EXPECT_EQ(assigned("41"), 1);
}

TEST_F(CliOnTheSamples, SkipBadLeavesOutWrongRecordsAndCountsThem) {
  std::string text = read_file(sample("export.full.json"));
  const std::string good = "\"points\":[[35.01184358679667,";
  const std::size_t at = text.find(good);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, good.size(), "\"points\":[[\"x\",");
  const std::string input = dir.write("one_bad.json", text).string();
  EXPECT_TRUE(refused(labelloom({"convert", input, "-o", path("coco.json")}), input));
  EXPECT_FALSE(std::filesystem::exists(path("coco.json")));
  const Finished run = labelloom(
      {"convert", input, "--skip-bad", "-o", path("coco.json"), "--report", path("report.json")});
  EXPECT_TRUE(ended_with(run, 0));
  EXPECT_EQ(parsed(path("coco.json"))["annotations"].Size(), 81U);
  EXPECT_THAT(run.out, HasSubstr("left out"));
  EXPECT_THAT(read_file(path("report.json")), HasSubstr("points"));
}

TEST_F(CliOnTheSamples, TheSameInputGivesTheSameBytes) {
  EXPECT_TRUE(ended_with(convert("export.min.json", {}), 0));
  const std::string coco = read_file(path("coco.json"));
  const std::string report = read_file(path("report.json"));
  EXPECT_TRUE(ended_with(convert("export.min.json", {}), 0));
  EXPECT_EQ(read_file(path("coco.json")), coco);
  EXPECT_EQ(read_file(path("report.json")), report);
}

}  // namespace
}  // namespace labelloom::test
