#include "select/batch.h"

#include <gmock/gmock.h>

#include "formats/error.h"
#include "select/score_shard.h"
#include "tests/select/pool_tables.h"
#include "tests/support/temp_dir.h"

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::vector<std::string> chosen(const std::vector<ScoreRow>& rows,
                                const BatchOptions& options,
                                const std::string& strategy = "x",
                                const Dataset* labelled = nullptr) {
  const PoolTable table = table_of(rows, labelled);
  return keys_of(table, build_batch(table, rank(strategy, table, {}), options));
}

TEST(Batch, TakesTheBestAndOfEqualsTheLesserKey) {
  const std::vector<ScoreRow> rows = {
      scored("c", 2), scored("b", 1), scored("d", 2), scored("a", NAN)};
  EXPECT_THAT(chosen(rows, images(3)), ElementsAre("c", "d", "b"));
  const PoolTable table = table_of(rows);
  const Ranking ranking = rank("x", table, {});
  EXPECT_EQ(ranking.not_finite, 1U);
  EXPECT_EQ(ranking.order.back(), 0U);  // "a"
}

TEST(Batch, TakesAllIfTheBudgetIsLargerThanThePool) {
  const PoolTable table = table_of({scored("a", 1), scored("b", 2)});
  const Batch batch = build_batch(table, rank("x", table, {}), images(5));
  EXPECT_THAT(keys_of(table, batch), ElementsAre("b", "a"));
  EXPECT_TRUE(batch.pool_used_up);
  EXPECT_FALSE(build_batch(table, rank("x", table, {}), images(2)).pool_used_up);
}

TEST(Batch, OfNoImageIsEmpty) {
  const PoolTable none = table_of({});
  for (const Strategy& strategy : strategies()) {
    EXPECT_THAT(build_batch(none, rank(strategy.name, none, {}), images(5)).images, IsEmpty())
        << strategy.name;
  }
  BatchOptions diverse = images(5);
  diverse.diverse = true;
  EXPECT_THAT(build_batch(none, rank("random", none, {}), diverse).images, IsEmpty());
}

TEST(Batch, OfOneImageIsThatImage) {
  ScoreRow row = full_row("a");
  row.scores = {{"cald", 1},
                {"equal.kl", 1},
                {"equal.entropy", 1},
                {"entropy.seg", 1},
                {"margin.det", 1},
                {"least_confidence.seg", 1},
                {"ll4al.det", 1},
                {"ll4al.seg", 2}};
  row.vectors = {{"embedding", {1}},
                 {"cald.classes", {0.5F, 0}},
                 {"cdal.seg", std::vector<float>(9, 0.3F)},
                 {"cdal.det", {0.5F, 0.5F}}};
  for (const Strategy& strategy : strategies()) {
    const TableOptions options = table_options(strategy.name, boxmask_preset("robust").combine);
    const PoolTable table = table_of({row}, nullptr, options);
    EXPECT_THAT(
        build_batch(table, rank(strategy.name, table, {.combine = options.combine}), images(3))
            .images,
        SizeIs(1))
        << strategy.name;
  }
}

TEST(Batch, TakesOneOfASource) {
  std::vector<ScoreRow> rows = {scored("raw/a.jpg", 1),
                                scored("aug/a_1.jpg", 5),
                                scored("aug/a_2.jpg", 4),
                                scored("raw/b.jpg", 3),
                                scored("aug/c_1.jpg", 2),
                                scored("aug/c_2.jpg", 1.5)};
  rows[0].image_id = 10;
  rows[1].source_image_id = 10;            // known by id, and the source is in the pool
  rows[2].source_file_name = "raw/a.jpg";  // known by name
  rows[4].source_image_id = 99;            // known by an id that is not in the pool
  rows[5].source_image_id = 99;
  BatchOptions options = images(9);
  options.one_per_source = true;
  EXPECT_THAT(chosen(rows, options), ElementsAre("aug/a_1.jpg", "raw/b.jpg", "aug/c_1.jpg"));
}

TEST(Batch, LeavesOutWhatIsLabelledAndWhatWasMadeFromIt) {
  std::vector<ScoreRow> rows = {
      scored("a.jpg", 5), scored("aug/a_1.jpg", 4), scored("b.jpg", 3), scored("aug/c_1.jpg", 2)};
  rows[1].source_file_name = "a.jpg";
  rows[3].source_image_id = 7;
  Dataset labelled;
  labelled.images = {{.id = 3, .file_name = "a.jpg", .size = {1, 1}},
                     {.id = 7, .file_name = "c.jpg", .size = {1, 1}}};
  EXPECT_THAT(chosen(rows, images(9), "x", &labelled), ElementsAre("b.jpg"));
}

TEST(Batch, LeavesOutOnlyWhatIsLabelledItselfWhereSourcesDoNotCount) {
  std::vector<ScoreRow> rows = {
      scored("a.jpg", 5), scored("aug/a_1.jpg", 4), scored("b.jpg", 3), scored("aug/a_2.jpg", 2)};
  for (const std::size_t i : {std::size_t{1}, std::size_t{3}}) rows[i].source_file_name = "a.jpg";
  Dataset labelled;
  labelled.images = {{.id = 3, .file_name = "a.jpg", .size = {1, 1}}};
  const PoolTable table = table_of(rows, &labelled, {.by_source = false});
  EXPECT_THAT(keys_of(table, build_batch(table, rank("x", table, {}), images(2))),
              ElementsAre("aug/a_1.jpg", "b.jpg"));
}

TEST(Batch, KeepsAGapBetweenFrames) {
  std::vector<ScoreRow> rows;
  rows.reserve(21);
  for (int i = 0; i < 20; ++i)
    rows.push_back(scored("cam1/f" + std::to_string(i) + ".png", 100 - i));
  rows.push_back(scored("cam2/f3.png", 50));
  BatchOptions options = images(9);
  options.min_gap = 8;
  EXPECT_THAT(chosen(rows, options),
              ElementsAre("cam1/f0.png", "cam1/f8.png", "cam1/f16.png", "cam2/f3.png"));
  // Frames that are labelled count as well.
  Dataset labelled;
  labelled.images = {{.id = 1, .file_name = "cam1/f10.png", .size = {1, 1}}};
  EXPECT_THAT(chosen(rows, options, "x", &labelled),
              ElementsAre("cam1/f0.png", "cam1/f18.png", "cam2/f3.png"));
}

TEST(Batch, TakesTheFrameNumberOfWhatAnImageWasMadeFrom) {
  std::vector<ScoreRow> rows = {scored("scene_100015_v0001.jpg", 9),
                                scored("scene_100016_v0007.jpg", 8),
                                scored("scene_100030_v0001.jpg", 7),
                                scored("scene_100039.jpg", 6),
                                scored("scene_100050.jpg", 5)};
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{2}})
    rows[i].source_file_name = rows[i].key.substr(0, 12) + ".png";
  rows[3].image_id = 4;
  rows.push_back(scored("scene_100039_v0099.jpg", 5.5));
  rows.back().source_image_id = 4;  // known by id alone
  BatchOptions options = images(9);
  options.min_gap = 10;
  EXPECT_THAT(chosen(rows, options),
              ElementsAre("scene_100015_v0001.jpg", "scene_100030_v0001.jpg", "scene_100050.jpg"));
}

TEST(Batch, KeepsAGapToLabelledFramesThatAreNotInTheScores) {
  const std::vector<ScoreRow> rows = {
      scored("f11.png", 9), scored("f25.png", 8), scored("f40.png", 7)};
  Dataset labelled;
  labelled.images = {{.id = 1, .file_name = "f10.jpg", .size = {1, 1}},
                     {.id = 2,
                      .file_name = "f99_v3.jpg",
                      .size = {1, 1},
                      .extra = "\"source_file_name\":\"f42.jpg\""}};
  BatchOptions options = images(9);
  options.min_gap = 5;
  EXPECT_THAT(chosen(rows, options, "x", &labelled), ElementsAre("f25.png"));
}

TEST(Batch, SaysThatNoNameHasAFrameNumber) {
  BatchOptions options = images(9);
  const auto warnings = [&](const char* key) {
    const PoolTable table = table_of({scored(key, 1), scored("b", 2)});
    return build_batch(table, rank("x", table, {}), options).warnings;
  };
  EXPECT_THAT(warnings("a"), IsEmpty());
  options.min_gap = 5;
  EXPECT_THAT(warnings("a"), ElementsAre(testing::HasSubstr("no image's name has a frame number")));
  EXPECT_THAT(warnings("a1"), IsEmpty());
}

TEST(FrameName, IsTheLastNumberOfAName) {
  EXPECT_EQ(frame_of("a1/cam_2_000123_left.png")->number, 123U);
  EXPECT_EQ(frame_of("a1/cam_2_000123_left.png")->sequence, "a1/cam_2_#_left");
  EXPECT_EQ(frame_of("frame_0042_jpg.rf.0123456789abcdef0123456789abcdef.jpg")->number, 42U);
  EXPECT_FALSE(frame_of("a1/cam.jp2"));
  EXPECT_FALSE(frame_of("99999999999999999999999.png"));
}

TEST(Batch, FillsQuotasFirstWithTheBestOfTheClass) {
  const std::vector<ScoreRow> rows = {scored("a", 9, 0, 1, 0),
                                      scored("b", 8, 0, 1, 0),
                                      scored("c", 7, 0, 1, 0),
                                      scored("d", 2, 0, 1, 1),
                                      scored("e", 1, 0, 1, 1)};
  BatchOptions options = images(3);
  options.quotas = {{1, 1}};
  EXPECT_THAT(chosen(rows, options), ElementsAre("a", "b", "d"));
  options.quotas = {{1, 5}};
  const PoolTable table = table_of(rows);
  const Batch batch = build_batch(table, rank("x", table, {}), options);
  EXPECT_THAT(keys_of(table, batch), ElementsAre("a", "d", "e"));
  EXPECT_THAT(batch.warnings, SizeIs(1));
  // A quota that the best fulfil anyway changes nothing.
  options.quotas = {{0, 2}};
  EXPECT_THAT(chosen(rows, options), ElementsAre("a", "b", "c"));
}

TEST(Batch, PaysInPredictedObjects) {
  const std::vector<ScoreRow> rows = {
      scored("a", 9, 0, 4), scored("b", 8, 0, 3), scored("c", 7, 0, 0), scored("d", 6, 0, 1)};
  BatchOptions options;
  options.budget = parse_budget("6objects");
  // b does not fit behind a; an image without objects costs one.
  EXPECT_THAT(chosen(rows, options), ElementsAre("a", "c", "d"));
}

TEST(Batch, DiverseTakesOfTheBestThoseUnlikeEachOtherAndWhatIsLabelled) {
  std::vector<ScoreRow> rows;
  rows.reserve(9);
  for (int i = 0; i < 6; ++i)
    rows.push_back(scored("near" + std::to_string(i), 10 - 0.1 * i, 0.01F * static_cast<float>(i)));
  rows.push_back(scored("far1", 5, 10));
  rows.push_back(scored("far2", 4, 20));
  rows.push_back(scored("bad", 0, 99));
  BatchOptions options = images(3);
  options.diverse = true;
  options.diverse_among = 8.0 / 3;
  EXPECT_THAT(chosen(rows, options),
              UnorderedElementsAre("far1", "far2", testing::StartsWith("near")));
  Dataset labelled;
  labelled.images = {{.id = 1, .file_name = "far2", .size = {1, 1}}};
  options.budget.amount = 2;
  options.diverse_among = 3.5;
  EXPECT_THAT(chosen(rows, options, "x", &labelled), ElementsAre("near0", "far1"));
}

TEST(Batch, DiverseGoesOnBehindTheBestIfTheyDoNotSuffice) {
  std::vector<ScoreRow> rows = {scored("a1", 9, 0), scored("a2", 8, 1), scored("b", 7, 2)};
  for (ScoreRow& row : rows) row.source_file_name = row.key.substr(0, 1);
  BatchOptions options = images(2);
  options.diverse = true;
  options.diverse_among = 1;
  options.one_per_source = true;
  EXPECT_THAT(chosen(rows, options), SizeIs(2));
}

TEST(Batch, SaysThatKCentreKnowsNothingOfWhatIsLabelledButNotScored) {
  const std::vector<ScoreRow> rows = {scored("a", 1, 0), scored("b", 2, 5), scored("c", 3, 9)};
  const auto warnings = [&](const char* name, const std::string& strategy, bool diverse) {
    Dataset labelled;
    labelled.images = {{.id = 1, .file_name = name, .size = {1, 1}}};
    const PoolTable table = table_of(rows, &labelled);
    BatchOptions options = images(1);
    options.diverse = diverse;
    return build_batch(table, rank(strategy, table, {}), options).warnings;
  };
  const auto said = ElementsAre(testing::HasSubstr("none of the 1 labelled images is in the scor"));
  EXPECT_THAT(warnings("elsewhere", "coreset", false), said);
  EXPECT_THAT(warnings("elsewhere", "x", true), said);
  EXPECT_THAT(warnings("elsewhere", "x", false), IsEmpty());
  EXPECT_THAT(warnings("a", "coreset", false), IsEmpty());
}

TEST(Batch, CoresetPutsImagesWithoutEmbeddingLast) {
  std::vector<ScoreRow> rows = {
      scored("a", 0, 0), scored("b", 0, NAN), scored("c", 0, 10), scored("d", 0, 4)};
  EXPECT_THAT(chosen(rows, images(4), "coreset"), ElementsAre("d", "c", "a", "b"));
}

TEST(Budget, IsANumberOfImagesOrObjects) {
  EXPECT_EQ(parse_budget("7").amount, 7U);
  EXPECT_EQ(parse_budget("500objects").unit, Budget::Unit::kObjects);
  for (const char* bad : {"", "-1", "1.5", "3 cats", "objects"})
    EXPECT_THROW((void)parse_budget(bad), Error) << bad;
}

}  // namespace
}  // namespace labelloom::select
