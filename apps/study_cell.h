#pragma once

// One finished cell of a study, strategy x seed x round, and its file.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/study_pool.h"

namespace labelloom::apps {

struct StudyCell {
  std::string strategy;  ///< StudyStrategy::label, or kReference
  std::uint64_t seed = 0;
  int round = 0;
  std::size_t images = 0;  ///< labelled ones the model was trained on
  std::vector<std::pair<std::string, double>> metrics = {};
  std::optional<PoolShares> pool = {};
  std::vector<std::string> chosen = {};  ///< keys of what is labelled for the next round

  [[nodiscard]] std::optional<double> metric(const std::string& name) const;
  friend bool operator==(const StudyCell&, const StudyCell&) = default;
};

/// "Strategy" of the model that is trained on everything.
inline constexpr const char* kReference = "all";
/// "Strategy" of the model that all strategies of a seed begin with.
inline constexpr const char* kStart = "start";

/// "boxmask_robust.seed0.round2.json".
[[nodiscard]] std::string cell_file_name(const std::string& strategy,
                                         std::uint64_t seed,
                                         int round);

/// The same cell gives the same bytes.
[[nodiscard]] std::string cell_text(const StudyCell& cell);
/// @throws Error naming the file and what is wrong with it.
[[nodiscard]] StudyCell read_cell(const std::filesystem::path& file);

}  // namespace labelloom::apps
