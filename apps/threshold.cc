#include <filesystem>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/image_source.h"
#include "apps/mask_accuracy.h"
#include "apps/number_checks.h"
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

std::vector<std::pair<double, MaskScores>> score(const Options& options, TruthAndModel& both) {
  FolderSource source(both.truth.images, options.truth.images, both.predictor->config());
  PoolScoringOptions scoring = scoring_options(options.truth);
  scoring.columns.boxmask = true;
  const std::set<double> thresholds(options.thresholds.begin(), options.thresholds.end());
  scoring.taus.assign(thresholds.begin(), thresholds.end());
  Progress progress("thresholds", "images");
  scoring.progress = progress.callback();
  const select::ScoreHeader header =
      score_header(*both.predictor, "threshold", both.truth, scoring);
  std::vector<MaskAccuracy> accuracies;
  for (std::size_t i = 0; i < scoring.taus.size(); ++i) accuracies.emplace_back(both.truth, header);
  if (!accuracies.front().missing_classes().empty()) {
    log_warning(fmt::format("the truth has no class {}: boxes of that class are left out",
                            fmt::join(accuracies.front().missing_classes(), ", ")));
  }
  std::size_t rows = 0;
  score_pool(
      *both.predictor,
      both.truth,
      source,
      scoring,
      [](const std::string&) { return true; },
      [&](const select::ScoreRow& row) { accuracies[rows++ % accuracies.size()].add(row); });
  std::vector<std::pair<double, MaskScores>> scores;
  for (std::size_t i = 0; i < accuracies.size(); ++i)
    scores.emplace_back(scoring.taus[i], accuracies[i].scores());
  return scores;
}

void run(const Options& options) {
  TruthAndModel both = open_truth(options.truth);
  const ModelAbilities abilities = abilities_of(*both.predictor);
  if (!abilities.boxes || !abilities.segmentation) {
    throw Error(Errc::kInvalidData,
                {.file = options.truth.model},
                "BoxMask needs a model with boxes and segmentation");
  }
  const std::vector<std::pair<double, MaskScores>> rows = score(options, both);
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
      ->check(in_range_below(0, 1))
      ->capture_default_str();
  app.footer(
      "Example:\n  labelloom threshold --model run --truth val/coco.json --images val/images "
      "-o thresholds");
  app.callback([options] { with_torch_errors([&] { run(*options); }); });
}

}  // namespace labelloom::apps
