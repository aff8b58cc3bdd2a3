// The parts of studies that need no network: protocol, cells, tables, charts.

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/study_cell.h"
#include "apps/study_chart.h"
#include "apps/study_design.h"
#include "apps/study_folder.h"
#include "apps/study_pool.h"
#include "apps/study_tables.h"
#include "formats/error.h"
#include "tests/support/temp_dir.h"

namespace labelloom::apps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string refusal(const auto& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST(StudyDesign, ThePapersProtocolEndsWithEverything) {
  EXPECT_THAT(labelled_counts({}, 367), ElementsAre(147, 184, 220, 257, 294, 330, 367));
  EXPECT_THAT(labelled_counts({.start = 0.1, .step = 0.1, .rounds = 4}, 300),
              ElementsAre(30, 60, 90, 120, 150));
}

TEST(StudyDesign, ProtocolsThatCannotBeAreRefused) {
  const auto of = [](const StudyDesign& design, std::size_t images) {
    return refusal([&] { static_cast<void>(labelled_counts(design, images)); });
  };
  EXPECT_THAT(of({.start = 0.5, .step = 0.2, .rounds = 3}, 100), HasSubstr("more than the whole"));
  EXPECT_THAT(of({.start = 0}, 100), HasSubstr("--start 0"));
  EXPECT_THAT(of({.step = 1.5}, 100), HasSubstr("--step 1.5"));
  EXPECT_THAT(of({.start = 0.5, .step = 0.01, .rounds = 2}, 10), HasSubstr("would label none"));
  EXPECT_THAT(of({}, 0), HasSubstr("would label none"));
}

std::vector<std::string> names(int count) {
  std::vector<std::string> keys;
  keys.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) keys.push_back("image" + std::to_string(i) + ".jpg");
  return keys;
}

TEST(StudyDesign, TheStartDependsOnKeysAndSeedAndNotOnTheOrder) {
  std::vector<std::string> keys = names(50);
  const auto chosen = [&](std::uint64_t seed) {
    std::vector<std::string> out;
    for (const std::size_t index : random_start(keys, 10, seed)) out.push_back(keys[index]);
    std::ranges::sort(out);
    return out;
  };
  const auto one = chosen(1);
  EXPECT_NE(one, chosen(2));
  std::ranges::reverse(keys);
  EXPECT_EQ(one, chosen(1));
  EXPECT_THROW(static_cast<void>(random_start(keys, 51, 0)), Error);
}

TEST(StudyDesign, EveryKeyIsDrawnAboutAsOften) {
  const std::vector<std::string> keys = names(20);
  std::vector<int> drawn(keys.size());
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    for (const std::size_t index : random_start(keys, 5, seed)) ++drawn[index];
  }
  for (const int count : drawn) EXPECT_NEAR(count, 100, 45);  // five deviations
}

TEST(StudyDesign, AStrategyMaySayHowItsTermsAreCombined) {
  EXPECT_EQ(parse_study_strategy("entropy"), (StudyStrategy{"entropy", "paper", "entropy"}));
  EXPECT_EQ(parse_study_strategy("boxmask:robust"),
            (StudyStrategy{"boxmask", "robust", "boxmask:robust"}));
  const auto of = [](const char* text) {
    return refusal([&] { static_cast<void>(parse_study_strategy(text)); });
  };
  EXPECT_THAT(of("boxmusk"), HasSubstr("known: boxmask"));
  EXPECT_THAT(of("entropy:robust"), HasSubstr("BoxMask's terms"));
  EXPECT_THAT(of("boxmask:sum"), HasSubstr("expected paper, robust or rank"));
}

TEST(StudyDesign, EveryStrategyOfANamedStudyExists) {
  for (const char* study : {"ablation", "ll4al"}) {
    for (const std::string& name : named_study(study)) {
      EXPECT_NO_THROW(static_cast<void>(parse_study_strategy(name)));
    }
  }
  EXPECT_THROW(static_cast<void>(named_study("table 1")), Error);
}

/// Four images; the second and the third repeat the first. Bolts are rare.
Dataset small_pool() {
  Dataset dataset;
  for (int i = 0; i < 4; ++i) {
    Image image;
    image.id = 10 + i;
    image.file_name = "images/" + std::to_string(i) + ".jpg";
    if (i == 1 || i == 2) image.extra = R"("duplicate_of":"0.jpg")";
    dataset.images.push_back(image);
  }
  dataset.categories = {{.id = 1, .name = "washer"}, {.id = 2, .name = "bolt"}};
  const auto add = [&](std::int64_t image, std::int64_t category) {
    Instance instance;
    instance.id = static_cast<std::int64_t>(dataset.instances.size()) + 1;
    instance.image_id = image;
    instance.category_id = category;
    dataset.instances.push_back(instance);
  };
  for (int i = 0; i < 4; ++i) add(10 + i, 1);
  add(11, 2);
  add(13, 2);
  return dataset;
}

TEST(PoolAttributes, RareObjectsAndDuplicatesAreCounted) {
  const PoolAttributes pool(small_pool(), "");
  EXPECT_EQ(pool.rare_class(), "bolt");
  EXPECT_EQ(pool.rare_objects(), 2U);
  EXPECT_EQ(pool.duplicates(), 2U);
  const auto shares = [&](std::vector<std::size_t> labelled) { return pool.shares(labelled); };
  EXPECT_EQ(shares({}), (PoolShares{0, 0}));
  EXPECT_EQ(shares({0, 3}), (PoolShares{0.5, 0}));
  EXPECT_EQ(shares({1, 2, 3}), (PoolShares{1, 1.0 / 3}));  // of one scene, its original or not
  EXPECT_EQ(PoolAttributes(small_pool(), "washer").rare_objects(), 4U);
  EXPECT_THROW(PoolAttributes(small_pool(), "nut"), Error);
}

StudyCell cell_of(std::string strategy, std::uint64_t seed, int round, double score) {
  StudyCell cell;
  cell.strategy = std::move(strategy);
  cell.seed = seed;
  cell.round = round;
  cell.images = std::size_t{10} * (static_cast<std::size_t>(round) + 1);
  cell.metrics = {{"mAP", score}, {"mIoU", score / 2}};
  return cell;
}

TEST(StudyCell, ACellSurvivesItsFile) {
  const test::TempDir folder;
  StudyCell cell = cell_of("boxmask:robust", 3, 2, 0.1);
  cell.pool = PoolShares{0.25, 1.0 / 3};
  cell.chosen = {"a \"b\".jpg", "c/d.jpg"};
  const auto file = folder.write("cell.json", cell_text(cell));
  EXPECT_EQ(read_cell(file), cell);
  EXPECT_EQ(cell_file_name("boxmask:robust", 3, 2), "boxmask_robust.seed3.round2.json");
}

TEST(StudyCell, ADamagedCellIsNamed) {
  const test::TempDir folder;
  const auto of = [&](const std::string& text) {
    const auto file = folder.write("cell.json", text);
    return refusal([&] { static_cast<void>(read_cell(file)); });
  };
  const std::string good = cell_text(cell_of("random", 0, 0, 0.5));
  EXPECT_THAT(of(good.substr(0, good.size() / 2)), HasSubstr("cell.json"));
  EXPECT_THAT(of(R"({"strategy":"x","seed":-1})"), HasSubstr("seed"));
  EXPECT_THAT(of(R"({"strategy":"x","seed":0,"round":0,"images":1,"metrics":{"a":"b"}})"),
              HasSubstr("metrics.a"));
}

TEST(StudyFolder, AnotherStudysFolderIsRefused) {
  const test::TempDir folder;
  const StudyFacts facts{{"steps", "100"}, {"training set", "abc"}};
  const StudyFolder study(folder / "study", facts);
  EXPECT_FALSE(study.find("random", 0, 0));
  study.write(cell_of("random", 0, 0, 0.5));
  const StudyFolder again(folder / "study", facts);
  EXPECT_EQ(again.find("random", 0, 0), cell_of("random", 0, 0, 0.5));
  EXPECT_THAT(
      refusal([&] {
        const StudyFolder other(folder / "study", {{"steps", "200"}, {"training set", "abc"}});
      }),
      HasSubstr("steps is \"100\" there and \"200\" here"));
}

/// Two seeds, three rounds: random gets to 95 % with one seed, "good" with both.
StudyResults small_results() {
  StudyResults results;
  results.images = 40;
  results.tasks = {"mAP", "mIoU"};
  results.strategies = {"random", "good"};
  results.references = {cell_of(kReference, 0, 0, 0.75), cell_of(kReference, 1, 0, 0.85)};
  const std::vector<std::vector<double>> scores = {{0.4, 0.5, 0.6}, {0.4, 0.6, 0.8}};
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    for (int round = 0; round < 3; ++round) {
      const double score = scores[seed][static_cast<std::size_t>(round)];
      results.cells.push_back(cell_of("random", seed, round, score));
      results.cells.push_back(cell_of("good", seed, round, round == 0 ? score : 0.8));
    }
  }
  return results;
}

TEST(StudyTables, TheSummaryIsAsWorkedOutByHand) {
  const StudySummary summary = summarise(small_results());
  // The references are means over the seeds: 0.8 and 0.4.
  ASSERT_EQ(summary.references.size(), 2U);
  EXPECT_DOUBLE_EQ(summary.references[0].second, 0.8);
  const StrategySummary& random = summary.strategies[0];
  ASSERT_EQ(random.rounds.size(), 3U);
  EXPECT_NEAR(random.rounds[1].mdsq.mean, (0.5 + 0.6) / 2 / 0.8, 1e-12);
  EXPECT_EQ(random.rounds[1].images, 20U);
  EXPECT_EQ(random.whole_seeds, 2U);
  EXPECT_EQ(random.reached, 1U);
  // Between 0.75 at half of the set and 1 at three quarters.
  EXPECT_NEAR(random.labels95->mean, 0.5 + 0.25 * (0.95 - 0.75) / 0.25, 1e-12);
  const StrategySummary& good = summary.strategies[1];
  EXPECT_EQ(good.reached, 2U);
  EXPECT_NEAR(good.mean_mdsq->mean, (0.75 + 1) / 2, 1e-12);
  // Mean heights: random's are 0.625 and 0.75.
  EXPECT_NEAR(good.above_random->mean, ((0.875 - 0.625) + (0.875 - 0.75)) / 2, 1e-12);
}

TEST(StudyTables, ASeedThatIsNotDoneYetIsInNoTotal) {
  StudyResults results = small_results();
  std::erase_if(results.cells, [](const StudyCell& cell) {
    return cell.strategy == "good" && cell.seed == 1 && cell.round == 2;
  });
  const StudySummary summary = summarise(results);
  EXPECT_EQ(summary.strategies[1].whole_seeds, 1U);
  EXPECT_EQ(summary.strategies[1].rounds[2].seeds, 1U);
  EXPECT_EQ(summary.strategies[1].rounds[1].seeds, 2U);
}

TEST(StudyTables, ADifferenceToRandomOverOneSeedHasNoSpread) {
  StudyResults results = small_results();
  std::erase_if(results.cells, [](const StudyCell& cell) {
    return cell.strategy == "random" && cell.seed == 1 && cell.round == 2;
  });
  const StudySummary summary = summarise(results);
  EXPECT_EQ(summary.strategies[1].whole_seeds, 2U);
  EXPECT_EQ(summary.strategies[1].compared_seeds, 1U);
  EXPECT_THAT(summary_markdown(results, summary),
              HasSubstr("| good | 2 | 47.5 +- 0.0 % | 87.5 +- 0.0 | 25.0 |"));
}

TEST(StudyTables, AReferenceOfZeroIsSaid) {
  StudyResults results = small_results();
  results.references = {cell_of(kReference, 0, 0, 0)};
  EXPECT_THAT(refusal([&] { static_cast<void>(summarise(results)); }),
              HasSubstr("the reference's mAP is 0"));
  results.references.clear();
  EXPECT_THROW(static_cast<void>(summarise(results)), Error);
}

TEST(StudyTables, FilesSayWhatTheSummarySays) {
  StudyResults results = small_results();
  results.cells[0].pool = PoolShares{0.25, 0.125};
  const StudySummary summary = summarise(results);
  const std::string csv = curves_csv(results, summary);
  EXPECT_THAT(csv, HasSubstr("strategy,seed,round,images,mAP,mIoU,mDSQ,rare_labelled,"));
  EXPECT_THAT(csv, HasSubstr("\nrandom,0,0,10,0.4,0.2,0.5,0.25,0.125\n"));
  EXPECT_THAT(csv, HasSubstr("\nall,0,0,10,0.75,0.375,0.9375,,\n"));
  const std::string markdown = summary_markdown(results, summary);
  EXPECT_THAT(markdown, HasSubstr("| good | 50.0 +- 0.0 | 100.0 +- 0.0 | 100.0 +- 0.0 |"));
  EXPECT_THAT(markdown, HasSubstr("(1 of 2 seeds)"));
  EXPECT_THAT(summary_json(results, summary), HasSubstr("\"reached_95\":1"));
  const std::string chart = curves_chart(results, summary);
  EXPECT_THAT(chart, HasSubstr("good"));
  EXPECT_THAT(chart, HasSubstr("class=\"band\""));
}

TEST(StudyChart, NamesCannotBreakTheFile) {
  const std::string chart = curves_svg({"<t>", "x", "y", {{"a<b>&\"", {{1, 2, 0}}}}});
  EXPECT_THAT(chart, HasSubstr("a&lt;b&gt;&amp;&quot;"));
  EXPECT_THAT(chart, Not(HasSubstr("nan")));
  EXPECT_THAT(curves_svg({"t", "x", "y", {{"a", {}}}}), HasSubstr("nothing was measured"));
}

TEST(StudyChart, ManyCurvesHaveNoBandsAndAreDashedWhereColoursRepeat) {
  CurveChart chart{"t", "x", "y", {}};
  for (int i = 0; i < 6; ++i)
    chart.curves.push_back({"curve " + std::to_string(i), {{1, 2, 1}, {2, 3, 1}}});
  EXPECT_THAT(curves_svg(chart), HasSubstr("class=\"band\""));
  EXPECT_THAT(curves_svg(chart), Not(HasSubstr("dasharray")));
  for (int i = 6; i < 13; ++i)
    chart.curves.push_back({"curve " + std::to_string(i), {{1, 2, 1}, {2, 3, 1}}});
  EXPECT_THAT(curves_svg(chart), Not(HasSubstr("class=\"band\"")));
  EXPECT_THAT(curves_svg(chart), HasSubstr("dasharray"));
}

TEST(StudyChart, ScattersOfOnePointAndOfNoneAreDrawn) {
  const ScatterSheet sheet{"s", {"c"}, {"r1", "r2"}, {{{"one", {{1, 1}}}}, {{"none", {}}}}};
  const std::string text = scatters_svg(sheet);
  EXPECT_THAT(text, HasSubstr("class=\"dot\""));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
  EXPECT_THAT(text, HasSubstr("none"));
}

}  // namespace
}  // namespace labelloom::apps
