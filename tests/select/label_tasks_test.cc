#include "select/label_tasks.h"

#include <gmock/gmock.h>

#include "formats/brush_rle.h"
#include "formats/error.h"
#include "select/predicted_shapes.h"
#include "tests/select/scene.h"
#include "tests/select/score_rows.h"
#include "tests/select/task_rules.h"
#include "tests/support/temp_dir.h"

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::string task_of(const ScoreRow& row, const TaskOptions& options = {}) {
  return task_text(row, small_header(), {3, 11, 1.5, "S_cls box 1 (bolt)", "boxmask"}, options);
}

TEST(LabelTasks, KeepTheRulesOfLabelStudio) {
  for (const ObjectShapes shapes :
       {ObjectShapes::kPolygons, ObjectShapes::kBoxes, ObjectShapes::kBoth}) {
    TaskOptions options;
    options.shapes = shapes;
    ScoreRow row = full_row("a.png");
    row.boxes[1].box = {-20, 100, 500, 60};  // leaves the image on three sides
    row.boxes[0].score = 1.0000001;
    const std::string tasks = "[" + task_of(row, options) + "," +
                              task_of(full_row("b.png"), options) + "," +
                              task_of(empty_row("c.png"), options) + "]";
    EXPECT_THAT(task_faults(tasks, task_config(small_header(), options)), IsEmpty());
  }
}

TEST(LabelTasks, ThatBreakARuleAreFound) {
  const std::string config = task_config(small_header(), {});
  const std::string good = "[" + task_of(full_row("a.png")) + "]";
  const auto faults = [&](const std::string& from, const std::string& to) {
    std::string bad = good;
    const std::size_t at = bad.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return task_faults(bad.replace(at, from.size(), to), config);
  };
  EXPECT_THAT(faults("\"rectanglelabels\":[\"nut\"]", "\"rectanglelabels\":[\"cog\"]"), SizeIs(1));
  EXPECT_THAT(faults("\"from_name\":\"bbox\"", "\"from_name\":\"rect\""), SizeIs(1));
  EXPECT_THAT(faults("\"x\":62.5", "\"x\":101"), Not(IsEmpty()));
  EXPECT_THAT(faults("\"rle\":[", "\"rle\":[9,"), SizeIs(1));
  EXPECT_THAT(faults("\"parentID\":\"", "\"parentID\":\"z"), Not(IsEmpty()));
  EXPECT_THAT(faults("\"score\":0.2", "\"score\":2"), SizeIs(1));
  EXPECT_THAT(task_faults("{}", config), SizeIs(1));
  // The same task twice: every id is there twice.
  EXPECT_THAT(task_faults("[" + task_of(full_row("a.png")) + "," + task_of(full_row("a.png")) + "]",
                          config),
              SizeIs(5));
}

TEST(LabelTasks, SayWhyAndInWhichOrder) {
  const std::string task = task_of(full_row("a b/c#1.png"));
  EXPECT_THAT(task, HasSubstr("\"image\":\"/data/local-files/?d=a%20b/c%231.png\""));
  EXPECT_THAT(
      task,
      HasSubstr("\"select_score\":1.5,\"select_rank\":3,\"select_reason\":\"S_cls box 1 (bolt)\""));
  EXPECT_THAT(
      task,
      HasSubstr("\"model_version\":\"mtnet-s@0123456\",\"score\":0.2,"));  // the lowest is first
}

TEST(LabelTasks, TieKeyPointsToTheirObject) {
  const std::string task = task_of(full_row("a.png"));
  EXPECT_THAT(task, HasSubstr("-p1\""));
  EXPECT_THAT(task, HasSubstr("-k1-1\",\"type\":\"keypointlabels\""));
  EXPECT_THAT(task, HasSubstr("\"keypointlabels\":[\"tail\"]"));
  TaskOptions options;
  options.keypoint_score = 0.5;
  EXPECT_THAT(task_of(full_row("a.png"), options), Not(HasSubstr("\"keypointlabels\":[\"tail\"]")));
}

TEST(LabelTasks, WithoutPlaceForThePathAreRefused) {
  EXPECT_THROW((void)image_address("/data/", "a.png"), Error);
  EXPECT_EQ(image_address("s3://b/{path}?v=1", "x/y.png"), "s3://b/x/y.png?v=1");
  EXPECT_EQ(image_address("/{path}?as={path}&", "{path}"), "/%7Bpath%7D?as=%7Bpath%7D&");
}

TEST(TaskFiles, AreCutToWhatLabelStudioImports) {
  const test::TempDir dir;
  TaskOptions options;
  {
    TaskFiles files(dir.path(), options);
    EXPECT_THAT(files.finish(), ElementsAre("tasks.json"));
    EXPECT_EQ(test::read_file(dir / "tasks.json"), "[]\n");
  }
  options.max_file_tasks = 2;
  TaskFiles files(dir.path(), options);
  for (int i = 0; i < 5; ++i) files.add("{\"n\":" + std::to_string(i) + "}");
  EXPECT_THAT(files.finish(), ElementsAre("tasks-1.json", "tasks-2.json", "tasks-3.json"));
  EXPECT_EQ(test::read_file(dir / "tasks-3.json"), "[\n{\"n\":4}\n]\n");
  EXPECT_FALSE(std::filesystem::exists(dir / "tasks.json"));
  options.max_file_tasks = 100;
  options.max_file_bytes = 40;
  TaskFiles fewer(dir.path(), options);
  for (int i = 0; i < 5; ++i) fewer.add("{\"n\":" + std::to_string(i) + "}");
  EXPECT_THAT(fewer.finish(), ElementsAre("tasks-1.json", "tasks-2.json"));
  EXPECT_LE(test::read_file(dir / "tasks-1.json").size(), 40U);
  EXPECT_FALSE(std::filesystem::exists(dir / "tasks-3.json"));
}

TEST(MaskPolygon, RunsAroundTheLargestPart) {
  const Grid2d grid{8, 6, {4, 2}, 4, 4};
  std::vector<std::uint8_t> cells(48, 0);
  for (std::size_t r = 2; r < 5; ++r) {
    for (std::size_t c = 3; c < 7; ++c) cells[8 * r + c] = 1;
  }
  cells[0] = 1;
  const auto polygon = mask_polygon(cell_runs(cells), grid, {100, 100});
  ASSERT_TRUE(polygon);
  EXPECT_EQ(extent(*polygon), (Box{16, 10, 16, 12}));
  EXPECT_EQ(signed_area(*polygon), 16 * 12);
  EXPECT_FALSE(mask_polygon({}, grid, {100, 100}));
  // Cut at the image's border; nothing is left of what lies behind it.
  EXPECT_EQ(extent(*mask_polygon(cell_runs(cells), grid, {20, 100})).width, 4);
  EXPECT_FALSE(mask_polygon(cell_runs(cells), grid, {10, 100}));
}

TEST(LabelPixels, AreThoseWhoseCentresLieInTheCells) {
  PredictedSegmentation segmentation;
  segmentation.grid = {3, 2, {0, 0}, 2.5, 2};
  segmentation.labels = {{0, 1}, {1, 3}, {0, 2}};  // .11 / 1..
  const Rle mask = encode_rows(label_pixels(segmentation, 1, {7, 4}), {7, 4});
  EXPECT_THAT(decode(mask),
              ElementsAre(0,
                          0,
                          1,
                          1,
                          1,
                          1,
                          1,  //
                          0,
                          0,
                          1,
                          1,
                          1,
                          1,
                          1,  //
                          1,
                          1,
                          0,
                          0,
                          0,
                          0,
                          0,  //
                          1,
                          1,
                          0,
                          0,
                          0,
                          0,
                          0));
}

TEST(StuffClasses, AreThoseBoxesDoNotHave) {
  ScoreHeader header = small_header();
  header.seg_classes.insert(header.seg_classes.end(), {"Background", "sky"});
  EXPECT_THAT(stuff_classes(header), ElementsAre(0, 4));
}

TEST(EncodeBrush, ComesBackFromTheDecoder) {
  Noise noise(9);
  for (int round = 0; round < 200; ++round) {
    const Size size{1 + noise.below(round < 190 ? 40 : 700),
                    1 + noise.below(round < 190 ? 40 : 500)};
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size.width) *
                                     static_cast<std::size_t>(size.height));
    const int change = 1 + noise.below(30);
    std::uint8_t value = 0;
    for (std::uint8_t& pixel : pixels) {
      if (noise.below(change) == 0) value ^= 1U;
      pixel = value;
    }
    std::vector<RowRun> runs;
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        if (pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) +
                   static_cast<std::size_t>(x)] == 0)
          continue;
        const auto row = static_cast<std::uint32_t>(y);
        const auto column = static_cast<std::uint32_t>(x);
        if (!runs.empty() && runs.back().row == row && runs.back().last == column) {
          ++runs.back().last;
        } else {
          runs.push_back({row, column, column + 1});
        }
      }
    }
    EXPECT_EQ(decode_brush(encode_brush(runs, size), size), encode(pixels, size));
  }
}

TEST(EncodeBrush, SplitsRunsBeyond65536) {
  const Size size{300, 300};
  std::vector<RowRun> all;
  for (std::uint32_t y = 0; y < 300; ++y) all.push_back({y, 0, 300});
  EXPECT_EQ(pixel_count(decode_brush(encode_brush(all, size), size)), 90000U);
  EXPECT_EQ(pixel_count(decode_brush(encode_brush({}, size), size)), 0U);
  EXPECT_LT(encode_brush(all, size).size(), 50U);
}

TEST(EncodeBrush, RefusesRunsThatAreNotSortedOrInside) {
  const std::vector<RowRun> unsorted = {{1, 0, 2}, {0, 0, 2}};
  EXPECT_THROW((void)encode_brush(unsorted, {4, 4}), Error);
  const std::vector<RowRun> outside = {{0, 0, 5}};
  EXPECT_THROW((void)encode_brush(outside, {4, 4}), Error);
  const std::vector<RowRun> below = {{4, 0, 1}};
  EXPECT_THROW((void)encode_brush(below, {4, 4}), Error);
}

}  // namespace
}  // namespace labelloom::select
