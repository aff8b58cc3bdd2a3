#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "select/score_row.h"

namespace labelloom::select {

class ScoreLines;

/// The rows of a whole pool, wherever its shards lie. Only keys and places are in memory; rows are
/// in the order of their keys' bytes, whatever the number of shards.
class ScorePool {
 public:
  /// `source`: a folder with all shards, or one file that holds a whole pool (write_merged).
  /// @throws Error(kInvalidData) for a shard that is missing, cut off, damaged, or of another
  /// model, configuration or pool than the first; for an image that is there twice.
  explicit ScorePool(const std::filesystem::path& source);
  ~ScorePool();
  ScorePool(const ScorePool&) = delete;
  ScorePool& operator=(const ScorePool&) = delete;

  /// That of the whole pool: shard 0 of 1; of several names of the model the least.
  [[nodiscard]] const ScoreHeader& header() const { return header_; }
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] const std::string& key(std::size_t index) const { return places_[index].key; }
  [[nodiscard]] ScoreRow row(std::size_t index) const;
  /// All rows in order, one at a time; several are read ahead side by side.
  void for_each(const std::function<void(std::size_t, const ScoreRow&)>& visit) const;

  /// One file of all rows, in order: the same bytes however many shards there were.
  /// @throws Error(kArgument) for a file that was read, or that whoever reads the folder of the
  /// shards would take for one.
  void write_merged(const std::filesystem::path& file) const;

 private:
  struct Place {
    std::string key;
    std::uint32_t file = 0;
    std::uint32_t length = 0;
    std::uint64_t offset = 0;
  };
  void refuse_overwriting(const std::filesystem::path& file) const;

  std::filesystem::path source_;
  ScoreHeader header_;
  std::vector<std::unique_ptr<ScoreLines>> files_;
  std::vector<Place> places_;
};

}  // namespace labelloom::select
