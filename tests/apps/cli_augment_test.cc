// `labelloom augment` from outside: the same bytes whatever happens on the way.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/augment_support.h"

namespace labelloom::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

int lines(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

TEST(CliAugment, WritesEveryVariantWithWhereItCameFrom) {
  const AugmentSet set;
  const fs::path out = set / "out";
  const Finished run = set.augment(out, {"--variants", "7", "--seed", "4"});
  ASSERT_TRUE(ended_with(run, 0));
  EXPECT_THAT(run.out, HasSubstr("42 images"));
  EXPECT_EQ(files_below(out / "images").size(), 42U);
  const std::string coco = read_file(out / "coco.json");
  // Ids follow the set's own six; what the source's record said is still there.
  EXPECT_THAT(coco,
              AllOf(HasSubstr(R"({"id":7,"file_name":"p0_v0001.jpg","width":64,"height":48,)"
                              R"("license":3,"source_image_id":1,"source_file_name":"b/p0.png",)"
                              R"("variant":1,"augmentation":[{"transform":")"),
                    HasSubstr(R"("id":48,"file_name":"p3_v0007.jpg")"),
                    HasSubstr(R"("note":"x")"),
                    HasSubstr(R"("iscrowd":1)"),
                    HasSubstr(R"("info":{"year":2026})")));
  EXPECT_FALSE(fs::exists(out / "parts"));
  EXPECT_TRUE(ended_with(
      labelloom({"validate", (out / "coco.json").string(), "--images", (out / "images").string()}),
      0));
}

TEST(CliAugment, GivesTheSameBytesForAnyNumberOfThreads) {
  const AugmentSet set;
  ASSERT_TRUE(ended_with(set.augment(set / "one", {"--variants", "33", "--threads", "1"}), 0));
  const auto expected = bytes_below(set / "one");
  EXPECT_EQ(expected.size(), 6U * 33 + 3);
  for (const char* threads : {"2", "7"}) {
    const fs::path out = set / threads;
    ASSERT_TRUE(ended_with(set.augment(out, {"--variants", "33", "--threads", threads}), 0));
    EXPECT_TRUE(bytes_below(out) == expected) << threads;
  }
}

TEST(CliAugment, ShardsMergedAreWhatOneRunWrites) {
  const AugmentSet set(7);
  for (const bool originals : {false, true}) {
    const std::string prefix = originals ? "with" : "without";
    std::vector<std::string> options = {"--variants", "5"};
    if (originals) options.emplace_back("--keep-originals");
    const auto shard = [&](const std::string& name) {
      std::vector<std::string> all = options;
      all.insert(all.end(), {"--shard", name});
      fs::path out = set.folder().path() / (prefix + name.substr(0, 1));
      EXPECT_TRUE(ended_with(set.augment(out, all), 0));
      return out;
    };
    const fs::path whole = set.folder().path() / prefix;
    ASSERT_TRUE(ended_with(set.augment(whole, options), 0));
    std::vector<std::string> merge = {"merge"};
    std::map<std::string, std::string> pictures;
    for (const char* name : {"1/3", "2/3", "3/3"}) {
      const fs::path out = shard(name);
      merge.push_back((out / "coco.json").string());
      pictures.merge(bytes_below(out / "images"));
    }
    const std::string merged = (set / "merged.json").string();
    merge.insert(merge.end(), {"-o", merged});
    ASSERT_TRUE(ended_with(labelloom(merge), 0));
    EXPECT_EQ(read_file(merged), read_file(whole / "coco.json"));
    EXPECT_TRUE(pictures == bytes_below(whole / "images"));
  }
}

TEST(CliAugment, OfShardNumbersTheFirstIsOne) {
  const AugmentSet set(1);
  for (const char* shard : {"0/3", "4/3", "1", "1/", "1/2x", "-1/2"}) {
    EXPECT_TRUE(refused(set.augment(set / "out", {"--shard", shard}), "--shard")) << shard;
  }
}

TEST(CliAugment, GoesOnAfterAKillToTheSameBytes) {
  const AugmentSet set;
  const std::vector<std::string> options = {"--variants", "100", "--keep-originals"};
  ASSERT_TRUE(ended_with(set.augment(set / "whole", options), 0));
  const auto expected = bytes_below(set / "whole");
  const fs::path out = set / "killed";
  int killed = 0;
  for (int i = 0; i < 10; ++i) {
    RunOptions run;
    run.kill_after = std::chrono::milliseconds(30 + 37 * i % 200);
    if (set.augment(out, options, run).signal != 0) ++killed;
    if (i % 5 == 4) {
      ASSERT_TRUE(ended_with(set.augment(out, options), 0));
      EXPECT_TRUE(bytes_below(out) == expected);
      fs::remove_all(out);
    }
  }
  EXPECT_GT(killed, 0);
}

TEST(CliAugment, StopsCleanlyWhenADiskIsFullAndGoesOn) {
  const AugmentSet set;
  const std::vector<std::string> options = {"--variants", "40"};
  ASSERT_TRUE(ended_with(set.augment(set / "whole", options), 0));
  const auto expected = bytes_below(set / "whole");
  const fs::path out = set / "full";
  // Pictures of 1 to 3 KB fit, a part of 32 records does not; then everything but coco.json does.
  for (const std::uint64_t limit : {600U, 3000U, 60000U}) {
    RunOptions run;
    run.file_limit = limit;
    const Finished stopped = set.augment(out, options, run);
    EXPECT_TRUE(refused(stopped, out.string())) << limit;
    EXPECT_THAT(stopped.err, HasSubstr("goes on from there"));
    EXPECT_FALSE(fs::exists(out / "coco.json"));
  }
  const Finished resumed = set.augment(out, options);
  ASSERT_TRUE(ended_with(resumed, 0));
  EXPECT_THAT(resumed.out, HasSubstr("240 were there already"));
  EXPECT_TRUE(bytes_below(out) == expected);
}

TEST(CliAugment, RefusesToGoOnWithOtherSettings) {
  const AugmentSet set(2);
  const fs::path out = set / "out";
  ASSERT_TRUE(ended_with(set.augment(out, {"--variants", "2", "--seed", "1"}), 0));
  const auto before = bytes_below(out);
  const auto message = [&](std::vector<std::string> options) {
    const Finished run = set.augment(out, std::move(options));
    EXPECT_TRUE(refused(run, "manifest.json"));
    return run.err;
  };
  EXPECT_THAT(message({"--variants", "2", "--seed", "2"}),
              AllOf(HasSubstr("seed 1"), HasSubstr("this run has 2")));
  EXPECT_THAT(message({"--variants", "3", "--seed", "1"}), HasSubstr("variants 2"));
  EXPECT_THAT(message({"--variants", "2", "--seed", "1", "--format", "png"}), HasSubstr("format"));
  EXPECT_THAT(message({"--variants", "2", "--seed", "1", "--shard", "1/2"}), HasSubstr("shard"));
  set.folder().write("pipeline.json", R"({"labelloom_pipeline":1,"transforms":[]})");
  EXPECT_THAT(message({"--variants", "2", "--seed", "1"}), HasSubstr("another pipeline"));
  EXPECT_TRUE(bytes_below(out) == before);
}

TEST(CliAugment, RefusesNumbersThatAreNoneInALineThatCanBeRead) {
  const AugmentSet set(1);
  for (const std::vector<std::string>& bad : {std::vector<std::string>{"--max-side", "0"},
                                              {"--seed", "-1"},
                                              {"--preview", "0"},
                                              {"--min-area", "-1"},
                                              {"--min-area", "nan"}}) {
    const Finished run = set.augment(set / "out", bad);
    EXPECT_TRUE(ended_with(run, 2));
    EXPECT_THAT(run.err, HasSubstr(bad[0]));
    EXPECT_LT(run.err.size(), 200U) << run.err;
    EXPECT_FALSE(fs::exists(set / "out"));
  }
}

TEST(CliAugment, RefusesAPipelineThatSuitsNoImageAndLeavesNothing) {
  const AugmentSet set(2);
  set.folder().write("pipeline.json", R"([{"RandomCrop": {"width": 65, "height": 20}}])");
  EXPECT_TRUE(refused(set.augment(set / "out"), "images/"));
  EXPECT_FALSE(fs::exists(set / "out"));
  // The same output folder takes the pipeline when it is put right.
  set.folder().write("pipeline.json", R"([{"RandomCrop": {"width": 64, "height": 48}}])");
  EXPECT_TRUE(ended_with(set.augment(set / "out"), 0));
}

TEST(CliAugment, RefusesAFolderOfOtherThings) {
  const AugmentSet set(1);
  EXPECT_TRUE(refused(set.augment(set / "images"), "images"));
  set.folder().write("mine/thesis.txt", "x");
  EXPECT_TRUE(refused(set.augment(set / "mine"), "mine"));
  EXPECT_EQ(files_below(set / "mine").size(), 1U);
}

TEST(CliAugment, NamesImagesItCannotUseAndMakesTheOthers) {
  const AugmentSet set;
  const TempDir& folder = set.folder();
  const std::string whole = read_file(set / "images/b/p0.png");
  folder.write("images/b/p0.png", whole.substr(0, whole.size() / 2));
  folder.write("images/a/p1.png", "");
  fs::remove(set / "images/b/p1.png");
  folder.write("images/a/p2.png", grey_png(48, 64));
  folder.write("images/b/p2.png", "no picture at all, but text");
  const fs::path out = set / "out";
  const Finished run = set.augment(out, {"--variants", "3"});
  ASSERT_TRUE(ended_with(run, 0));
  EXPECT_THAT(run.out, AllOf(HasSubstr("3 images"), HasSubstr("5 skipped")));
  EXPECT_THAT(read_file(out / "report.json"),
              AllOf(HasSubstr("cut off"),
                    HasSubstr("the file is empty"),
                    HasSubstr("no such file"),
                    HasSubstr("turned by 90 degrees"),
                    HasSubstr("is no image")));
  const Finished strict = set.augment(set / "strict", {"--variants", "3", "--strict"});
  EXPECT_TRUE(refused(strict, "images/"));
  // Brought back later, they are made as if they had never been away.
  const AugmentSet good;
  for (const char* name : {"b/p0", "a/p1", "b/p1", "a/p2", "b/p2"}) {
    fs::copy_file(good.images() + fmt::format("/{}.png", name),
                  set.images() + fmt::format("/{}.png", name),
                  fs::copy_options::overwrite_existing);
  }
  ASSERT_TRUE(ended_with(set.augment(out, {"--variants", "3"}), 0));
  ASSERT_TRUE(ended_with(good.augment(good / "out", {"--variants", "3"}), 0));
  EXPECT_TRUE(bytes_below(out) == bytes_below(good / "out"));
}

TEST(CliAugment, RefusesPicturesThatClaimTooMuch) {
  const AugmentSet set(1);
  std::string bomb = grey_png(64, 48);
  const std::string side = {'\0', '\0', '\x7F', '\x00'};
  bomb.replace(16, 8, side + side);  // the header's check sum is wrong now, too
  set.folder().write("images/b/p0.png", bomb);
  const Finished run = set.augment(set / "out");
  ASSERT_TRUE(ended_with(run, 0));
  EXPECT_THAT(run.out, HasSubstr("0 images, 0 annotations; 1 skipped"));
}

TEST(CliAugment, NeverLeavesItsFolders) {
  const AugmentSet set(1);
  set.folder().write("secret.png", grey_png(64, 48));
  const auto coco = [&](const std::string& name) {
    set.folder().write("coco.json",
                       R"({"images":[{"id":1,"file_name":")" + name +
                           R"(","width":64,"height":48}],"annotations":[],"categories":[]})");
  };
  int run = 0;
  for (const char* name : {"../secret.png", "/etc/passwd", "C:x.png", "a/../../secret.png"}) {
    coco(name);
    const fs::path out = set.folder().path() / fmt::format("out{}", run++);
    ASSERT_TRUE(refused(set.augment(out), "coco.json")) << name;
    EXPECT_FALSE(fs::exists(out)) << name;
  }
}

TEST(CliAugment, KeepsWhatIsLeftOfStrangeAnnotations) {
  const AugmentSet set(1);
  set.folder().write("coco.json",
                     R"({"images":[{"id":1,"file_name":"b/p0.png","width":64,"height":48}],
"categories":[{"id":1,"name":"a","keypoints":["k"]}],"annotations":[
{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,20,20],"area":200,"iscrowd":0,"segmentation":[[10,10,30,30,30,10,10,30]]},
{"id":2,"image_id":1,"category_id":1,"bbox":[5,5,0,0],"area":0,"iscrowd":0,"segmentation":[]},
{"id":3,"image_id":1,"category_id":1,"bbox":[-500,-500,20,20],"area":400,"iscrowd":0,"segmentation":[]},
{"id":4,"image_id":1,"category_id":1,"bbox":[4e5,4e5,4e5,4e5],"area":1e11,"iscrowd":0,"segmentation":[[4e5,4e5,8e5,4e5,8e5,8e5]]},
{"id":5,"image_id":1,"category_id":1,"bbox":[-9e5,-9e5,9e5,9e5],"area":4e12,"iscrowd":0,"segmentation":[[-9e5,-9e5,9e5,-9e5,9e5,9e5,-9e5,9e5]]},
{"id":6,"image_id":1,"category_id":1,"bbox":[3,3,1,1],"area":1,"iscrowd":0,"segmentation":[[3,3,3,3,3,3]]},
{"id":7,"image_id":1,"category_id":1,"bbox":[1,1,9,9],"area":9,"iscrowd":0,"segmentation":{"size":[4,4],"counts":[3,3,10]}},
{"id":8,"image_id":1,"category_id":1,"bbox":[9,9,0,0],"area":0,"iscrowd":0,"segmentation":[],"keypoints":[20.5,20.5,2],"num_keypoints":1}]})");
  const Finished run = set.augment(set / "out", {"--variants", "9", "--keep-originals"});
  ASSERT_TRUE(ended_with(run, 0));
  EXPECT_THAT(run.out, HasSubstr("10 images"));
  const Finished checked = labelloom({"stats", (set / "out/coco.json").string()});
  EXPECT_TRUE(ended_with(checked, 0));
}

TEST(CliAugment, RefusesSharesAndAreasThatAreNoNumbers) {
  const AugmentSet set(1);
  for (const char* option : {"--min-area", "--min-visibility"}) {
    for (const char* value : {"nan", "-nan", "NAN", "inf", "-1"}) {
      const Finished run = set.augment(set / "out", {option, value});
      EXPECT_TRUE(ended_with(run, 2)) << value;
      EXPECT_THAT(run.err, HasSubstr(option));
    }
  }
  const auto with_boxes = [&](const std::string& text) {
    set.folder().write("pipeline.json", text);
    return set.augment(set / "out");
  };
  EXPECT_TRUE(refused(with_boxes(R"({"transform":{"__class_fullname__":"Compose","transforms":[],
"bbox_params":{"min_visibility":NaN}}})"),
                      "pipeline.json"));
  EXPECT_TRUE(refused(with_boxes("Compose([], bbox_params=BboxParams(min_visibility=nan))"),
                      "pipeline.json"));
}

Finished augment_aloud(const AugmentSet& set, const char* option) {
  return labelloom({"augment",
                    set.coco(),
                    "--images",
                    set.images(),
                    "--pipeline",
                    set.pipeline(),
                    "-o",
                    (set / "out").string(),
                    option});
}

TEST(CliAugment, SaysWhichMasksHaveNotTheSizeOfTheirImage) {
  const AugmentSet set(1);
  set.folder().write("coco.json",
                     R"({"images":[{"id":1,"file_name":"b/p0.png","width":64,"height":48}],
"categories":[{"id":1,"name":"a"}],"annotations":[
{"id":7,"image_id":1,"category_id":1,"bbox":[1,1,9,9],"area":9,"iscrowd":0,"segmentation":{"size":[4,5],"counts":[3,3,14]}}]})");
  const Finished run = augment_aloud(set, "--strict");
  ASSERT_TRUE(ended_with(run, 0));
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("1 mask of another size"),
                    HasSubstr("annotation 7: 5 x 4 on 64 x 48 pixels")));
  EXPECT_THAT(run.out, HasSubstr("1 annotation"));
}

TEST(CliAugment, SaysWhichKeyPointsMirroringSwapsAndWhichItCannot) {
  const AugmentSet set(1);
  set.folder().write("coco.json",
                     R"({"images":[{"id":1,"file_name":"b/p0.png","width":64,"height":48}],
"annotations":[],"categories":[{"id":1,"name":"a","keypoints":["left_eye","right_eye","tip_l"]}]})");
  const Finished run = augment_aloud(set, "--explain");
  ASSERT_TRUE(ended_with(run, 0));
  EXPECT_THAT(run.out, HasSubstr("mirroring swaps left_eye and right_eye"));
  EXPECT_THAT(run.err, AllOf(HasSubstr("cannot swap"), HasSubstr("tip_l")));
}

TEST(CliAugment, KeepsOriginalsByteForByteOrReduced) {
  const AugmentSet set(2);
  ASSERT_TRUE(ended_with(set.augment(set / "kept", {"--keep-originals"}), 0));
  EXPECT_EQ(read_file(set / "kept/images/p0_v0000.png"), read_file(set / "images/b/p0.png"));
  const std::string coco = read_file(set / "kept/coco.json");
  EXPECT_THAT(coco, HasSubstr(R"({"id":1,"file_name":"p0_v0000.png")"));
  EXPECT_THAT(coco, HasSubstr("[[10,8,40,8,40,28,10,28]]"));
  ASSERT_TRUE(ended_with(set.augment(set / "small", {"--keep-originals", "--max-side", "32"}), 0));
  const std::string small = read_file(set / "small/coco.json");
  EXPECT_THAT(small, HasSubstr(R"("file_name":"p0_v0000.jpg","width":32,"height":24)"));
  EXPECT_THAT(small, HasSubstr("[[5,4,20,4,20,14,5,14]]"));
}

TEST(CliAugment, ShowsBeforeItWrites) {
  const AugmentSet set;
  const fs::path out = set / "out";
  const Finished preview = set.augment(out, {"--variants", "9", "--preview", "5"});
  ASSERT_TRUE(ended_with(preview, 0));
  EXPECT_TRUE(fs::exists(out / "preview/gallery/index.html"));
  EXPECT_EQ(files_below(out / "preview/gallery/overlays").size(), 5U);
  EXPECT_FALSE(fs::exists(out / "manifest.json"));
  const Finished dry = set.augment(set / "dry", {"--variants", "9", "--dry-run"});
  ASSERT_TRUE(ended_with(dry, 0));
  EXPECT_THAT(dry.out, HasSubstr("would write 54 images"));
  EXPECT_FALSE(fs::exists(set / "dry"));
  const Finished explained = set.augment(set / "dry", {"--variants", "2", "--explain"});
  ASSERT_TRUE(ended_with(explained, 0));
  EXPECT_THAT(explained.out, AllOf(HasSubstr("variant 2"), Not(HasSubstr("variant 3"))));
  // What was previewed is what comes.
  ASSERT_TRUE(ended_with(set.augment(out, {"--variants", "9"}), 0));
  for (const auto& [name, bytes] : bytes_below(out / "preview/images")) {
    EXPECT_EQ(read_file(out / "images" / name), bytes) << name;
  }
}

TEST(CliAugment, DocumentsTransformsAndPipelines) {
  const Finished all = labelloom({"augment", "--list"});
  EXPECT_TRUE(ended_with(all, 0));
  EXPECT_GT(lines(all.out), 4);
  const Finished one = labelloom({"augment", "--list", "Affine"});
  EXPECT_THAT(one.out, HasSubstr("rotate"));
  EXPECT_TRUE(refused(labelloom({"augment", "--list", "Afine"}), "Affine"));
  EXPECT_THAT(labelloom({"augment", "--schema"}).out, HasSubstr("$schema"));
  EXPECT_TRUE(ended_with(labelloom({"augment"}), 2));
}

}  // namespace
}  // namespace labelloom::test
