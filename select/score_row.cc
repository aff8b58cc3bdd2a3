#include "select/score_row.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::select {

CellRuns cell_runs(const std::vector<std::uint8_t>& row_major) {
  CellRuns runs;
  std::uint32_t run = 0;
  bool taken = false;
  for (const std::uint8_t cell : row_major) {
    if ((cell != 0) != taken) {
      runs.push_back(run);
      run = 0;
      taken = !taken;
    }
    ++run;
  }
  if (taken) runs.push_back(run);
  return runs;
}

std::vector<std::uint8_t> cells_of(const CellRuns& runs, std::size_t count) {
  std::vector<std::uint8_t> cells(count, 0);
  std::size_t at = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i] > count - at) {
      throw Error(
          Errc::kInvalidData, {}, fmt::format("runs of cells go beyond the {} there are", count));
    }
    if (i % 2 == 1)
      std::fill_n(cells.begin() + static_cast<std::ptrdiff_t>(at), runs[i], std::uint8_t{1});
    at += runs[i];
  }
  return cells;
}

std::uint64_t cell_count(const CellRuns& runs) {
  std::uint64_t count = 0;
  for (std::size_t i = 1; i < runs.size(); i += 2) count += runs[i];
  return count;
}

std::vector<LabelRun> label_runs(const std::vector<int>& row_major) {
  std::vector<LabelRun> runs;
  for (const int label : row_major) {
    if (runs.empty() || runs.back().label != label) runs.push_back({label, 0});
    ++runs.back().cells;
  }
  return runs;
}

std::uint64_t hash64(std::string_view key, std::uint64_t seed) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3U;
  }
  hash += (seed + 1) * 0x9E3779B97F4A7C15U;
  hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9U;
  hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBU;
  return hash ^ (hash >> 31U);
}

int shard_of(std::string_view key, int shards) {
  if (shards < 1) throw Error(Errc::kArgument, {}, "there must be one shard at least");
  return static_cast<int>(hash64(key) % static_cast<std::uint64_t>(shards));
}

std::string pool_hash(const std::vector<std::string>& keys) {
  std::uint64_t sum = 0;
  for (const std::string& key : keys) sum += hash64(key, 0x706F6F6C);
  return fmt::format("{:016x}", sum);
}

}  // namespace labelloom::select
