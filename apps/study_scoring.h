#pragma once

// A set whose truth is known, scored by a model: what `correlate` and `threshold` have in common.

#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/pool_scorer.h"
#include "formats/dataset.h"
#include "model/predictor.h"
#include "select/boxmask_options.h"

namespace labelloom::apps {

struct TruthSettings {
  std::string model;
  std::string truth;
  std::string images;
  std::string output;
  std::string device = "auto";
  double min_score = 0.3;
  select::BoxMaskOptions boxmask;  ///< its `combine` is not used
  std::size_t batch = 8;
  unsigned workers = 0;
  int threads = 0;
};

/// --model, --truth, --images, -o, how to compute, and BoxMask's arguments without --tau.
void add_truth_options(CLI::App& app, TruthSettings& settings);

/// The truth and a model for it.
struct TruthAndModel {
  Dataset truth;
  std::unique_ptr<model::Predictor> predictor;
};
/// Also says how many threads LibTorch has.
/// @throws Error for options of BoxMask out of range, what cannot be read, a truth without images
/// or with two of one name.
[[nodiscard]] TruthAndModel open_truth(const TruthSettings& settings);

/// As the settings say.
[[nodiscard]] PoolScoringOptions scoring_options(const TruthSettings& settings);

}  // namespace labelloom::apps
