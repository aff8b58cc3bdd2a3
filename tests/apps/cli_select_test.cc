#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "formats/coco.h"
#include "tests/apps/annotator.h"
#include "tests/apps/cli_support.h"
#include "tests/select/task_rules.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// The samples as COCO, and scores as if a model had looked at them.
class CliSelect : public ::testing::Test {
 protected:
  TempDir dir;
  std::string coco = (dir / "coco.json").string();
  std::string scores = (dir / "scores").string();
  std::string batch = (dir / "batch").string();

  void SetUp() override {
    const Finished done = labelloom({"convert",
                                     sample("export.full.json"),
                                     "--images",
                                     sample("images"),
                                     "-o",
                                     coco,
                                     "--quiet"});
    ASSERT_EQ(done.status, 0) << done.err;
    make(scores, 3);
  }
  void make(const std::string& folder, int shards) const {
    const Finished done =
        run_program({LABELLOOM_MAKE_SCORES, coco, folder, std::to_string(shards)});
    ASSERT_EQ(done.status, 0) << done.err;
  }
  Finished select(std::vector<std::string> more) const {
    more.insert(more.begin(), {"select", scores});
    return labelloom(std::move(more));
  }
  static Dataset read(const fs::path& path) {
    Report report;
    return read_coco(path, {}, report);
  }
};

TEST_F(CliSelect, WritesTheSameBatchTwiceHoweverManyShards) {
  ASSERT_EQ(select({"--budget", "5", "-o", batch, "--images", sample("images")}).status, 0);
  make((dir / "seven").string(), 7);
  const Finished done = labelloom({"select",
                                   (dir / "seven").string(),
                                   "--budget",
                                   "5",
                                   "-o",
                                   (dir / "other/batch").string(),
                                   "--images",
                                   sample("images")});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(files_below(batch),
              ::testing::UnorderedElementsAre("label_config.xml",
                                              "ranked.csv",
                                              "report",
                                              "report/index.html",
                                              "subset.json",
                                              "tasks.json"));
  for (const char* name : {"label_config.xml", "ranked.csv", "subset.json", "tasks.json"}) {
    EXPECT_EQ(read_file(fs::path(batch) / name), read_file(dir / "other/batch" / name)) << name;
  }
  for (const int shards : {1, 2, 7}) {
    const std::string folder = (dir / std::to_string(shards)).string();
    make(folder, shards);
    ASSERT_EQ(labelloom({"merge-scores", folder, "-o", folder + ".jsonl"}).status, 0);
    EXPECT_EQ(read_file(folder + ".jsonl"), read_file(dir / "1.jsonl"));
  }
  const Finished merged =
      labelloom({"select", (dir / "1.jsonl").string(), "--budget", "5", "--dry-run"});
  EXPECT_EQ(merged.out, done.out);
}

TEST_F(CliSelect, ClosesTheLoopThroughLabelStudio) {
  ASSERT_EQ(select({"--budget", "8", "-o", batch, "--keypoint-score", "0"}).status, 0);
  const std::string tasks = read_file(fs::path(batch) / "tasks.json");
  EXPECT_THAT(select::task_faults(tasks, read_file(fs::path(batch) / "label_config.xml")),
              IsEmpty());
  const std::string corrected = dir.write("corrected.json", submitted(tasks)).string();
  const std::string back = (dir / "back.json").string();
  const Finished done = labelloom({"convert",
                                   corrected,
                                   "--images",
                                   sample("images"),
                                   "--config",
                                   (fs::path(batch) / "label_config.xml").string(),
                                   "-o",
                                   back});
  ASSERT_EQ(done.status, 0) << done.err;
  const Dataset predicted = read(fs::path(batch) / "subset.json");
  const Dataset got = read(back);
  ASSERT_EQ(got.images.size(), 8U);
  std::size_t objects = 0;
  std::size_t keypoints = 0;
  for (const Instance& instance : got.instances) {
    const auto category = std::ranges::find(got.categories, instance.category_id, &Category::id);
    if (category->name == "bench") continue;  // painted
    ++objects;
    keypoints += static_cast<std::size_t>(labelled_count(instance.keypoints));
  }
  std::size_t wanted = 0;
  for (const Instance& instance : predicted.instances)
    wanted += static_cast<std::size_t>(labelled_count(instance.keypoints));
  EXPECT_EQ(objects, predicted.instances.size());
  EXPECT_GT(objects, 8U);
  EXPECT_EQ(keypoints, wanted);
  EXPECT_GT(keypoints, 8U);
}

TEST_F(CliSelect, LeavesOutWhatIsLabelled) {
  ASSERT_EQ(select({"--budget", "4", "-o", batch}).status, 0);
  const std::string labelled = (fs::path(batch) / "subset.json").string();
  const Finished again =
      select({"--budget", "100", "--labelled", labelled, "-o", (dir / "next").string()});
  ASSERT_EQ(again.status, 0);
  EXPECT_THAT(again.err, HasSubstr("the budget is larger than the pool: all 8 images"));
  const Dataset first = read(labelled);
  const Dataset next = read(dir / "next/subset.json");
  EXPECT_EQ(first.images.size(), 4U);
  EXPECT_EQ(next.images.size(), 8U);
  for (const Image& image : next.images) {
    EXPECT_EQ(std::ranges::count(first.images, image.file_name, &Image::file_name), 0)
        << image.file_name;
  }
}

TEST_F(CliSelect, TakesASubsetOfThePoolItself) {
  ASSERT_EQ(select({"--budget", "3", "-o", batch, "--pool", coco}).status, 0);
  const Dataset subset = read(fs::path(batch) / "subset.json");
  EXPECT_EQ(subset.images.size(), 3U);
  EXPECT_EQ(subset.categories, read(coco).categories);
}

TEST_F(CliSelect, ThePoolMayBeAListOfPictures) {
  std::string list;
  for (const Image& image : read(coco).images) {
    list += fmt::format(R"({}{{"id":{},"file_name":"{}","width":{},"height":{}}})",
                        list.empty() ? "" : ",",
                        image.id,
                        image.file_name,
                        image.size.width,
                        image.size.height);
  }
  const std::string file = dir.write("list.json", R"({"images":[)" + list + "]}").string();
  const Finished done = select({"--budget", "3", "-o", batch, "--pool", file});
  ASSERT_TRUE(ended_with(done, 0)) << done.err;
  EXPECT_EQ(read(fs::path(batch) / "subset.json").images.size(), 3U);
}

TEST_F(CliSelect, WritesNothingForAPoolThatTheScoresAreNotOf) {
  Dataset other = read(coco);
  other.images.clear();
  other.instances.clear();
  write_coco(other, dir / "other.json");
  const Finished done =
      select({"--budget", "3", "-o", batch, "--pool", (dir / "other.json").string()});
  EXPECT_TRUE(refused(done, "is not in the pool's COCO file")) << done.err;
  EXPECT_FALSE(fs::exists(batch));
}

TEST_F(CliSelect, WritesNothingOnADryRun) {
  const Finished done = select({"--dry-run", "--json", "--strategy", "entropy", "--budget", "2"});
  ASSERT_EQ(done.status, 0) << done.err;
  rapidjson::Document json;
  json.Parse(done.out.data(), done.out.size());
  ASSERT_FALSE(json.HasParseError());
  EXPECT_EQ(json["images"].Size(), 2U);
  EXPECT_FALSE(fs::exists(batch));
}

TEST_F(CliSelect, RunsEveryStrategyTheScoresSufficeFor) {
  for (const char* strategy : {"boxmask",
                               "boxmask-loc",
                               "boxmask-cls",
                               "boxmask-seg",
                               "entropy",
                               "ll4al",
                               "ll4al-turns",
                               "coreset",
                               "random",
                               "entropy.seg"}) {
    const Finished done = select({"--dry-run", "--strategy", strategy});
    EXPECT_EQ(done.status, 0) << strategy << done.err;
  }
  for (const char* combine : {"paper", "robust", "rank"}) {
    EXPECT_EQ(select({"--dry-run",
                      "--combine",
                      combine,
                      "--diverse",
                      "--one-per-source",
                      "--min-gap",
                      "2",
                      "--budget",
                      "20objects"})
                  .status,
              0)
        << combine;
  }
}

TEST_F(CliSelect, CombinesTermsAsItIsTold) {
  const auto chosen = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--dry-run", "--budget", "3"});
    const Finished done = select(std::move(more));
    EXPECT_EQ(done.status, 0) << done.err;
    return done.out;
  };
  const std::string paper = chosen({});
  EXPECT_EQ(chosen({"--combine", "paper", "--no-det", "zero", "--empty-mask", "box"}), paper);
  EXPECT_EQ(chosen({"--aggregate", "top", "--top-boxes", "1"}), paper);
  for (const std::vector<std::string>& flags : {std::vector<std::string>{"--log-base", "2"},
                                                std::vector<std::string>{"--empty-mask", "max"},
                                                std::vector<std::string>{"--aggregate", "sum"}}) {
    EXPECT_NE(chosen(flags), paper) << flags.front();
  }
  EXPECT_TRUE(refused(select({"--dry-run", "--log-base", "0.5"}), "log_base"));
}

TEST_F(CliSelect, RefusesNumbersThatAreNegativeOrNone) {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--min-gap", "-1"},
        std::vector<std::string>{"--among", "nan"},
        std::vector<std::string>{"--keypoint-score", "nan"},
        std::vector<std::string>{"--keypoint-score", "1.5"}}) {
    std::vector<std::string> arguments = flags;
    arguments.emplace_back("--dry-run");
    EXPECT_EQ(select(arguments).status, 2) << flags[0] << " " << flags[1];
  }
}

TEST_F(CliSelect, MergedScoresDoNotTakeThePlaceOfWhatTheyAreMadeOf) {
  const std::string shard = scores + "/shard-2-of-3.jsonl";
  const std::string before = read_file(shard);
  const auto merge = [&](const std::string& output) {
    return labelloom({"merge-scores", scores, "-o", output});
  };
  EXPECT_TRUE(refused(merge(shard), "shard-2-of-3.jsonl"));
  EXPECT_TRUE(refused(merge(scores + "/../scores/shard-2-of-3.jsonl"), "shard-2-of-3.jsonl"));
  EXPECT_TRUE(refused(merge(scores + "/shard-1-of-1.jsonl"), "would be taken for a shard"));
  fs::create_hard_link(shard, dir / "link.jsonl");
  EXPECT_TRUE(refused(merge((dir / "link.jsonl").string()), "is an input, too"));
  EXPECT_EQ(read_file(shard), before);
  const std::string all = scores + "/all.jsonl";
  EXPECT_EQ(merge(all).status, 0);
  EXPECT_TRUE(refused(labelloom({"merge-scores", all, "-o", all}), "is an input, too"));
}

TEST_F(CliSelect, NamesABatchByItsFolderHoweverThatIsSaid) {
  fs::create_directories(dir / "round-1.5/below");
  for (const char* output : {"", ".", "below/.."}) {
    const fs::path folder = dir / "round-1.5" / output;
    ASSERT_EQ(select({"--budget", "1", "-o", folder.string()}).status, 0);
    EXPECT_THAT(read_file(dir / "round-1.5/tasks.json"),
                HasSubstr("\"select_batch\":\"round-1.5\""))
        << output;
  }
}

TEST_F(CliSelect, SaysThatBrushesBecomeObjects) {
  const std::string said = "`labelloom convert` will make objects of them";
  EXPECT_THAT(select({"--budget", "8", "-o", batch}).err, HasSubstr(said));
  EXPECT_THAT(select({"--budget", "8", "-o", batch, "--no-brushes"}).err, Not(HasSubstr(said)));
}

TEST_F(CliSelect, QuotesNamesThatWouldBreakALine) {
  Dataset odd = read(coco);
  odd.images[0].file_name = "new\nline\x1b[31m.jpg";
  write_coco(odd, coco);
  make((dir / "odd").string(), 1);
  const Finished done =
      labelloom({"select", (dir / "odd").string(), "--strategy", "random", "--dry-run"});
  const Finished json =
      labelloom({"select", (dir / "odd").string(), "--budget", "99", "--dry-run", "--json"});
  EXPECT_THAT(json.out, HasSubstr("new\\nline"));
  EXPECT_THAT(done.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(done.out, HasSubstr("\"new\\x0aline\\x1b[31m.jpg\""));
}

TEST_F(CliSelect, SaysInOneLineWhatIsWrong) {
  const auto said = [&](std::vector<std::string> arguments, const std::string& what) {
    const Finished done = select(std::move(arguments));
    EXPECT_TRUE(refused(done, what)) << done.err;
  };
  said({"--dry-run", "--strategy", "cald"}, "strategy cald needs cald");
  said({"--dry-run", "--strategy", "margin"}, "strategy margin needs margin.seg or margin.det");
  said({"--dry-run", "--strategy", "cdal"}, "strategy cdal needs the vectors cdal.seg");
  said({"--dry-run", "--strategy", "best"}, "unknown strategy \"best\"");
  said({"--dry-run", "--quota", "unicorn=3"}, "no such class");
  said({"--dry-run", "--quota", "3"}, "expected class=images");
  said({"--dry-run", "--budget", "many"}, "--budget \"many\"");
  said({"-o", batch, "--images", (dir / "nowhere").string()}, "no such folder of images");
  said({"--dry-run", "--images", coco}, "no such folder of images");
  said({"-o", batch, "--image-url", "/data/"}, "expected {path}");
  fs::remove(fs::path(scores) / "shard-2-of-3.jsonl");
  said({"--dry-run"}, "1 of 3 shards is missing");
  EXPECT_EQ(labelloom({"select"}).status, 2);
  EXPECT_EQ(labelloom({"select", "--list"}).status, 0);
}

}  // namespace
}  // namespace labelloom::test
