// `labelloom measure` from drawn scenes to the table.

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "tests/apps/cli_support.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// Lines of a text, cells of a line. None of these tests has quoted cells.
std::vector<std::string> parts(const std::string& text, char separator) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) result.push_back(part);
  return result;
}

constexpr const char* kTwoLevers = R"({
  "images": [{"id": 1, "file_name": "a, \"b\".jpg", "width": 60, "height": 40}],
  "categories": [{"id": 1, "name": "lever", "keypoints": ["nose", "pin", "foot"]}],
  "annotations": [
    {"id": 1, "image_id": 1, "category_id": 1, "score": 0.5, "iscrowd": 0, "area": 400,
     "bbox": [10, 10, 40, 10], "segmentation": [[10, 10, 50, 10, 50, 20, 10, 20]],
     "keypoints": [48.5, 15, 2, 30, 18, 2, 12, 15, 2], "num_keypoints": 3},
    {"id": 2, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 100, "bbox": [0, 0, 10, 10]}]})";

class CliMeasure : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return (dir / name).string(); }

  TempDir dir;
};

TEST_F(CliMeasure, WritesALineForEveryObject) {
  const std::string coco = dir.write("coco.json", kTwoLevers).string();
  const Finished run =
      labelloom({"measure", coco, "-o", path("table.csv"), "--expect", "left", "-q"});
  EXPECT_TRUE(ended_with(run, 0));
  EXPECT_THAT(run.out, HasSubstr("lever"));
  const std::vector<std::string> lines = parts(read_file(path("table.csv")), '\n');
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0],
            "image,image_id,annotation_id,category,score,shape,area_px,centroid_x,centroid_y,"
            "length_px,width_px,elongation,axis_deg,directed,outer_side,outer_offset_px,placement");
  // Behind the centroid come lengths, which are rounded.
  EXPECT_THAT(lines[1], StartsWith(R"("a, ""b"".jpg",1,1,lever,0.5,polygon,400,30,15,46.188)"));
  EXPECT_THAT(lines[1], EndsWith(",0,yes,right,3,wrong"));
  EXPECT_EQ(lines[2], R"("a, ""b"".jpg",1,2,lever,,box,100,5,5,,,,,,,,unknown)");
}

TEST_F(CliMeasure, WritesTheSameAsJsonOnRequest) {
  const std::string coco = dir.write("coco.json", kTwoLevers).string();
  EXPECT_TRUE(ended_with(labelloom({"measure", coco, "-o", path("t.json"), "--json", "-q"}), 0));
  rapidjson::Document table;
  const std::string text = read_file(path("t.json"));
  table.Parse(text.data(), text.size());
  ASSERT_FALSE(table.HasParseError());
  ASSERT_EQ(table.Size(), 2U);
  EXPECT_STREQ(table[0]["image"].GetString(), "a, \"b\".jpg");
  EXPECT_NEAR(table[0]["elongation"].GetDouble(), 4, 1e-9);
  EXPECT_TRUE(table[1]["axis_deg"].IsNull());
}

TEST_F(CliMeasure, MeasuresDrawnScenesWithTheirDepth) {
  ASSERT_TRUE(ended_with(run_program({LABELLOOM_MAKE_SCENES,
                                      "-o",
                                      path("predictions"),
                                      "--scenes",
                                      "20",
                                      "--size",
                                      "64x64",
                                      "--depth"}),
                         0));
  // A folder stands for the coco.json in it.
  const Finished run = labelloom({"measure",
                                  path("predictions"),
                                  "-o",
                                  path("table.csv"),
                                  "--depth",
                                  path("predictions/depth"),
                                  "--head",
                                  "pad",
                                  "--tail",
                                  "adjuster",
                                  "--outer",
                                  "pivot",
                                  "--category",
                                  "RockerArm"});
  ASSERT_TRUE(ended_with(run, 0));
  const std::vector<std::string> lines = parts(read_file(path("table.csv")), '\n');
  ASSERT_GT(lines.size(), 5U);
  const std::vector<std::string> columns = parts(lines[0], ',');
  const auto column = [&](const std::vector<std::string>& cells, const std::string& name) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (columns[i] == name) return cells[i];
    }
    return std::string();
  };
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = parts(lines[i], ',');
    EXPECT_EQ(column(cells, "category"), "RockerArm");
    EXPECT_THAT(column(cells, "outer_side"), testing::AnyOf("left", "right", ""));
    const double depth = std::stod(column(cells, "depth_mean_m"));
    EXPECT_GT(depth, 0.5);
    EXPECT_LT(depth, 1.1);
  }
}

TEST_F(CliMeasure, RefusesInOneLineAndLeavesNothing) {
  const std::string coco = dir.write("in/coco.json", kTwoLevers).string();
  const std::string before = read_file(coco);
  fs::create_directory(dir / "out");
  const std::string table = path("out/table.csv");
  EXPECT_TRUE(refused(labelloom({"measure", coco, "-o", table, "--depth", path("none")}),
                      path("none/a, \"b\".png")));
  EXPECT_TRUE(refused(labelloom({"measure", coco, "-o", table, "--head", "noze"}), "\"noze\""));
  EXPECT_TRUE(refused(labelloom({"measure", coco, "-o", coco}), coco));
  EXPECT_TRUE(refused(labelloom({"measure", path("in"), "-o", coco}), coco));
  EXPECT_TRUE(refused(labelloom({"measure", path("out"), "-o", table}), path("out/coco.json")));
  EXPECT_EQ(files_below(dir / "out"), std::vector<std::string>());
  EXPECT_EQ(read_file(coco), before);
}

TEST_F(CliMeasure, RefusesADepthImageThatIsNone) {
  const std::string coco = dir.write("coco.json", kTwoLevers).string();
  const std::string depth = dir.write("depth/a, \"b\".png", "no picture").string();
  const std::vector<std::string> command = {
      "measure", coco, "-o", path("table.csv"), "--depth", path("depth")};
  EXPECT_TRUE(refused(labelloom(command), depth));
  EXPECT_FALSE(fs::exists(dir / "table.csv"));
  std::vector<std::string> lenient = command;
  lenient.emplace_back("--skip-bad");
  const Finished run = labelloom(lenient);
  EXPECT_TRUE(ended_with(run, 0));
  EXPECT_THAT(run.err, HasSubstr("1 x depth-unreadable"));
}

}  // namespace
}  // namespace labelloom::test
