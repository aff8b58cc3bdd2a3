#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "select/boxmask_options.h"

namespace labelloom::apps {

/// How BoxMask's terms become one score: a preset, and what is to differ from it.
struct CombineFlags {
  std::string preset;  ///< of select::kCombinePresets; empty: as the scores say
  std::optional<double> log_base = {};
  std::string no_detections = {};  ///< zero or top; empty here and below: the preset's
  std::string empty_mask = {};     ///< box, skip or max
  std::string aggregation = {};    ///< max, mean, sum or top
  std::optional<int> top_boxes = {};
};

void add_combine_flags(CLI::App& app, CombineFlags& flags);

/// @throws Error(kArgument) naming the first option that is out of range.
[[nodiscard]] select::CombineOptions combine_options(const CombineFlags& flags);

/// For people: "robust", "paper, log base: 2, no detections: top".
[[nodiscard]] std::string description(const CombineFlags& flags);

}  // namespace labelloom::apps
