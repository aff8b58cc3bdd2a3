// The order that strategies put a pool in.

#include <limits>

#include <gmock/gmock.h>

#include "formats/error.h"
#include "select/batch.h"
#include "tests/select/pool_tables.h"

namespace labelloom::select {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(Rank, CaldTakesTheLeastConsistentAndThenTheClassesThatAreMissing) {
  std::vector<ScoreRow> rows;
  const auto add = [&](const std::string& key, double consistency, std::vector<float> classes) {
    ScoreRow row = empty_row(key);
    row.scores["cald"] = consistency;
    row.vectors["cald.classes"] = std::move(classes);
    rows.push_back(std::move(row));
  };
  add("bolts", 0.1, {0.9F, 0});
  add("nuts", 0.2, {0, 0.9F});
  add("nothing", 0.3, {0, 0});
  add("sure", 0.9, {0, 1});
  Dataset labelled;
  labelled.images = {{.id = 1, .file_name = "l", .size = {1, 1}}};
  labelled.categories = {{.id = 4, .name = "bolt"}};
  for (int i = 0; i < 3; ++i) labelled.instances.emplace_back().category_id = 4;
  const PoolTable table = table_of(rows, &labelled, {.vectors = {"cald.classes"}});
  EXPECT_THAT(table.labelled_counts, ElementsAre(3, 0));
  const Ranking ranking = rank("cald", table, {.budget = 2});  // ceil(2.4) candidates
  std::vector<std::string> order;
  for (const std::size_t i : ranking.order) order.push_back(table.images[i].key);
  EXPECT_THAT(order, ElementsAre("nothing", "nuts", "bolts", "sure"));
}

/// Four images that CALD can tell apart and one, the first by name, about which nothing is known.
std::vector<ScoreRow> cald_rows() {
  std::vector<ScoreRow> rows = {empty_row("bad")};
  rows[0].scores = {{"cald", NAN}, {"equal.kl", NAN}};
  for (const int i : {1, 2, 3, 4}) {
    ScoreRow& row = rows.emplace_back(empty_row("good" + std::to_string(i)));
    row.scores = {{"cald", 0.1 * i}, {"equal.kl", 0.1 * i}};
    row.vectors["cald.classes"] = {0.1F * static_cast<float>(i), 0.2F};
  }
  return rows;
}

TEST(Rank, CaldPutsImagesWithoutAFiniteScoreLast) {
  const PoolTable table = table_of(cald_rows(), nullptr, {.vectors = {"cald.classes"}});
  for (const char* strategy : {"cald", "alternation"}) {
    for (const std::size_t budget : {std::size_t{2}, std::size_t{5}}) {
      const Ranking ranking = rank(strategy, table, {.cycle = 0, .budget = budget});
      EXPECT_EQ(table.images[ranking.order.back()].key, "bad") << strategy << budget;
      EXPECT_EQ(ranking.not_finite, 1U);
    }
    EXPECT_EQ(table.images[rank(strategy, table, {.cycle = 1}).order.back()].key, "bad");
  }
}

TEST(Rank, CaldPutsImagesOfUnknownClassesBehindTheOtherCandidates) {
  std::vector<ScoreRow> rows = cald_rows();
  rows[1].vectors.clear();
  const PoolTable table = table_of(rows, nullptr, {.vectors = {"cald.classes"}});
  const Ranking ranking = rank("cald", table, {.budget = 5});
  EXPECT_EQ(table.images[ranking.order[3]].key, "good1");
}

TEST(Rank, CaldTakesABudgetLargerThanAnyPool) {
  const PoolTable table = table_of(cald_rows(), nullptr, {.vectors = {"cald.classes"}});
  EXPECT_EQ(rank("cald", table, {.budget = std::numeric_limits<std::size_t>::max()}).order,
            rank("cald", table, {.budget = 5}).order);
}

TEST(Rank, AlternationTakesTurns) {
  std::vector<ScoreRow> rows = {empty_row("a"), empty_row("b")};
  rows[0].scores = {{"cald", 0.1}, {"equal.kl", 0.1}};
  rows[1].scores = {{"cald", 0.2}, {"equal.kl", 0.2}};
  for (ScoreRow& row : rows) row.vectors["cald.classes"] = {1, 0};
  const PoolTable table = table_of(rows, nullptr, {.vectors = {"cald.classes"}});
  EXPECT_EQ(rank("alternation", table, {.cycle = 0, .budget = 1}).scores[0], -0.1);
  EXPECT_EQ(rank("alternation", table, {.cycle = 1}).order.front(), 1U);
}

TEST(Rank, RandomDependsOnTheSeedAndTheNameAlone) {
  const PoolTable table = table_of({scored("a", 0), scored("b", 0), scored("c", 0)});
  const PoolTable part = table_of({scored("b", 0)});
  EXPECT_EQ(rank("random", table, {.seed = 4}).scores[1],
            rank("random", part, {.seed = 4}).scores[0]);
  EXPECT_NE(rank("random", table, {.seed = 4}).scores, rank("random", table, {.seed = 5}).scores);
}

TEST(Rank, BoxMaskByEachTerm) {
  // One image with a bad segmentation term, one with a bad location, one with a bad class.
  std::vector<ScoreRow> rows = {full_row("cls"), full_row("loc"), full_row("seg")};
  for (ScoreRow& row : rows) {
    row.boxes.resize(1);
    row.boxmask->boxes.resize(1);
    BoxComponents& box = row.boxmask->boxes[0];
    box.mislabelled_cells = row.key == "loc" ? 30 : 3;
    box.symmetric = (row.key == "cls" ? 90 : 3) * kFixedOne;
    box.pixels_from_box = box.symmetric / 2;
    row.boxmask->detectable_cells = row.key == "seg" ? 1100 : 11;
  }
  for (const char* term : {"cls", "loc", "seg"}) {
    const std::string strategy = std::string("boxmask-") + term;
    for (const char* preset : {"paper", "robust"}) {
      CombineOptions combine = boxmask_preset(preset).combine;
      combine.outside = Outside::kIndicator;
      combine.divergence = Divergence::kSymmetric;
      const TableOptions options = table_options(strategy, combine);
      const PoolTable table = table_of(rows, nullptr, options);
      const Ranking ranking = rank(strategy, table, {.combine = options.combine});
      EXPECT_EQ(table.images[ranking.order[0]].key, term) << preset;
    }
  }
  const TableOptions options = table_options("boxmask", boxmask_preset("paper").combine);
  const PoolTable table = table_of(rows, nullptr, options);
  const Ranking ranking = rank("boxmask", table, {.combine = options.combine});
  EXPECT_EQ(ranking.reason(0), "S_cls box 1 (bolt)");
  EXPECT_EQ(ranking.reason(1), "S_loc box 1 (bolt)");
  EXPECT_EQ(ranking.reason(2), "S_seg outside the boxes (100 %)");
}

TEST(Rank, LabelledImagesDoNotMoveTheRanksOfOthers) {
  std::vector<ScoreRow> rows;
  for (const char* key : {"a", "b", "c", "l1", "l2", "l3"}) rows.push_back(full_row(key));
  for (ScoreRow& row : rows) row.source_file_name = row.key;
  const auto set = [&](std::size_t i, double segmentation, double boxes) {
    rows[i].scores = {{"entropy.seg", segmentation}, {"entropy.det", boxes}};
    rows[i].boxmask->detectable_cells = static_cast<std::uint32_t>(1000 * segmentation);
    rows[i].boxmask->boxes[0].symmetric = static_cast<std::int64_t>(1000 * boxes) * kFixedOne;
  };
  // b is best by one term and a by the other: labelled images between them decided which.
  set(0, 0.3, 0.9);
  set(1, 0.5, 0.2);
  set(2, 0.1, 0.1);
  for (const std::size_t i : {std::size_t{3}, std::size_t{4}, std::size_t{5}}) set(i, 0.4, 0.05);
  Dataset labelled;
  for (const char* key : {"l1", "l2", "l3"}) {
    labelled.images.push_back({.id = 1, .file_name = key, .size = {1, 1}});
  }
  for (const char* strategy : {"entropy", "boxmask"}) {
    const TableOptions options = table_options(strategy, combine_preset("rank"));
    const auto scores = [&](const std::vector<ScoreRow>& pool) {
      const PoolTable table = table_of(pool, &labelled, options);
      return rank(strategy, table, {.combine = options.combine}).scores;
    };
    const std::vector<double> all = scores(rows);
    EXPECT_THAT(std::vector(all.begin(), all.begin() + 3),
                testing::ElementsAreArray(scores({rows.begin(), rows.begin() + 3})))
        << strategy;
    EXPECT_EQ(all[0], all[1]) << strategy;
  }
}

TEST(Rank, NoStrategyTakesWhatCannotBeRead) {
  std::vector<ScoreRow> rows = cald_rows();
  rows[0].size = {};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].scores["x"] = i == 0 ? NAN : 1;
    rows[i].scores["ll4al.det"] = rows[i].scores["ll4al.seg"] = rows[i].scores["x"];
    if (i > 0) rows[i].vectors["embedding"] = {static_cast<float>(i)};
  }
  for (const char* strategy : {"cald", "alternation", "random", "x", "ll4al-turns", "coreset"}) {
    const PoolTable table = table_of(rows, nullptr, {.vectors = {"cald.classes", "embedding"}});
    for (const bool diverse : {false, true}) {
      BatchOptions options = images(9);
      options.diverse = diverse;
      const Ranking ranking = rank(strategy, table, {});
      const Batch batch = build_batch(table, ranking, options);
      EXPECT_THAT(keys_of(table, batch), UnorderedElementsAre("good1", "good2", "good3", "good4"))
          << strategy;
      EXPECT_EQ(batch.unreadable, 1U);
      EXPECT_EQ(ranking.not_finite, 0U) << strategy;  // nobody is told twice
      EXPECT_EQ(ranking.reason(0), "cannot be read");
      EXPECT_EQ(ranking.order.back(), 0U);
    }
  }
}

TEST(Rank, SaysWhatAStrategyLacks) {
  const PoolTable table = table_of({scored("a", 1)});
  const auto said = [&](const std::string& strategy) -> std::string {
    try {
      (void)rank(strategy, table, {});
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(
      said("boxmask"),
      testing::HasSubstr(
          "strategy boxmask needs BoxMask's terms, which these scores do not have (they have x)"));
  EXPECT_THAT(said("ll4al"), testing::HasSubstr("strategy ll4al needs ll4al.*"));
  EXPECT_THAT(said("cdal"), testing::HasSubstr("strategy cdal needs the vectors cdal.seg"));
  EXPECT_THAT(said("nonsense"),
              testing::HasSubstr("unknown strategy \"nonsense\"; known: boxmask, "));
  EXPECT_EQ(said("x"), "accepted");
}

}  // namespace
}  // namespace labelloom::select
