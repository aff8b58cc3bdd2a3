// What the command line does with files that are damaged or not what they should be.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/apps/cli_support.h"

namespace labelloom::test {
namespace {

/// Every way to read a file, with an output in the folder where there is one.
std::vector<std::vector<std::string>> commands_reading(const std::string& file,
                                                       const std::string& good,
                                                       const std::filesystem::path& output) {
  const auto in_output = [&](const char* name) { return (output / name).string(); };
  return {
      {"convert", file, "-o", in_output("coco.json"), "-q", "--report", in_output("report.json")},
      {"validate", file},
      {"stats", file},
      {"split", file, "-o", in_output("split")},
      {"merge", good, file, "-o", in_output("m.json")},
      {"measure", file, "-o", in_output("table.csv")},
      {"label-config", "--from", file, "-o", in_output("config.xml")},
      {"view", file, "--images", sample("images"), "-o", in_output("gallery")}};
}

class CliBadInput : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(output()); }

  std::filesystem::path output() const { return dir / "output"; }
  std::string write(std::string_view text) const { return dir.write("input.json", text).string(); }

  /// Every subcommand refuses the file and leaves nothing.
  void expect_all_refuse(const std::string& file, const RunOptions& options = {}) const {
    for (const std::vector<std::string>& command : commands_reading(file, good_coco, output())) {
      SCOPED_TRACE(command[0]);
      EXPECT_TRUE(refused(labelloom(command, options), file));
      EXPECT_EQ(files_below(output()), std::vector<std::string>());
    }
  }

  /// `convert` refuses the text and leaves nothing, not even a temporary file.
  void expect_refused(std::string_view text) const {
    const std::string file = write(text);
    const Finished run = labelloom({"convert", file, "-o", (output() / "coco.json").string()});
    EXPECT_TRUE(refused(run, file));
    EXPECT_EQ(files_below(output()), std::vector<std::string>());
  }

  void expect_refused_wherever_cut(const std::string& text) const {
    constexpr std::size_t kStep = 97;
    for (std::size_t size = 0; size + 3 < text.size(); size += kStep) {
      SCOPED_TRACE(size);
      expect_refused(std::string_view(text).substr(0, size));
      if (HasFailure()) return;
    }
  }

  TempDir dir;
  std::string good_coco = dir.write("good.json", small_coco()).string();
};

TEST_F(CliBadInput, IsRefusedByEverySubcommandWhenItIsNotJson) {
  for (const char* text : {"",           " ",
                           "hello",      "{",
                           "[",          "{\"images\":[",
                           "[1,2",       "nul",
                           "\"a\n\"",    "\xff\xfe[]",
                           "PK\x03\x04", "{}",
                           "[]",         "3",
                           "null",       "\"text\"",
                           "[null]",     "[[]]",
                           "[3]",        "{\"images\":1}"}) {
    SCOPED_TRACE(text);
    expect_all_refuse(write(text));
  }
}

TEST_F(CliBadInput, IsRefusedWhenItIsMissingOrAFolder) {
  expect_all_refuse((dir / "missing.json").string());
  expect_all_refuse(dir.path().string());
}

TEST_F(CliBadInput, IsRefusedWhenItMayNotBeRead) {
  if (!anybody_may_start_labelloom()) GTEST_SKIP() << "the programs are in a private folder";
  std::filesystem::permissions(dir.path(), std::filesystem::perms::all);
  std::filesystem::permissions(output(), std::filesystem::perms::all);
  const std::string file = write(small_coco());
  std::filesystem::permissions(file, std::filesystem::perms::none);
  expect_all_refuse(file, {.unprivileged = true});
}

TEST_F(CliBadInput, IsRefusedWhenItIsNestedTooDeep) {
  constexpr std::size_t kDepth = 200'000;
  expect_all_refuse(write(std::string(kDepth, '[')));
  std::string objects;
  for (std::size_t i = 0; i < kDepth; ++i) objects += "{\"a\":";
  expect_all_refuse(write(objects));
  const std::string deep = std::string(kDepth, '[') + std::string(kDepth, ']');
  expect_all_refuse(write(R"({"images":[],"annotations":[],"categories":[],"x":)" + deep + "}"));
  expect_refused(R"([{"id":1,"image":"a.jpg","label":)" + deep + "}]");
  expect_refused(R"([{"id":1,"data":{"image":"a.jpg"},"annotations":)" + deep + "}]");
}

TEST_F(CliBadInput, IsRefusedWithNumbersThatAreNone) {
  for (const char* number : {"NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e308", "0x10"}) {
    SCOPED_TRACE(number);
    for (std::string text : {small_full_export(), small_min_export(), small_coco()}) {
      const std::string_view old = text.find("\"points\":[[10,") != std::string::npos
                                       ? "\"points\":[[10,"
                                       : "\"segmentation\":[[1,";
      const std::size_t begin = text.find(old) + old.find("[[") + 2;
      text.replace(begin, old.size() - old.find("[[") - 3, number);
      expect_refused(text);
    }
  }
}

TEST_F(CliBadInput, IsRefusedWithIdsTwice) {
  expect_refused(R"({"images":[{"id":1,"file_name":"a","width":2,"height":2},
{"id":1,"file_name":"b","width":2,"height":2}],"annotations":[],"categories":[]})");
  expect_refused(R"({"images":[],"annotations":[],"categories":[{"id":1,"name":"a"},
{"id":1,"name":"b"}]})");
  expect_refused(R"({"images":[{"id":1,"file_name":"a","width":9,"height":9}],"annotations":[
{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,2,2]},
{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,2,2]}],"categories":[{"id":1,"name":"a"}]})");
}

TEST_F(CliBadInput, IsRefusedWithImagesOfNoSize) {
  for (const char* size : {"0", "-1", "-2147483649", "4294967297", "1e30", "0.5"}) {
    SCOPED_TRACE(size);
    const auto with = [size](std::string text, std::string_view old) {
      return text.replace(text.find(old) + old.find(':') + 1, 1, size);
    };
    expect_refused(with(small_coco(), "\"width\":8"));
    expect_refused(with(small_coco(), "\"height\":6"));
    std::string text = small_min_export();
    const std::string_view old = "\"original_width\":40";
    for (std::size_t at = text.find(old); at != std::string::npos; at = text.find(old)) {
      text.replace(at + old.find(':') + 1, 2, size);
    }
    expect_refused(text);
  }
}

TEST_F(CliBadInput, IsConvertedOrRefusedWithCoordinatesFarOutside) {
  const std::string file = (dir / "input.json").string();
  const std::string result = (output() / "coco.json").string();
  for (const char* number : {"-1000", "1e9", "-1e15", "1e100", "-1e300"}) {
    SCOPED_TRACE(number);
    for (const std::string& text : {small_full_export(), small_min_export()}) {
      for (const std::string_view old : {"\"x\":10", "\"x\":40", "\"points\":[[10", "\"x\":50"}) {
        SCOPED_TRACE(old);
        std::string changed = text;
        changed.replace(changed.find(old) + old.size() - 2, 2, number);
        const Finished run = labelloom({"convert", write(changed), "-o", result});
        EXPECT_TRUE(done_or_refused(run, file));
        if (run.status != 0) continue;
        const Finished check = labelloom({"validate", result});
        EXPECT_TRUE(ended_with(check, check.status == 0 ? 0 : 1));
      }
    }
  }
}

TEST_F(CliBadInput, IsRefusedWithAMissingFolderOfImages) {
  const std::string missing = (dir / "no such folder").string();
  const std::string result = (output() / "coco.json").string();
  EXPECT_TRUE(
      refused(labelloom({"convert", sample("export.min.json"), "--images", missing, "-o", result}),
              missing));
  EXPECT_TRUE(refused(labelloom({"validate", good_coco, "--images", missing}), missing));
  EXPECT_TRUE(
      refused(labelloom({"view", "-q", good_coco, "--images", missing, "-o", result}), missing));
  EXPECT_EQ(files_below(output()), std::vector<std::string>());
}

TEST_F(CliBadInput, IsRefusedWithABadCompanionFile) {
  const std::string result = (output() / "coco.json").string();
  const std::string missing = (dir / "missing").string();
  for (const char* option : {"--config", "--keypoint-labels"}) {
    for (const char* text : {"", "{", "<", "[1]", "<View>", "{\"a\":1}", "{\"a\":[1]}"}) {
      SCOPED_TRACE(std::string(option) + " " + text);
      const std::string bad = dir.write("companion", text).string();
      EXPECT_TRUE(refused(
          labelloom({"convert", sample("export.min.json"), option, bad, "-o", result}), bad));
    }
    EXPECT_TRUE(refused(
        labelloom({"convert", sample("export.min.json"), option, missing, "-o", result}), missing));
  }
  for (const char* text :
       {"", "{", "[]", "{\"doubtful_keypoints\":{}}", "{\"doubtful_keypoints\":[1]}"}) {
    SCOPED_TRACE(text);
    const std::string bad = dir.write("companion", text).string();
    EXPECT_TRUE(refused(labelloom({"view",
                                   good_coco,
                                   "--images",
                                   sample("images"),
                                   "-q",
                                   "--report",
                                   bad,
                                   "-o",
                                   (output() / "v").string()}),
                        bad));
  }
  EXPECT_EQ(files_below(output()), std::vector<std::string>());
}

TEST_F(CliBadInput, DoesNotReplaceAnEarlierOutput) {
  const std::string result = dir.write("output/coco.json", "earlier").string();
  EXPECT_TRUE(refused(labelloom({"convert", write("[{]"), "-o", result}), "input.json"));
  EXPECT_EQ(read_file(result), "earlier");
  EXPECT_EQ(files_below(output()), std::vector<std::string>{"coco.json"});
}

TEST_F(CliBadInput, SlowIsRefusedWhereverAJsonMinExportIsCut) {
  expect_refused_wherever_cut(read_file(sample("export.min.json")));
}

TEST_F(CliBadInput, SlowIsRefusedWhereverAFullExportIsCut) {
  expect_refused_wherever_cut(read_file(sample("export.full.json")));
}

TEST_F(CliBadInput, SlowIsRefusedWhereverACocoFileIsCut) {
  const std::string coco = (dir / "coco.json").string();
  ASSERT_TRUE(ended_with(labelloom({"convert", sample("export.min.json"), "-q", "-o", coco}), 0));
  expect_refused_wherever_cut(read_file(coco));
}

TEST_F(CliBadInput, IsRefusedWhereverAFileLargeEnoughForSeveralThreadsIsCut) {
  const std::string text = large_coco(6000);
  for (std::size_t size = text.size() / 9; size + 3 < text.size(); size += text.size() / 9) {
    SCOPED_TRACE(size);
    expect_refused(std::string_view(text).substr(0, size));
  }
}

}  // namespace
}  // namespace labelloom::test
