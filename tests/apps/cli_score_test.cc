// `labelloom score`, from pictures to scores, with a small TorchScript model.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/coco.h"
#include "select/score_pool.h"
#include "tests/apps/cli_support.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class CliScore : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_scenes = new TempDir;
    const Finished made = run_program({LABELLOOM_MAKE_SCENES,
                                       "-o",
                                       shared_scenes->path().string(),
                                       "--scenes",
                                       "14",
                                       "--size",
                                       "96x64"});
    ASSERT_EQ(made.status, 0) << made.err;
  }
  static void TearDownTestSuite() {
    delete shared_scenes;
    shared_scenes = nullptr;
  }

  [[nodiscard]] static std::string images() { return (*shared_scenes / "images").string(); }
  [[nodiscard]] static std::string coco() { return (*shared_scenes / "coco.json").string(); }
  [[nodiscard]] static std::string model() {
    return (source_dir() / "tests/data/tiny_model.pt").string();
  }
  /// The model finds nothing for sure: its weights are random.
  [[nodiscard]] static std::vector<std::string> command(const std::string& scores,
                                                        const std::vector<std::string>& more) {
    std::vector<std::string> all = {"score",
                                    "--model",
                                    model(),
                                    "--images",
                                    images(),
                                    "--device",
                                    "cpu",
                                    "--threads",
                                    "1",
                                    "--workers",
                                    "1",
                                    "--min-window",
                                    "16",
                                    "--min-score",
                                    "0.05",
                                    "-o",
                                    scores};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Finished score(const std::string& name, const std::vector<std::string>& more = {}) const {
    return labelloom(command((dir / name).string(), more));
  }
  std::string merged(const std::string& name) const {
    const fs::path file = dir / (name + ".jsonl");
    const Finished done =
        labelloom({"merge-scores", (dir / name).string(), "-o", file.string(), "--quiet"});
    EXPECT_EQ(done.status, 0) << done.err;
    return done.status == 0 ? read_file(file) : done.err;
  }

  TempDir dir;

 private:
  static TempDir* shared_scenes;
};

TempDir* CliScore::shared_scenes = nullptr;

TEST_F(CliScore, AnyNumberOfShardsAndThreadsInAnyOrderGivesTheSameBytes) {
  const std::vector<std::string> all = {"--strategy", "all"};
  ASSERT_TRUE(ended_with(score("one", all), 0));
  ASSERT_TRUE(ended_with(score("again", all), 0));
  const std::string whole = merged("one");
  EXPECT_EQ(merged("again"), whole);
  for (const int count : {2, 7}) {
    const std::string name = "in_" + std::to_string(count);
    for (int i = count; i >= 1; --i) {
      std::vector<std::string> shard = command((dir / name).string(),
                                               {"--strategy",
                                                "all",
                                                "--shard",
                                                std::to_string(i) + "/" + std::to_string(count),
                                                "--batch",
                                                std::to_string(i)});
      *std::next(std::ranges::find(shard, "--threads")) = std::to_string(1 + i % 3);
      const Finished done = labelloom(shard);
      ASSERT_TRUE(ended_with(done, 0)) << done.err;
    }
    EXPECT_EQ(merged(name), whole) << count;
  }
  const select::ScorePool pool(dir / "one");
  EXPECT_EQ(pool.size(), 14U);
  std::size_t boxes = 0;
  pool.for_each([&](std::size_t, const select::ScoreRow& row) { boxes += row.boxes.size(); });
  EXPECT_GT(boxes, 0U);  // or BoxMask was not tried
}

TEST_F(CliScore, ARunThatWasCutOffGoesOnToTheSameBytes) {
  ASSERT_TRUE(ended_with(score("whole"), 0));
  const fs::path file = dir / "whole/shard-1-of-1.jsonl";
  const std::string text = read_file(file);
  // What a killed run leaves: some rows, and half of one more.
  std::size_t fifth = 0;
  for (int i = 0; i < 6; ++i) fifth = text.find('\n', fifth) + 1;
  fs::create_directories(dir / "cut");
  std::ofstream(dir / "cut/shard-1-of-1.jsonl.part", std::ios::binary)
      << text.substr(0, fifth + 40);
  const Finished done = score("cut");
  ASSERT_TRUE(ended_with(done, 0)) << done.err;
  EXPECT_THAT(done.err, HasSubstr("5 images were scored already"));
  EXPECT_EQ(read_file(dir / "cut/shard-1-of-1.jsonl"), text);
  const Finished third = score("cut");
  EXPECT_TRUE(ended_with(third, 0));
  EXPECT_THAT(third.err, HasSubstr("finished already"));
}

TEST_F(CliScore, WhatTheModelLacksIsLeftOutOrRefusedByName) {
  const Finished all = score("all", {"--strategy", "all"});
  ASSERT_TRUE(ended_with(all, 0));
  EXPECT_THAT(all.err, HasSubstr("ll4al (an output for predicted losses)"));
  EXPECT_THAT(all.err, HasSubstr("coreset (an embedding)"));
  const Finished named = score("named", {"--strategy", "boxmask,ll4al"});
  EXPECT_TRUE(refused(named, "strategy ll4al needs an output for predicted losses"));
  EXPECT_FALSE(fs::exists(dir / "named"));
  EXPECT_TRUE(refused(score("named", {"--strategy", "boxmaks"}), "\"boxmaks\""));
}

TEST_F(CliScore, ScoresOfOtherOptionsOrAnotherPoolAreNotMixed) {
  ASSERT_TRUE(ended_with(score("mine", {"--shard", "1/2"}), 0));
  const std::vector<std::pair<std::string, std::string>> options = {{"--tau", "0.5"},
                                                                    {"--crop-size", "64"},
                                                                    {"--max-zoom", "2"},
                                                                    {"--border", "clip"},
                                                                    {"--border", "pad"},
                                                                    {"--bm-domain", "window"},
                                                                    {"--grid", "pixels"},
                                                                    {"--epsilon", "0.01"}};
  for (const auto& [name, value] : options) {
    const Finished other = score("mine", {"--shard", "1/2", name, value});
    EXPECT_TRUE(refused(other, "shard-1-of-2.jsonl")) << name << " " << value;
  }
  const Finished with_ids = score("mine", {"--shard", "1/2", "--pool", coco()});
  EXPECT_TRUE(refused(with_ids, "shard-1-of-2.jsonl"));
  ASSERT_TRUE(ended_with(score("mine", {"--shard", "2/2", "--margin", "1"}), 0));
  const Finished merge =
      labelloom({"merge-scores", (dir / "mine").string(), "-o", (dir / "m.jsonl").string()});
  EXPECT_TRUE(refused(merge, "shard-2-of-2.jsonl"));
}

TEST_F(CliScore, SelectCombinesTermsAsThePresetOfTheScoresSays) {
  ASSERT_TRUE(ended_with(score("robust", {"--preset", "robust"}), 0));
  const auto chosen = [&](const std::vector<std::string>& more) {
    std::vector<std::string> command = {
        "select", (dir / "robust").string(), "--budget", "3", "--dry-run", "--json"};
    command.insert(command.end(), more.begin(), more.end());
    return labelloom(command).out;
  };
  EXPECT_THAT(chosen({}), HasSubstr("robust"));
  EXPECT_EQ(chosen({}), chosen({"--combine", "robust"}));
  EXPECT_NE(chosen({}), chosen({"--combine", "paper"}));
}

TEST_F(CliScore, BadPicturesAreNamed) {
  const fs::path folder = dir / "pictures";
  fs::copy(images(), folder);
  std::ofstream(folder / "broken.jpg", std::ios::binary) << "no picture";
  std::vector<std::string> strict = command((dir / "strict").string(), {});
  std::vector<std::string> lenient = command((dir / "lenient").string(), {"--skip-bad"});
  for (auto* arguments : {&strict, &lenient}) {
    for (std::string& argument : *arguments) {
      if (argument == images()) argument = folder.string();
    }
  }
  EXPECT_TRUE(refused(labelloom(strict), "broken.jpg"));
  const Finished done = labelloom(lenient);
  ASSERT_TRUE(ended_with(done, 0)) << done.err;
  EXPECT_THAT(done.err, HasSubstr("broken.jpg"));
  EXPECT_THAT(done.err, HasSubstr("1 image cannot be read"));
  for (const char* strategy : {"boxmask", "random"}) {
    const Finished chosen = labelloom({"select",
                                       (dir / "lenient").string(),
                                       "--strategy",
                                       strategy,
                                       "--budget",
                                       "20",
                                       "-o",
                                       (dir / strategy).string()});
    EXPECT_THAT(chosen.out, HasSubstr("left out: 1 image that cannot be read"));
    EXPECT_THAT(chosen.err, Not(HasSubstr("without a finite score")));
    EXPECT_THAT(read_file(dir / strategy / "subset.json"), Not(HasSubstr("broken.jpg")));
    EXPECT_THAT(read_file(dir / strategy / "ranked.csv"), HasSubstr("broken.jpg,,cannot be read"));
  }
}

TEST_F(CliScore, PicturesOfAnotherSizeThanThePoolSaysAreBad) {
  Report report;
  Dataset dataset = read_coco(coco(), {}, report);
  dataset.images[3].size = {48, 32};
  write_coco(dataset, dir / "pool.json");
  const std::vector<std::string> pool = {"--pool", (dir / "pool.json").string()};
  const std::string fault = "the file is 96 x 64, its annotations are for 48 x 32";
  EXPECT_TRUE(refused(score("strict", pool), fault));
  const Finished done = score("lenient", {pool[0], pool[1], "--skip-bad"});
  ASSERT_TRUE(ended_with(done, 0)) << done.err;
  EXPECT_THAT(done.err, HasSubstr(fault));
  EXPECT_THAT(done.err, HasSubstr("1 image cannot be read"));
}

TEST_F(CliScore, PoolsOfNoneAndOfOneAreScored) {
  Report report;
  Dataset dataset = read_coco(coco(), {}, report);
  for (const std::size_t count : {std::size_t{1}, std::size_t{0}}) {
    dataset.images.resize(count);
    dataset.instances.clear();
    const std::string name = "pool_" + std::to_string(count);
    const fs::path file = dir / (name + ".json");
    write_coco(dataset, file);
    const Finished done = score(name, {"--pool", file.string()});
    ASSERT_TRUE(ended_with(done, 0)) << done.err;
    EXPECT_EQ(select::ScorePool(dir / name).size(), count);
  }
}

TEST_F(CliScore, ANameThatIsInThePoolTwiceIsRefused) {
  Report report;
  Dataset dataset = read_coco(coco(), {}, report);
  dataset.images[1].file_name = dataset.images[0].file_name;
  const fs::path file = dir / "twice.json";
  write_coco(dataset, file);
  EXPECT_TRUE(refused(score("twice", {"--pool", file.string()}), dataset.images[0].file_name));
}

TEST_F(CliScore, WrongOptionsAreOneLine) {
  for (const char* shard : {"0/2", "3/2", "1", "1/", "a/b", "1/2x"}) {
    EXPECT_TRUE(refused(score("none", {"--shard", shard}), shard)) << shard;
  }
  EXPECT_EQ(score("none", {"--nms-iou", "nan"}).status, 2);
  EXPECT_EQ(score("none", {"--tau", "1"}).status, 2);  // no probability is above it
  EXPECT_EQ(labelloom({"threshold", "--tau", "0.5,1"}).status, 2);
  EXPECT_EQ(labelloom({"score"}).status, 2);
  EXPECT_FALSE(fs::exists(dir / "none"));
}

TEST_F(CliScore, RowsOfACocoPoolKeepItsIdsAndSelectTakesThem) {
  ASSERT_TRUE(ended_with(score("ids", {"--pool", coco(), "--strategy", "boxmask,entropy"}), 0));
  const select::ScorePool pool(dir / "ids");
  EXPECT_TRUE(pool.row(0).image_id.has_value());
  EXPECT_TRUE(pool.row(0).boxmask.has_value());
  EXPECT_TRUE(pool.row(0).segmentation.has_value());
  const Finished chosen = labelloom({"select",
                                     (dir / "ids").string(),
                                     "--budget",
                                     "4",
                                     "--combine",
                                     "robust",
                                     "--images",
                                     images(),
                                     "-o",
                                     (dir / "batch").string()});
  ASSERT_TRUE(ended_with(chosen, 0)) << chosen.err;
  EXPECT_TRUE(fs::exists(dir / "batch/report/index.html"));
}

}  // namespace
}  // namespace labelloom::test
