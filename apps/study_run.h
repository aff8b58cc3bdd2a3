#pragma once

// Runs a study of selection: for every seed and strategy train, measure, score what is not
// labelled, choose, and again.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "apps/study_design.h"
#include "apps/train_setup.h"
#include "select/boxmask_options.h"

namespace labelloom::apps {

struct StudyOptions {
  TrainSettings training;  ///< sets, network, batch, ...; not run, seed, epochs, resume
  StudyDesign design;
  std::vector<StudyStrategy> strategies;
  std::uint64_t seeds = 3;  ///< 0, 1, ...
  /// Metrics that mDSQ is made of; empty: mAP and mIoU, as far as the network has them.
  std::vector<std::string> tasks;
  std::size_t steps = 0;            ///< of every training; 0: `epochs` of the whole set
  std::size_t reference_steps = 0;  ///< with all labels; 0: of all rounds together if `go_on`
  std::size_t epochs = 20;
  bool go_on = true;  ///< a round begins with the weights of the one before, as the paper's do
  select::BoxMaskOptions boxmask;  ///< its `combine` is the strategies'
  bool pool_attributes = false;
  std::string rare_class;  ///< see PoolAttributes
  bool keep_runs = false;
  std::filesystem::path output;
};

/// Does what is not done yet in the folder `output`: a cell (strategy, seed, round) is a file that
/// appears when it is complete, so a study that was killed goes on where it was and ends with the
/// same bytes. SIGINT and SIGTERM end it in order, before it is whole: false. Writes curves.csv,
/// curves.svg, summary.md and summary.json of all cells that there are.
/// @throws Error for what does not fit, a folder of another study among them.
[[nodiscard]] bool run_study(const StudyOptions& options);

}  // namespace labelloom::apps
