// `labelloom simulate`, `correlate` and `threshold`, from files to files.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/study_cell.h"
#include "tests/apps/cli_support.h"
#include "tests/apps/scenes.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::vector<std::string> simulate_command(const Scenes& pool,
                                          const Scenes& val,
                                          const fs::path& output,
                                          const std::vector<std::string>& more = {}) {
  std::vector<std::string> command = {"simulate",
                                      "--train",
                                      pool.coco(),
                                      "--val",
                                      val.coco(),
                                      "--images",
                                      pool.images(),
                                      "--val-images",
                                      val.images(),
                                      "--input",
                                      "64x64",
                                      "--device",
                                      "cpu",
                                      "--threads",
                                      "1",
                                      "--workers",
                                      "1",
                                      "--pipeline",
                                      "none",
                                      "--batch",
                                      "4",
                                      "--seeds",
                                      "1",
                                      "--start",
                                      "0.25",
                                      "--step",
                                      "0.25",
                                      "--rounds",
                                      "2",
                                      "--steps",
                                      "4",
                                      "--metrics",
                                      "mIoU",
                                      "-o",
                                      output.string()};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

std::map<std::string, std::string> contents_below(const fs::path& folder) {
  std::map<std::string, std::string> contents;
  for (const std::string& file : files_below(folder)) {
    if (fs::is_regular_file(folder / file)) contents[file] = read_file(folder / file);
  }
  return contents;
}

TEST(CliSimulate, SlowAStudyThatIsKilledAgainAndAgainEndsWithTheSameBytes) {
  const Scenes pool(24, 0, {"--rare-share", "0.1", "--near-duplicates", "0.25"});
  const Scenes val(8, 1000);
  const TempDir folder;
  const std::vector<std::string> more = {"--strategies", "random,boxmask", "--pool-attributes"};
  const auto before = std::chrono::steady_clock::now();
  const Finished whole = labelloom(simulate_command(pool, val, folder / "whole", more));
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - before);
  ASSERT_TRUE(ended_with(whole, 0)) << whole.err;

  int kills = 0;
  Finished last;
  for (int i = 0; i < 30; ++i) {
    RunOptions options;
    options.kill_after = took * (6 + 3 * i) / 20;  // later and later: it comes to an end
    last = labelloom(simulate_command(pool, val, folder / "killed", more), options);
    if (last.signal != SIGKILL) break;
    ++kills;
  }
  ASSERT_TRUE(ended_with(last, 0)) << last.err;
  EXPECT_GT(kills, 0);
  EXPECT_EQ(contents_below(folder / "whole"), contents_below(folder / "killed"));
  EXPECT_FALSE(fs::exists(folder / "whole" / "work"));

  // Both begin with the same images and the same model, and none is chosen twice.
  using apps::read_cell;
  const fs::path cells = folder / "whole" / "cells";
  const auto random = read_cell(cells / apps::cell_file_name("random", 0, 0));
  const auto boxmask = read_cell(cells / apps::cell_file_name("boxmask", 0, 0));
  EXPECT_EQ(random.metrics, boxmask.metrics);
  EXPECT_EQ(random.images, 6U);
  EXPECT_EQ(random.chosen.size(), 6U);
  EXPECT_NE(random.chosen, boxmask.chosen);
  const auto second = read_cell(cells / apps::cell_file_name("boxmask", 0, 1));
  EXPECT_EQ(second.images, 12U);
  for (const std::string& key : second.chosen) {
    EXPECT_THAT(boxmask.chosen, ::testing::Not(::testing::Contains(key)));
  }
  const std::string csv = read_file(folder / "whole" / "curves.csv");
  EXPECT_THAT(csv, HasSubstr("mDSQ,rare_labelled,duplicates_labelled"));
  EXPECT_THAT(csv, HasSubstr("\nboxmask,0,2,18,"));
  EXPECT_THAT(read_file(folder / "whole" / "curves.svg"), HasSubstr("boxmask"));
}

TEST(CliSimulate, AStudyThatIsInterruptedSaysSoByItsStatus) {
  const Scenes pool(8);
  const Scenes val(4, 1000);
  const TempDir folder;
  const Finished stopped = interrupted_labelloom(
      "TERM",
      folder / "study/work/all.seed0/model.json",
      simulate_command(pool, val, folder / "study", {"--reference-steps", "100000"}));
  EXPECT_TRUE(ended_with(stopped, 143)) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("stopped"));
}

TEST(CliSimulate, WhatCannotBeIsSaidBeforeAnythingIsWritten) {
  const Scenes pool(4);
  const TempDir folder;
  const auto refusal = [&](const std::vector<std::string>& more) {
    const Finished run = labelloom(simulate_command(pool, pool, folder / "study", more));
    EXPECT_TRUE(ended_with(run, 1)) << run.err;
    EXPECT_FALSE(fs::exists(folder / "study"));
    return run.err;
  };
  EXPECT_THAT(refusal({"--strategies", "boxmusk"}), HasSubstr("unknown strategy \"boxmusk\""));
  EXPECT_THAT(refusal({"--study", "table"}), HasSubstr("known: ablation, ll4al"));
  EXPECT_THAT(refusal({"--strategies", "random,random"}), HasSubstr("is there twice"));
  EXPECT_THAT(refusal({"--rare-class", "Nut", "--pool-attributes"}), HasSubstr("\"Nut\""));
  EXPECT_THAT(refusal({"--heads", "boxes"}), HasSubstr("mIoU"));
}

TEST(CliSimulate, TheFolderOfAnotherStudyIsLeftAlone) {
  const Scenes pool(4);
  const TempDir folder;
  const fs::path file = folder.write("study/study.json", R"({"steps": "5"})");
  const Finished run = labelloom(simulate_command(pool, pool, folder / "study"));
  EXPECT_TRUE(refused(run, "study.json"));
  EXPECT_THAT(run.err, HasSubstr("is of another study"));
  EXPECT_EQ(files_below(folder / "study").size(), 1U);
}

/// A cell with scores that were not measured.
apps::StudyCell invented_cell(const std::string& strategy, int round, std::size_t images) {
  apps::StudyCell cell;
  cell.strategy = strategy;
  cell.round = round;
  cell.images = images;
  cell.metrics = {{"mIoU", 0.5}};
  return cell;
}

void write_cell(const TempDir& folder, const apps::StudyCell& cell) {
  folder.write("study/cells/" + apps::cell_file_name(cell.strategy, 0, cell.round),
               apps::cell_text(cell));
}

TEST(CliSimulate, WhatLabelMapsMeanIsPartOfTheStudy) {
  const Scenes pool(4);
  const TempDir folder;
  // A damaged cell ends the study before anything is trained.
  folder.write("study/cells/all.seed0.round0.json", "{}");
  const auto study = [&](const std::string& classes) {
    return labelloom(simulate_command(
        pool,
        pool,
        folder / "study",
        {"--seg", pool.labels(), "--seg-classes", folder.write("classes.json", classes).string()}));
  };
  const std::string names = R"("classes": ["a", "b", "c", "d", "e", "f", "g", "h"])";
  const Finished first = study("{" + names + "}");
  EXPECT_TRUE(ended_with(first, 1));
  EXPECT_THAT(first.err, HasSubstr("all.seed0.round0.json"));
  const Finished other = study("{" + names + R"(, "ignore": [0, 255]})");
  EXPECT_TRUE(refused(other, "study.json"));
  EXPECT_THAT(other.err, HasSubstr("values of label maps"));
}

TEST(CliSimulate, WhatBoxMaskLooksAtIsPartOfTheStudy) {
  const Scenes pool(4);
  const TempDir folder;
  // A damaged cell ends the study before anything is trained.
  folder.write("study/cells/all.seed0.round0.json", "{}");
  const auto study = [&](const std::vector<std::string>& more) {
    return labelloom(simulate_command(pool, pool, folder / "study", more));
  };
  EXPECT_THAT(study({"--min-window", "16"}).err, HasSubstr("all.seed0.round0.json"));
  EXPECT_THAT(study({"--min-window", "16"}).err, HasSubstr("all.seed0.round0.json"));
  const Finished other = study({"--min-window", "32"});
  EXPECT_TRUE(refused(other, "study.json"));
  EXPECT_THAT(other.err, HasSubstr("BoxMask"));
}

TEST(CliSimulate, WhatAKilledRunLeftIsRemovedWhenEverythingIsDone) {
  const Scenes pool(4);
  const TempDir folder;
  write_cell(folder, invented_cell(apps::kReference, 0, 4));
  write_cell(folder, invented_cell(apps::kStart, 0, 1));
  for (int round = 0; round < 3; ++round) {
    write_cell(folder, invented_cell("random", round, 1 + static_cast<std::size_t>(round)));
  }
  for (const char* left :
       {"all.seed0/last.safetensors", "start.seed0/x", "random.seed0/scores/shard-1-of-1.jsonl"}) {
    folder.write(std::string("study/work/") + left, "left");
  }
  const Finished done =
      labelloom(simulate_command(pool, pool, folder / "study", {"--strategies", "random"}));
  ASSERT_TRUE(ended_with(done, 0)) << done.err;
  EXPECT_FALSE(fs::exists(folder / "study/work"));
}

TEST(CliSimulate, SlowScoresOfRoundsThatAreDoneAgainAreNotMixedWithOthers) {
  const Scenes pool(8);
  const TempDir folder;
  // The model of round 1 is gone, and scores of another one are left.
  for (int round = 0; round < 2; ++round) {
    write_cell(folder, invented_cell("entropy", round, 2 + 2 * static_cast<std::size_t>(round)));
  }
  const fs::path left = folder.write("study/work/entropy.seed0/scores/shard-1-of-1.jsonl.part",
                                     "{\"format\":\"labelloom-scores\"}\n");
  const Finished done =
      labelloom(simulate_command(pool, pool, folder / "study", {"--strategies", "entropy"}));
  ASSERT_TRUE(ended_with(done, 0)) << done.err;
  EXPECT_THAT(done.err, HasSubstr("its rounds are done again"));
  EXPECT_FALSE(fs::exists(left));
}

TEST(CliCorrelate, SlowScoresAreHeldAgainstTrueLossesAndMasks) {
  const Scenes pool(16);
  const TempDir folder;
  const std::string run = (folder / "run").string();
  const std::vector<std::string> cpu = {"--device", "cpu", "--threads", "1", "--workers", "1"};
  const auto with = [&](std::vector<std::string> command) {
    command.insert(command.end(), cpu.begin(), cpu.end());
    return command;
  };
  const Finished trained = labelloom(with({"train",
                                           "--train",
                                           pool.coco(),
                                           "--images",
                                           pool.images(),
                                           "--input",
                                           "64x64",
                                           "--pipeline",
                                           "none",
                                           "--epochs",
                                           "4",
                                           "-o",
                                           run}));
  ASSERT_TRUE(ended_with(trained, 0)) << trained.err;
  const auto study = [&](const std::string& command, const std::string& output) {
    return with({command,
                 "--model",
                 run,
                 "--truth",
                 pool.coco(),
                 "--images",
                 pool.images(),
                 "--min-score",
                 "0.02",
                 "-o",
                 (folder / output).string()});
  };
  const Finished correlated = labelloom(study("correlate", "correlation"));
  ASSERT_TRUE(ended_with(correlated, 0)) << correlated.err;
  const fs::path out = folder / "correlation";
  const std::string csv = read_file(out / "correlation.csv");
  for (const char* score : {"boxmask", "boxmask:robust", "entropy", "ll4al", "cald", "random"}) {
    for (const char* loss : {"boxes", "segmentation", "key points", "all"}) {
      EXPECT_TRUE(csv.find(fmt::format("\n{},{},1", score, loss)) != std::string::npos)
          << score << ", " << loss;
    }
  }
  EXPECT_THAT(read_file(out / "correlation.svg"), HasSubstr("</svg>"));
  const std::string table = read_file(out / "correlation.md");
  // Again from the scores that are there: the same bytes.
  const Finished again = labelloom(study("correlate", "correlation"));
  ASSERT_TRUE(ended_with(again, 0)) << again.err;
  EXPECT_EQ(read_file(out / "correlation.md"), table);

  std::vector<std::string> picking = study("correlate", "picking");
  picking.insert(picking.end(), {"--strategies", "coreset"});
  const Finished picked = labelloom(picking);
  EXPECT_EQ(picked.status, 1);
  EXPECT_THAT(picked.err, HasSubstr("coreset is left out: it picks one image after the other"));
  EXPECT_FALSE(fs::exists(folder / "picking/correlation.md"));

  std::vector<std::string> other = study("correlate", "correlation");
  other.insert(other.end(), {"--min-window", "16"});
  EXPECT_TRUE(refused(labelloom(other), "shard-1-of-1.jsonl"));

  const Finished held = labelloom(study("threshold", "threshold"));
  ASSERT_TRUE(ended_with(held, 0)) << held.err;
  const std::string rows = read_file(folder / "threshold" / "threshold.csv");
  for (const char* tau : {"\n0.1,", "\n0.3,", "\n0.5,", "\n0.7,"}) {
    EXPECT_THAT(rows, HasSubstr(tau));
  }
}

}  // namespace
}  // namespace labelloom::test
