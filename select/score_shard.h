#pragma once

// Files of rows: scores/shard-i-of-n.jsonl. The first line is the header, the last the footer
// {"footer":{"count":..,"crc32":".."}} with the CRC of all bytes before it; a row a line between
// them, in the pool's order.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "select/score_row.h"

namespace labelloom::select {

/// "shard-2-of-7.jsonl" for shard 1 of 7.
[[nodiscard]] std::string shard_file_name(int shard, int shards);

/// Writes one shard. Rows are appended to "<name>.part"; `finish` adds the footer and renames it. A
/// run that was killed goes on where it was: rows that are whole stay, a last line that is cut off
/// is dropped.
///
///     ScoreShardWriter writer(folder, header);
///     for (const Image& image : pool)
///       if (shard_of(image.file_name, n) == i && !writer.has(image.file_name))
///       writer.add(score(image));
///     writer.finish();
class ScoreShardWriter {
 public:
  /// Opens or begins the shard. @throws Error(kInvalidData) if the file that is there, finished or
  /// not, has another header: another model, other options, another pool; Error(kIo) if another
  /// writer has it open.
  ScoreShardWriter(const std::filesystem::path& folder, const ScoreHeader& header);
  ~ScoreShardWriter();
  ScoreShardWriter(const ScoreShardWriter&) = delete;
  ScoreShardWriter& operator=(const ScoreShardWriter&) = delete;

  /// Whether the shard was finished by an earlier run: there is nothing to do.
  [[nodiscard]] bool finished() const { return finished_; }
  /// Whether there is a row of that image already.
  [[nodiscard]] bool has(const std::string& key) const { return keys_.contains(key); }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

  /// Appends a row, at once. @throws Error(kInvalidData) for a key twice or of another shard;
  /// Error(kIo), e.g. when the disk is full.
  void add(const ScoreRow& row);
  void finish();

 private:
  [[nodiscard]] bool take_finished();
  std::size_t resume();
  void append(std::string_view bytes);

  std::filesystem::path path_;
  std::filesystem::path part_;
  ScoreHeader header_;
  std::unordered_set<std::string> keys_;
  struct Crc;
  std::unique_ptr<Crc> crc_;
  class LockedFile;
  std::unique_ptr<LockedFile> file_;
  bool finished_ = false;
};

}  // namespace labelloom::select
