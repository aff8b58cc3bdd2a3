#include "select/score_row.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "formats/error.h"
#include "tests/select/score_rows.h"

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(CellRuns, AreCellsLeftOutAndTakenInTurn) {
  EXPECT_THAT(cell_runs({0, 0, 1, 1, 1, 0, 1, 0}), ElementsAre(2, 3, 1, 1));
  EXPECT_THAT(cell_runs({1, 0}), ElementsAre(0, 1));
  EXPECT_THAT(cell_runs({0, 0}), IsEmpty());
  EXPECT_THAT(cells_of({2, 3, 1, 1}, 8), ElementsAre(0, 0, 1, 1, 1, 0, 1, 0));
  EXPECT_EQ(cell_count({2, 3, 1, 1}), 4U);
  EXPECT_THROW((void)cells_of({2, 3}, 4), Error);
}

TEST(LabelRuns, JoinEqualLabels) {
  EXPECT_THAT(label_runs({-1, -1, 2, 2, 0}),
              ElementsAre(LabelRun{-1, 2}, LabelRun{2, 2}, LabelRun{0, 1}));
}

TEST(ScoreRow, ComesBackAsItWasWritten) {
  const ScoreHeader header = small_header();
  const ScoreRow row = full_row("a/\"b\"\n.png");
  const std::string text = row_text(row, header);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const ScoreRow back = read_row(text, header);
  EXPECT_EQ(back.key, row.key);
  EXPECT_EQ(back.size, row.size);
  EXPECT_EQ(back.image_id, row.image_id);
  EXPECT_EQ(back.source_image_id, row.source_image_id);
  EXPECT_EQ(back.source_file_name, row.source_file_name);
  EXPECT_EQ(back.variant, row.variant);
  EXPECT_EQ(back.scores, row.scores);
  EXPECT_EQ(back.vectors, row.vectors);
  EXPECT_EQ(back.boxmask, row.boxmask);
  EXPECT_EQ(back.boxes, row.boxes);
  EXPECT_EQ(back.segmentation, row.segmentation);
  EXPECT_EQ(row_text(back, header), text);
}

TEST(ScoreRow, WithoutASizeIsThatOfAPictureThatCannotBeRead) {
  ScoreRow row = empty_row("a.png");
  EXPECT_TRUE(row.readable());
  row.size = {};
  EXPECT_FALSE(row.readable());
  const ScoreHeader header = small_header();
  EXPECT_FALSE(read_row(row_text(row, header), header).readable());
  row = full_row("a.png");
  row.size = {};
  EXPECT_THROW((void)row_text(row, header), Error);
  row.size = {4, 0};
  EXPECT_THROW((void)row_text(row, header), Error);
}

TEST(ScoreRow, KeepsNumbersThatAreNone) {
  const ScoreHeader header = small_header();
  ScoreRow row = empty_row("a.png");
  row.scores["x"] = std::numeric_limits<double>::quiet_NaN();
  row.vectors["embedding"] = {INFINITY, 1};
  const ScoreRow back = read_row(row_text(row, header), header);
  EXPECT_TRUE(std::isnan(back.scores.at("x")));
  EXPECT_EQ(back.vectors.at("embedding"), row.vectors.at("embedding"));
}

/// What is said of a row when this is changed in its text.
std::string refusal(const std::string& from, const std::string& to) {
  std::string text = row_text(full_row("a.png"), small_header());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  try {
    (void)read_row(text, small_header());
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ScoreRow, SaysWhatIsWrong) {
  EXPECT_THAT(refusal("\"size\":[160,120]", "\"size\":[160]"),
              HasSubstr("size: expected 2 elements, got 1"));
  EXPECT_THAT(refusal("[160,120]", "[160,1200000000]"), HasSubstr("size: 160 x 1200000000"));
  EXPECT_THAT(refusal("\"class\":1", "\"class\":2"),
              HasSubstr("boxes[1].class: 2 is none of 2 classes"));
  EXPECT_THAT(refusal("\"p\":[0.9,0.1]", "\"p\":[0.9]"),
              HasSubstr("boxes[0].p: has 1 numbers, expected 2"));
  EXPECT_THAT(refusal("[[0,10,12", "[[5,10,12"), HasSubstr("boxes[0].kp: slot 5 is none of 2"));
  EXPECT_THAT(refusal("\"mask\":[82,10", "\"mask\":[82,4000000000"),
              HasSubstr("boxes[0].mask: has"));
  EXPECT_THAT(refusal("\"mask\":[82,10,", "\"mask\":[82,"),
              HasSubstr("boxes[0].mask: ends with cells"));
  EXPECT_THAT(refusal("[-1,82,", "[3,82,"), HasSubstr("seg.labels: label 3 is none of 3 classes"));
  EXPECT_THAT(refusal("[-1,82,", "[-1,83,"),
              HasSubstr("seg.labels: has 1201 cells, the grid has 1200"));
  EXPECT_THAT(refusal("\"grid\":[40,30,", "\"grid\":[1048577,30,"), HasSubstr("seg.grid"));
  EXPECT_THAT(refusal("\"entropy.seg\":0.1", "\"entropy.seg\":\"0.1\""),
              HasSubstr("scores.entropy.seg: expected a number"));
  EXPECT_THAT(refusal("\"embedding\":\"", "\"embedding\":\"?"),
              HasSubstr("vectors.embedding: expected base64"));
  EXPECT_THAT(refusal("[1,64,0,64,", "[4,64,0,64,"), HasSubstr("boxmask.boxes: no such state: 4"));
  EXPECT_THAT(refusal("[1,64,0,64,", "[1,64,0,65,"), HasSubstr("a part is larger than its whole"));
  EXPECT_THAT(refusal("}", ""), HasSubstr("not JSON"));
}

TEST(ScoreRow, RefusesSumsThatItsCellsCannotAddUpTo) {
  const std::string sums = "[1,64,0,64,3221225472,0,0,";  // 64 cells with 3 nats each
  EXPECT_EQ(refusal(sums, "[1,64,0,64,137438953472,0,0,"), "accepted");  // 128 each
  EXPECT_THAT(refusal(sums, "[1,64,0,64,137438953473,0,0,"),
              HasSubstr("64 cells cannot add up to 137438953473"));
  EXPECT_THAT(refusal(sums, "[1,64,0,64,3221225472,9223372036854775807,0,"),
              HasSubstr("cannot add up"));
  EXPECT_THAT(refusal(sums, "[1,64,0,64,3221225472,0,-1,"), HasSubstr("cannot add up to -1"));
  EXPECT_THAT(refusal(sums, "[3,64,0,0,1,0,0,"), HasSubstr("0 cells cannot add up to 1"));
  EXPECT_THAT(refusal(sums, "[1,4294967295,0,64,3221225472,0,0,"), HasSubstr("a part is larger"));
  EXPECT_THAT(refusal("\"mass\":8388608000", "\"mass\":9223372036854775807"),
              HasSubstr("boxmask: more detectable cells"));
}

TEST(ScoreRow, ThatCannotBeReadIsNotWritten) {
  ScoreRow row = full_row("a.png");
  row.boxes[0].box.x = NAN;
  EXPECT_THROW((void)row_text(row, small_header()), Error);
  row = full_row("\xff.png");
  EXPECT_THROW((void)row_text(row, small_header()), Error);
}

TEST(ScoreHeader, ComesBackAsItWasWritten) {
  const ScoreHeader header = header_of({"a", "b"}, 1, 3);
  EXPECT_EQ(read_header(header_text(header)), header);
  EXPECT_THROW((void)read_header("{\"format\":\"x\"}"), Error);
  EXPECT_THROW((void)read_header("[]"), Error);
  EXPECT_THROW((void)read_header(""), Error);
}

TEST(ScoreHeader, KnowsThePresetItsTermsAreCombinedBy) {
  ScoreHeader header = small_header();
  header.combine = "robust";
  std::string text = header_text(header);
  EXPECT_EQ(read_header(text).combine, "robust");
  const std::string member = R"("combine":"robust",)";
  const std::size_t at = text.find(member);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(read_header(text.erase(at, member.size())).combine, "paper");
  header.combine = "sum";
  EXPECT_THROW((void)header_text(header), Error);
}

TEST(PoolHash, DoesNotDependOnTheOrder) {
  EXPECT_EQ(pool_hash({"a", "b"}), pool_hash({"b", "a"}));
  EXPECT_NE(pool_hash({"a", "b"}), pool_hash({"a", "c"}));
  EXPECT_NE(pool_hash({"a"}), pool_hash({"a", "a"}));
}

}  // namespace
}  // namespace labelloom::select
