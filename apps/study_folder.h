#pragma once

// Where a study keeps what is done.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/study_cell.h"

namespace labelloom::apps {

/// Settings that a study's cells depend on, by name.
using StudyFacts = std::map<std::string, std::string>;

class StudyFolder {
 public:
  /// Makes the folder or opens that of the same study.
  /// @throws Error(kArgument) naming the first setting that differs from the folder's.
  StudyFolder(std::filesystem::path folder, const StudyFacts& facts);

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  /// For trainings and scores on the way; may be deleted when nothing runs.
  [[nodiscard]] std::filesystem::path work() const { return folder_ / "work"; }

  /// A cell that is done. @throws Error for a file that is damaged or another cell's.
  [[nodiscard]] std::optional<StudyCell> find(const std::string& strategy,
                                              std::uint64_t seed,
                                              int round) const;
  void write(const StudyCell& cell) const;
  void remove(const std::string& strategy, std::uint64_t seed, int round) const;

 private:
  [[nodiscard]] std::filesystem::path file_of(const std::string& strategy,
                                              std::uint64_t seed,
                                              int round) const;
  std::filesystem::path folder_;
};

}  // namespace labelloom::apps
