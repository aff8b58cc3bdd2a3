// Where the command line writes, and what it leaves when it cannot.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/apps/cli_support.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A disk of 64 KiB that is full.
class FullDisk {
 public:
  explicit FullDisk(fs::path folder) : folder_(std::move(folder)) {
    fs::create_directory(folder_);
    mounted_ = mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=64k") == 0;
  }
  ~FullDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  /// Leaves so many bytes.
  void fill_up_to(std::size_t left) const {
    constexpr std::size_t kSize = 65536;
    std::ofstream(folder_ / "filler") << std::string(kSize - left, 'x');
  }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

class CliOutput : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return (dir / name).string(); }
  [[nodiscard]] std::string converted() const {
    std::string file = path("converted.json");
    EXPECT_TRUE(ended_with(labelloom({"convert",
                                      sample("export.min.json"),
                                      "--images",
                                      sample("images"),
                                      "-q",
                                      "-o",
                                      file,
                                      "--report",
                                      path("converted_report.json")}),
                           0));
    return file;
  }
  /// Whether the command writes only a few hundred bytes.
  [[nodiscard]] static bool is_small(const std::vector<std::string>& command) {
    return command[0] == "label-config" || command[3] == "--dry-run";
  }
  /// Every way to write something below a folder.
  [[nodiscard]] std::vector<std::vector<std::string>> commands_writing(
      const std::string& coco, const std::string& folder) const {
    return {
        {"convert", coco, "-q", "-o", folder + "/coco.json"},
        {"convert", coco, "-q", "--dry-run", "--report", folder + "/report.json"},
        {"split", coco, "-q", "-o", folder + "/split"},
        {"merge", coco, dir.write("other.json", small_coco()), "-q", "-o", folder + "/merged.json"},
        {"label-config", "--classes", "bolt", "-q", "-o", folder + "/config.xml"},
        {"view", coco, "-q", "--images", sample("images"), "-o", folder + "/gallery"}};
  }

  TempDir dir;
};

TEST_F(CliOutput, IsRefusedWhereAFileIsInTheWayOfTheFolder) {
  const std::string coco = converted();
  const std::string in_the_way = dir.write("in_the_way", "a file").string();
  for (const std::string& folder : {in_the_way, std::string("/proc/no_such_folder")}) {
    for (const std::vector<std::string>& command : commands_writing(coco, folder)) {
      SCOPED_TRACE(command[0] + " to " + folder);
      EXPECT_TRUE(refused(labelloom(command), folder));
    }
  }
  EXPECT_EQ(read_file(in_the_way), "a file");
}

TEST_F(CliOutput, IsRefusedInAFolderWithoutPermission) {
  if (!anybody_may_start_labelloom()) GTEST_SKIP() << "the programs are in a private folder";
  const std::string coco = converted();
  fs::permissions(dir.path(),
                  fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  fs::create_directory(path("closed"));
  fs::permissions(path("closed"),
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                      fs::perms::others_exec);
  for (const std::vector<std::string>& command : commands_writing(coco, path("closed"))) {
    SCOPED_TRACE(command[0]);
    const Finished run = labelloom(command, {.unprivileged = true});
    EXPECT_TRUE(refused(run, path("closed")));
    EXPECT_THAT(run.err, HasSubstr("Permission denied"));
  }
  fs::permissions(path("closed"), fs::perms::owner_all);
  EXPECT_THAT(files_below(path("closed")), IsEmpty());
}

TEST_F(CliOutput, IsRefusedWhereAFolderHasItsName) {
  const std::string coco = converted();
  const std::string folder = path("taken");
  fs::create_directory(folder);
  EXPECT_TRUE(refused(labelloom({"convert", coco, "-q", "-o", folder}), folder));
  EXPECT_TRUE(refused(labelloom({"convert", coco, "-q", "-o", folder + "/"}), folder));
  EXPECT_TRUE(refused(labelloom({"label-config", "--classes", "a", "-o", folder}), folder));
  EXPECT_THAT(files_below(folder), IsEmpty());
}

TEST_F(CliOutput, MayNotBeTheInput) {
  const std::string coco = converted();
  const std::string before = read_file(coco);
  const std::string link = path("link.json");
  fs::create_symlink(coco, link);
  for (const std::string& output : {coco, link}) {
    EXPECT_TRUE(refused(labelloom({"convert", coco, "-o", output}), output));
    EXPECT_TRUE(refused(labelloom({"merge", coco, coco, "-o", output}), output));
  }
  fs::create_directory(path("split"));
  fs::copy(coco, path("split/val.json"));
  EXPECT_TRUE(refused(labelloom({"split", path("split/val.json"), "-o", path("split")}),
                      path("split/val.json")));
  EXPECT_EQ(read_file(coco), before);
  EXPECT_EQ(read_file(path("split/val.json")), before);
}

TEST_F(CliOutput, IsRefusedByAFullDiskAndLeavesNothing) {
  const std::string coco = converted();
  const FullDisk disk(dir / "disk");
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small disk";
  // With the most of them, the first file of a split fits and the second does not.
  for (const std::size_t left : {0U, 4096U, 36864U, 53248U}) {
    disk.fill_up_to(left);
    for (const std::vector<std::string>& command : commands_writing(coco, path("disk"))) {
      SCOPED_TRACE(command[0] + " with " + std::to_string(left) + " bytes left");
      if (left > 0 && is_small(command)) continue;
      const Finished run = labelloom(command);
      EXPECT_TRUE(refused(run, path("disk")));
      EXPECT_THAT(run.err, HasSubstr("No space left on device"));
      EXPECT_FALSE(fs::exists(path("disk/gallery/index.html")));
      fs::remove_all(path("disk/gallery"));
      fs::remove(path("disk/split"));  // the folder may stay, but empty
      EXPECT_THAT(files_below(dir / "disk"), ElementsAre("filler"));
      fs::remove_all(path("disk/split"));
    }
  }
}

TEST_F(CliOutput, IsRefusedWhereFilesMayNotGrowAndLeavesNothing) {
  const std::string coco = converted();
  fs::create_directory(path("out"));
  for (const std::vector<std::string>& command : commands_writing(coco, path("out"))) {
    SCOPED_TRACE(command[0]);
    const Finished run = labelloom(command, {.file_limit = 100});
    EXPECT_TRUE(refused(run, path("out")));
    EXPECT_THAT(run.err, HasSubstr("File too large"));
    EXPECT_FALSE(fs::exists(path("out/gallery/index.html")));
    fs::remove_all(path("out/gallery"));
    fs::remove(path("out/split"));
    EXPECT_THAT(files_below(dir / "out"), IsEmpty());
    fs::remove_all(path("out/split"));
  }
}

TEST_F(CliOutput, OnStandardOutputThatIsFullIsAnError) {
  const std::string coco = converted();
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"stats", coco},
                                             {"stats", "--json", coco},
                                             {"validate", coco},
                                             {"validate", "--rules"},
                                             {"label-config", "--classes", "bolt"},
                                             {"convert", coco, "--dry-run"},
                                             {"split", coco, "--dry-run", "-o", path("split")}}) {
    SCOPED_TRACE(command[0]);
    const Finished run = labelloom(command, {.stdout_file = "/dev/full"});
    EXPECT_TRUE(refused(run, "standard output"));
  }
  EXPECT_TRUE(refused(labelloom({"convert", coco, "-q", "-o", "/dev/full"}), "/dev/full"));
}

// A new train.json beside the old val.json would train on images that validate.
TEST_F(CliOutput, OfAnEarlierSplitStaysWhenTheSecondFileCannotBeWritten) {
  const std::string coco = converted();
  ASSERT_TRUE(ended_with(labelloom({"split", coco, "-q", "--val", "0.7", "-o", path("other")}), 0));
  ASSERT_TRUE(ended_with(labelloom({"split", coco, "-q", "-o", path("split")}), 0));
  const std::string train = read_file(path("split/train.json"));
  const std::string val = read_file(path("split/val.json"));
  const auto new_train = fs::file_size(path("other/train.json"));
  const auto new_val = fs::file_size(path("other/val.json"));
  ASSERT_LT(new_train, new_val);
  const Finished run = labelloom({"split", coco, "-q", "--val", "0.7", "-o", path("split")},
                                 {.file_limit = (new_train + new_val) / 2});
  EXPECT_TRUE(refused(run, path("split/val.json")));
  EXPECT_EQ(read_file(path("split/train.json")), train);
  EXPECT_EQ(read_file(path("split/val.json")), val);
  EXPECT_THAT(files_below(path("split")), ElementsAre("train.json", "val.json"));
}

TEST_F(CliOutput, IsNotWrittenByADryRun) {
  const std::string coco = converted();
  fs::create_directory(path("out"));
  const auto expect_nothing = [&](const std::vector<std::string>& arguments) {
    const Finished run = labelloom(arguments);
    EXPECT_TRUE(ended_with(run, 0));
    EXPECT_THAT(run.out, Not(IsEmpty()));
    EXPECT_THAT(files_below(dir / "out"), IsEmpty());
  };
  expect_nothing({"convert", sample("export.min.json"), "--dry-run"});
  expect_nothing({"convert", sample("export.min.json"), "--dry-run", "-o", path("out/coco.json")});
  expect_nothing({"split", coco, "--dry-run", "-o", path("out")});
  expect_nothing({"split", coco, "--dry-run", "-o", path("out/new")});
}

TEST_F(CliOutput, GoesThroughASymbolicLinkThatTheUserNamed) {
  const std::string target = dir.write("target.json", "old").string();
  fs::create_symlink(target, path("link.json"));
  ASSERT_TRUE(ended_with(
      labelloom({"convert", sample("export.min.json"), "-q", "-o", path("link.json")}), 0));
  EXPECT_TRUE(fs::is_symlink(path("link.json")));
  EXPECT_THAT(read_file(target), HasSubstr("\"annotations\""));
}

// The input's names are what a stranger wrote.
TEST_F(CliOutput, StaysInItsFolderWhateverTheNamesInTheInput) {
  const std::vector<std::string> names = {"../outside.jpg",
                                          "a/../../outside.jpg",
                                          "..\\\\outside.jpg",
                                          "a\\\\..\\\\..\\\\outside.jpg",
                                          "..",
                                          ".",
                                          "./",
                                          "a/",
                                          "",
                                          "/outside.jpg",
                                          "//outside/outside.jpg",
                                          "\\\\\\\\server\\\\outside.jpg",
                                          "C:\\\\outside.jpg",
                                          "C:outside.jpg",
                                          "file:///outside.jpg",
                                          "nul\\u0000.jpg",
                                          "%2e%2e%2foutside.jpg",
                                          "https://x/../../outside.jpg",
                                          "s3://bucket/../outside.jpg",
                                          "/data/local-files/?d=../../outside.jpg",
                                          "/data/local-files/?d=%2e%2e%2foutside.jpg",
                                          "/data/local-files/?d=/outside.jpg",
                                          "/data/upload/1/0a1b2c3d-..%2foutside.jpg"};
  fs::create_directories(path("photos"));
  fs::copy(fs::path(sample("images")) / "bench-06-empty.jpg", path("outside.jpg"));
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const auto with = [&name](std::string text, const std::string& old) {
      return text.replace(text.find(old), old.size(), name);
    };
    const std::string coco = with(small_coco(), "a/b.jpg");
    const std::string full = with(small_full_export(), "/data/upload/1/0a1b2c3d-a.jpg");
    const std::string min = with(small_min_export(), "\\/data\\/local-files\\/?d=dir\\/a%20b.jpg");
    for (const std::string& text : {coco, full, min}) {
      const std::string input = dir.write("input.json", text).string();
      const Finished run = labelloom({"convert", input, "-q", "-o", path("out/coco.json")});
      EXPECT_TRUE(done_or_refused(run, input));
      // `view` gets the strange name itself, or what `convert` made of it.
      if (text == coco || (text == full && run.status == 0)) {
        const std::string shown = run.status == 0 ? path("out/coco.json") : input;
        const Finished view =
            labelloom({"view", shown, "-q", "--images", path("photos"), "-o", path("out/gallery")});
        EXPECT_TRUE(done_or_refused(view, shown));
        // Neither shows the picture beside the folder of images nor writes beside its own.
        EXPECT_FALSE(fs::exists(path("out/gallery/images")));
      }
      fs::remove_all(path("out"));
      EXPECT_THAT(files_below(dir.path()), ElementsAre("input.json", "outside.jpg", "photos"));
    }
  }
}

// Somebody else may have put the links there.
TEST_F(CliOutput, OfViewDoesNotFollowSymbolicLinksInTheGallery) {
  const std::string coco = converted();
  const std::vector<std::string> view = {
      "view", coco, "-q", "--images", sample("images"), "--max", "1", "-o", path("gallery")};
  fs::create_directory(path("elsewhere"));
  const std::string kept = dir.write("elsewhere/00001_kept.jpg", "kept").string();
  for (const char* name : {"images", "thumbs", "overlays", "doubtful"}) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(ended_with(labelloom(view), 0));
    fs::remove_all(fs::path(path("gallery")) / name);
    fs::create_directory_symlink(path("elsewhere"), fs::path(path("gallery")) / name);
    EXPECT_TRUE(refused(labelloom(view), name));
    EXPECT_THAT(files_below(path("elsewhere")), ElementsAre("00001_kept.jpg"));
    EXPECT_EQ(read_file(kept), "kept");
    fs::remove(fs::path(path("gallery")) / name);
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(path("gallery/images"))) {
    const fs::path& picture = entry.path();
    fs::remove(picture);
    fs::create_symlink(kept, picture);
    break;
  }
  fs::remove(path("gallery/index.html"));
  fs::create_symlink(kept, path("gallery/index.html"));
  EXPECT_TRUE(ended_with(labelloom(view), 0));
  EXPECT_EQ(read_file(kept), "kept");
}

TEST_F(CliOutput, IsCompleteOrAbsentWhenKilled) {
  using Clock = std::chrono::steady_clock;
  constexpr unsigned kSeed = 7;
  constexpr int kTimes = 20;
  const std::string input = dir.write("input.json", large_coco(4000)).string();
  const std::vector<std::string> command = {"convert", input, "-q", "-o", path("out/coco.json")};
  const Clock::time_point start = Clock::now();
  ASSERT_TRUE(ended_with(labelloom(command), 0));
  const auto longest = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  const std::string complete = read_file(path("out/coco.json"));
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<std::int64_t> pause(0, longest.count() + longest.count() / 10);
  int killed = 0;
  for (int i = 0; i < kTimes; ++i) {
    fs::remove_all(path("out"));
    const Finished run =
        labelloom(command, {.kill_after = std::chrono::microseconds(pause(random))});
    killed += run.signal == SIGKILL ? 1 : 0;
    if (fs::exists(path("out/coco.json"))) {
      EXPECT_EQ(read_file(path("out/coco.json")) == complete, true);
    } else {
      EXPECT_EQ(run.signal, SIGKILL);
    }
  }
  EXPECT_GT(killed, 0);
  // What was left by a killed run is in nobody's way.
  EXPECT_TRUE(ended_with(labelloom(command), 0));
  EXPECT_EQ(read_file(path("out/coco.json")) == complete, true);
}

TEST_F(CliOutput, AnExportThatCannotBeCutIsConvertedInTheMemoryItNeeds) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "needs an address space of its own";
#endif
  // What is nested looks like the tasks, so that cuts are wrong and the file is read in one part.
  constexpr int kTasks = 40'000;
  constexpr int kMegabytes = 700;
  std::string text =
      R"([{"id":0,"annotations":[{"id":1,"result":[{"id":"r","type":"rectanglelabels",)"
      R"("original_width":64,"original_height":48,"value":{"x":1,"y":1,"width":9,)"
      R"("height":9,"rectanglelabels":["car"]}}]}],"data":{"image":"a.jpg"}})";
  std::string nested;
  for (int i = 0; i < 20; ++i) nested += R"({"id":1,"annotations":2,"note":"xx"},)";
  nested.back() = ']';
  for (int i = 1; i < kTasks; ++i) {
    text += fmt::format(
        R"(,{{"id":{0},"annotations":[],"data":{{"image":"{0}.jpg","more":[{1}}}}})", i, nested);
  }
  const std::string file = dir.write("export.json", text + "]").string();
  const std::vector<std::string> command = {"convert", file, "-o", path("coco.json"), "-q"};
  EXPECT_TRUE(ended_with(labelloom_with_memory(kMegabytes, command), 0));
  EXPECT_TRUE(fs::exists(path("coco.json")));
}

}  // namespace
}  // namespace labelloom::test
