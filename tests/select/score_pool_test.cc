#include "select/score_pool.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "formats/error.h"
#include "select/score_shard.h"
#include "tests/select/score_rows.h"
#include "tests/support/temp_dir.h"

namespace labelloom::select {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::TempDir;
using ::testing::HasSubstr;

std::vector<std::string> many_keys() {
  std::vector<std::string> keys;
  for (int i = 40; i > 0; --i) keys.push_back("cam/frame_" + std::to_string(i) + ".png");
  return keys;
}

void write_shard(const fs::path& folder,
                 const std::vector<std::string>& keys,
                 int shard,
                 int shards) {
  ScoreShardWriter writer(folder, header_of(keys, shard, shards));
  for (const std::string& key : keys) {
    if (shard_of(key, shards) == shard && !writer.has(key)) writer.add(full_row(key));
  }
  writer.finish();
}

std::string message_of(const fs::path& source) {
  try {
    const ScorePool pool(source);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ScorePool, MergesAnyNumberOfShardsToTheSameBytes) {
  const std::vector<std::string> keys = many_keys();
  std::vector<std::string> reversed = keys;
  std::ranges::reverse(reversed);
  const TempDir dir;
  std::string first;
  for (const int shards : {1, 2, 7}) {
    const fs::path folder = dir / std::to_string(shards);
    for (int i = shards; i-- > 0;) write_shard(folder, shards == 2 ? reversed : keys, i, shards);
    const ScorePool pool(folder);
    EXPECT_EQ(pool.size(), keys.size());
    pool.write_merged(dir / "merged.jsonl");
    const std::string merged = read_file(dir / "merged.jsonl");
    if (first.empty()) first = merged;
    EXPECT_EQ(merged, first) << shards;
    // What is merged is a pool as well, and merging it again changes nothing.
    const ScorePool again(dir / "merged.jsonl");
    again.write_merged(dir / "again.jsonl");
    EXPECT_EQ(read_file(dir / "again.jsonl"), first);
  }
}

TEST(ScorePool, MergesShardsOfOneModelUnderTwoNamesToTheSameBytes) {
  const std::vector<std::string> keys = many_keys();
  const TempDir dir;
  std::string first;
  for (const int renamed : {0, 1}) {
    const fs::path folder = dir / std::to_string(renamed);
    for (int shard = 0; shard < 2; ++shard) {
      ScoreHeader header = header_of(keys, shard, 2);
      header.model_name = shard == renamed ? "copy@0123456" : "run@0123456";
      ScoreShardWriter writer(folder, header);
      for (const std::string& key : keys) {
        if (shard_of(key, 2) == shard) writer.add(full_row(key));
      }
      writer.finish();
    }
    const ScorePool pool(folder);
    EXPECT_EQ(pool.header().model_name, "copy@0123456");
    pool.write_merged(dir / "merged.jsonl");
    if (first.empty()) first = read_file(dir / "merged.jsonl");
    EXPECT_EQ(read_file(dir / "merged.jsonl"), first);
  }
}

TEST(ScorePool, ReadsRowsInTheOrderOfKeys) {
  const TempDir dir;
  const std::vector<std::string> keys = {"c", "a", "b"};
  for (int i = 0; i < 2; ++i) write_shard(dir.path(), keys, i, 2);
  const ScorePool pool(dir.path());
  std::vector<std::string> seen;
  pool.for_each([&](std::size_t index, const ScoreRow& row) {
    EXPECT_EQ(index, seen.size());
    EXPECT_EQ(pool.key(index), row.key);
    seen.push_back(row.key);
  });
  EXPECT_THAT(seen, ::testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ(pool.row(1).key, "b");
}

TEST(ScorePool, HoldsNoImageOrOne) {
  const TempDir dir;
  write_shard(dir / "none", {}, 0, 1);
  EXPECT_EQ(ScorePool(dir / "none").size(), 0U);
  write_shard(dir / "one", {"a"}, 0, 1);
  EXPECT_EQ(ScorePool(dir / "one").size(), 1U);
}

TEST(ScorePool, SaysInOneLineWhatDoesNotBelongTogether) {
  const std::vector<std::string> keys = many_keys();
  const TempDir dir;
  EXPECT_THAT(message_of(dir / "nowhere"), HasSubstr("cannot open"));
  EXPECT_THAT(message_of(dir.path()), HasSubstr("has no scores"));
  for (int i = 0; i < 3; ++i) write_shard(dir.path(), keys, i, 3);
  const fs::path second = dir / shard_file_name(1, 3);
  const std::string good = read_file(second);
  fs::remove(second);
  EXPECT_THAT(
      message_of(dir.path()),
      HasSubstr(
          "1 of 3 shards is missing, shard-2-of-3.jsonl first; run `labelloom score --shard 2/3`"));
  dir.write(shard_file_name(1, 3), good.substr(0, good.size() - 30));
  EXPECT_THAT(message_of(dir.path()), HasSubstr("no footer"));
  std::string damaged = good;
  damaged[damaged.find("0.1")] = '7';
  dir.write(shard_file_name(1, 3), damaged);
  EXPECT_THAT(message_of(dir.path()), HasSubstr("is damaged"));

  fs::remove(second);
  ScoreHeader other = header_of(keys, 1, 3);
  other.model = "another";
  { ScoreShardWriter(dir.path(), other).finish(); }
  EXPECT_THAT(message_of(dir.path()), HasSubstr("scores are of another model: \"another\""));
  fs::remove(second);
  other = header_of(keys, 1, 3);
  other.config = "other options";
  { ScoreShardWriter(dir.path(), other).finish(); }
  EXPECT_THAT(message_of(dir.path()),
              HasSubstr("scores are of other options or strategies; choose another folder"));
  fs::remove(second);
  other = header_of(keys, 1, 3);
  other.combine = "robust";
  { ScoreShardWriter(dir.path(), other).finish(); }
  EXPECT_THAT(message_of(dir.path()),
              HasSubstr("scores are of another preset: \"robust\", expected \"paper\""));
  fs::remove(second);
  other = header_of(keys, 1, 3);
  other.seg_classes.emplace_back("sky");
  { ScoreShardWriter(dir.path(), other).finish(); }
  EXPECT_THAT(message_of(dir.path()), HasSubstr("scores are of other classes or epsilon"));
  fs::remove(second);
  { ScoreShardWriter(dir.path(), header_of(keys, 1, 3)).finish(); }
  EXPECT_THAT(message_of(dir.path()), HasSubstr("of the 40 images of its pool"));
  dir.write(shard_file_name(1, 3), good);
  EXPECT_EQ(message_of(dir.path()), "accepted");
  write_shard(dir.path(), keys, 0, 1);
  EXPECT_THAT(message_of(dir.path()), HasSubstr("another number of shards"));
}

TEST(ScoreShardWriter, GoesOnWhereAKilledRunWas) {
  const std::vector<std::string> keys = many_keys();
  const TempDir dir;
  write_shard(dir / "whole", keys, 0, 1);
  const std::string whole = read_file(dir / "whole/shard-1-of-1.jsonl");
  // Killed after any number of bytes, those of the footer too.
  for (std::size_t length = 0; length <= whole.size(); length += 1 + whole.size() / 50) {
    const TempDir killed;
    killed.write("shard-1-of-1.jsonl.part", whole.substr(0, length));
    write_shard(killed.path(), keys, 0, 1);
    EXPECT_EQ(read_file(killed / "shard-1-of-1.jsonl"), whole) << length;
  }
  const TempDir killed;
  killed.write("shard-1-of-1.jsonl.part", whole);
  write_shard(killed.path(), keys, 0, 1);
  EXPECT_EQ(read_file(killed / "shard-1-of-1.jsonl"), whole);
  EXPECT_FALSE(fs::exists(killed / "shard-1-of-1.jsonl.part"));
}

TEST(ScoreShardWriter, KeepsTheRowsOfAFinishedShard) {
  const TempDir dir;
  write_shard(dir.path(), {"a"}, 0, 1);
  const ScoreShardWriter writer(dir.path(), header_of({"a"}));
  EXPECT_TRUE(writer.finished());
  EXPECT_TRUE(writer.has("a"));
}

TEST(ScoreShardWriter, RefusesWhatAnotherRunBegan) {
  const TempDir dir;
  { ScoreShardWriter(dir.path(), header_of({"a"})).add(full_row("a")); }
  ScoreHeader other = header_of({"a"});
  other.model = "another";
  EXPECT_THROW(ScoreShardWriter(dir.path(), other), Error);
  { ScoreShardWriter(dir.path(), header_of({"a"})).finish(); }
  EXPECT_THROW(ScoreShardWriter(dir.path(), other), Error);
}

TEST(ScoreShardWriter, GoesOnWithAModelThatWasRenamed) {
  const TempDir dir;
  ScoreHeader header = header_of({"a"});
  { ScoreShardWriter(dir.path(), header).add(full_row("a")); }
  header.model_name = "renamed@0123456";
  EXPECT_TRUE(ScoreShardWriter(dir.path(), header).has("a"));
}

TEST(ScoreShardWriter, LetsNoOtherWriterIntoAShardThatItWrites) {
  const TempDir dir;
  const auto said = [&]() -> std::string {
    try {
      const ScoreShardWriter second(dir.path(), header_of({"a", "b"}));
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  {
    ScoreShardWriter first(dir.path(), header_of({"a", "b"}));
    first.add(full_row("a"));
    EXPECT_THAT(said(), HasSubstr("another `labelloom score` writes this shard"));
    first.add(full_row("b"));
    first.finish();
    EXPECT_EQ(said(), "accepted");  // it is finished
  }
  EXPECT_EQ(ScorePool(dir.path()).size(), 2U);
}

TEST(ScoreShardWriter, RefusesAKeyTwiceAndOneOfAnotherShard) {
  const TempDir dir;
  ScoreShardWriter writer(dir.path(), header_of({"a", "b"}));
  writer.add(full_row("a"));
  EXPECT_THROW(writer.add(full_row("a")), Error);
  const int other = 1 - shard_of("a", 2);
  ScoreShardWriter half(dir.path(), header_of({"a", "b"}, other, 2));
  EXPECT_THROW(half.add(full_row("a")), Error);
}

}  // namespace
}  // namespace labelloom::select
