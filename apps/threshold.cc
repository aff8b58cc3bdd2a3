#include <filesystem>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/image_source.h"
#include "apps/mask_accuracy.h"
#include "apps/study_commands.h"
#include "apps/study_scoring.h"
#include "apps/terminal.h"
#include "apps/torch_guard.h"
#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
  TruthSettings truth;
  std::vector<double> thresholds = {0.1, 0.3, 0.5, 0.7};
};

MaskScores score(const Options& options, double tau, TruthAndModel& both, bool say_missing) {
  FolderSource source(both.truth.images, options.truth.images, both.predictor->config());
  PoolScoringOptions scoring = scoring_options(options.truth);
  scoring.columns.boxmask = true;
  scoring.scoring.tau = tau;
  Progress progress(fmt::format("tau {}", tau), "images");
  scoring.progress = progress.callback();
  const select::ScoreHeader header =
      score_header(*both.predictor, "threshold", both.truth, scoring);
  MaskAccuracy accuracy(both.truth, header);
  if (say_missing && !accuracy.missing_classes().empty()) {
    log_warning(fmt::format("the truth has no class {}: boxes of that class are left out",
                            fmt::join(accuracy.missing_classes(), ", ")));
  }
  score_pool(
      *both.predictor,
      both.truth,
      source,
      scoring,
      [](const std::string&) { return true; },
      [&](const select::ScoreRow& row) { accuracy.add(row); });
  return accuracy.scores();
}

void run(const Options& options) {
  TruthAndModel both = open_truth(options.truth);
  const ModelAbilities abilities = abilities_of(*both.predictor);
  if (!abilities.boxes || !abilities.segmentation) {
    throw Error(Errc::kInvalidData,
                {.file = options.truth.model},
                "BoxMask needs a model with boxes and segmentation");
  }
  std::vector<std::pair<double, MaskScores>> rows;
  const std::set<double> thresholds(options.thresholds.begin(), options.thresholds.end());
  rows.reserve(thresholds.size());
  for (const double tau : thresholds)
    rows.emplace_back(tau, score(options, tau, both, rows.empty()));
  if (rows.front().second.boxes == 0) {
    log_warning("no box of the model has found an object with a shape; try a lower --min-score");
  }
  const fs::path folder = options.truth.output;
  write_file(folder / "threshold.csv", mask_csv(rows));
  write_file(folder / "threshold.md", mask_markdown(rows));
  fmt::print("{}", mask_markdown(rows));
  log_info(fmt::format("wrote {}: threshold.csv, threshold.md", folder.string()));
}

}  // namespace

void add_threshold(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_truth_options(app, options->truth);
  app.add_option("--tau", options->thresholds, "thresholds of the BoxMask")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.footer(
      "Example:\n  labelloom threshold --model run --truth val/coco.json --images val/images "
      "-o thresholds");
  app.callback([options] { with_torch_errors([&] { run(*options); }); });
}

}  // namespace labelloom::apps
