#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/boxmask_arguments.h"
#include "apps/correlation_report.h"
#include "apps/image_source.h"
#include "apps/label_mapping.h"
#include "apps/number_checks.h"
#include "apps/stop_signal.h"
#include "apps/study_commands.h"
#include "apps/study_design.h"
#include "apps/study_scoring.h"
#include "apps/terminal.h"
#include "apps/torch_guard.h"
#include "apps/true_losses.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "model/losses.h"
#include "select/boxmask_options.h"
#include "select/score_pool.h"
#include "select/score_shard.h"
#include "select/strategy.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
  TruthSettings truth;
  std::vector<std::string> strategies;
  std::string label_maps;
  std::string label_classes;
  std::uint64_t seed = 0;
  std::size_t resamples = 1000;
};

struct Stopped {};

std::optional<LabelMapping> mapping_of(const Options& options, const TruthAndModel& both) {
  if (options.label_maps.empty()) return std::nullopt;
  LabelMapping mapping = options.label_classes.empty() ? category_mapping(both.truth.categories)
                                                       : read_label_mapping(options.label_classes);
  if (mapping.classes != both.predictor->config().seg_classes) {
    throw Error(Errc::kInvalidData,
                {.file = mapping.source},
                "the classes of the label maps are not the model's classes of pixels");
  }
  return mapping;
}

std::vector<NamedValues> losses_of(const Options& options, TruthAndModel& both) {
  const std::optional<LabelMapping> mapping = mapping_of(options, both);
  TrainingSourceOptions source_options;
  source_options.file = options.truth.truth;
  source_options.images = options.truth.images;
  if (mapping) {
    source_options.mapping = &*mapping;
    source_options.label_maps = options.label_maps;
  }
  TrainingSource source(both.truth, both.predictor->config(), std::move(source_options));
  source.check();
  Progress progress("true losses", "images");
  TrueLossOptions loss_options;
  loss_options.batch = options.truth.batch;
  loss_options.workers = scoring_options(options.truth).workers;
  loss_options.progress = [&](std::size_t done, std::size_t total) {
    progress.update(done, total);
    if (StopSignal::requested()) throw Stopped{};
  };
  std::vector<NamedValues> losses = {{"boxes", {}}, {"segmentation", {}}, {"key points", {}}};
  for (const auto& values : true_losses(*both.predictor, source, loss_options)) {
    for (std::size_t task = 0; task < values.size(); ++task)
      losses[task].second.push_back(values[task]);
  }
  return with_sum(std::move(losses), model::LossOptions{}.weights);  // as the trainer adds them
}

/// What is scored; of all strategies those that others are made of by turns are left out.
std::vector<StudyStrategy> wanted_strategies(const Options& options,
                                             const std::vector<LeftOut>& left_out) {
  std::vector<StudyStrategy> wanted;
  for (const std::string& name : options.strategies) wanted.push_back(parse_study_strategy(name));
  if (!wanted.empty()) return wanted;
  for (const select::Strategy& strategy : select::strategies()) {
    const std::string name(strategy.name);
    const bool lacks = std::ranges::find(left_out, name, &LeftOut::strategy) != left_out.end();
    if (lacks || name == "alternation" || name == "ll4al-turns") continue;
    wanted.push_back(parse_study_strategy(name));
    if (name != "boxmask") continue;
    wanted.push_back(parse_study_strategy("boxmask:robust"));
    wanted.push_back(parse_study_strategy("boxmask:rank"));
  }
  return wanted;
}

/// What has to be known of the pictures.
ScoreColumns wanted_columns(const Options& options,
                            TruthAndModel& both,
                            std::vector<LeftOut>& left_out) {
  std::vector<std::string> names;
  for (const std::string& text : options.strategies) {
    names.push_back(parse_study_strategy(text).name);
  }
  if (names.empty()) names = {"all"};
  return columns_for(names, abilities_of(*both.predictor), left_out);
}

/// Scores into the folder, as `labelloom score` would: a run that was stopped goes on.
void score(const Options& options,
           const ScoreColumns& columns,
           const fs::path& folder,
           TruthAndModel& both) {
  PoolScoringOptions scoring = scoring_options(options.truth);
  scoring.columns = columns;
  scoring.seed = options.seed;
  scoring.shapes = false;
  FolderSource source(both.truth.images, options.truth.images, both.predictor->config());
  Progress progress("scores", "images");
  scoring.progress = progress.callback();
  select::ScoreShardWriter writer(folder,
                                  score_header(*both.predictor, "correlate", both.truth, scoring));
  if (writer.finished()) return;
  score_pool(
      *both.predictor,
      both.truth,
      source,
      scoring,
      [&](const std::string& key) { return !writer.has(key); },
      [&](const select::ScoreRow& row) {
        if (StopSignal::requested()) throw Stopped{};
        writer.add(row);
      });
  writer.finish();
}

/// A strategy's scores by key, in the order of `index_of`; nothing if it picks instead of scoring.
std::optional<std::vector<double>> scores_of(
    const StudyStrategy& strategy,
    const select::ScorePool& pool,
    const Options& options,
    const std::unordered_map<std::string, std::size_t>& index_of) {
  const select::TableOptions table_options =
      select::table_options(strategy.name, select::combine_preset(strategy.combine));
  const select::PoolTable table = read_table(pool, table_options);
  select::RankOptions rank_options;
  rank_options.combine = table_options.combine;
  rank_options.seed = options.seed;
  rank_options.budget = std::max<std::size_t>(1, table.images.size() / 10);
  const select::Ranking ranking = rank(strategy.name, table, rank_options);
  if (ranking.points) return std::nullopt;
  std::vector<double> values(table.images.size());
  for (std::size_t i = 0; i < table.images.size(); ++i) {
    values[index_of.at(table.images[i].key)] = ranking.scores[i];
  }
  return values;
}

void run(const Options& options) {
  const StopSignal signal;
  const fs::path folder = options.truth.output;
  TruthAndModel both = open_truth(options.truth);
  std::vector<LeftOut> left_out;
  const ScoreColumns columns = wanted_columns(options, both, left_out);
  for (const LeftOut& one : left_out) {
    log_info(fmt::format("{} is left out: the model lacks {}", one.strategy, one.lacks));
  }
  CorrelationInput input;
  input.losses = losses_of(options, both);
  std::unordered_map<std::string, std::size_t> index_of;
  for (const Image& image : both.truth.images) {
    index_of.emplace(image.file_name, input.keys.size());
    input.keys.push_back(image.file_name);
  }
  score(options, columns, folder / "scores", both);
  const select::ScorePool pool(folder / "scores");
  for (const StudyStrategy& strategy : wanted_strategies(options, left_out)) {
    auto values = scores_of(strategy, pool, options, index_of);
    if (values) {
      input.scores.emplace_back(strategy.label, std::move(*values));
    } else if (!options.strategies.empty()) {
      log_warning(
          fmt::format("{} is left out: it picks one image after the other and gives none a score",
                      strategy.label));
    }
  }
  if (input.scores.empty())
    throw Error(Errc::kArgument, {}, "none of the strategies gives images a score to correlate");
  const auto rows = correlations(input, {.resamples = options.resamples, .seed = options.seed});
  write_file(folder / "correlation.csv", correlation_csv(input, rows));
  write_file(folder / "images.csv", image_csv(input));
  write_file(folder / "correlation.svg", correlation_chart(input, rows));
  write_file(folder / "correlation.md", correlation_markdown(input, rows));
  fmt::print("{}", correlation_markdown(input, rows));
  log_info(
      fmt::format("wrote {}: correlation.csv, correlation.md, correlation.svg, images.csv, scores/",
                  folder.string()));
}

void run_until_stopped(const Options& options) {
  try {
    run(options);
  } catch (const Stopped&) {
    log_warning("stopped; the same command goes on here");
    throw CLI::RuntimeError(StopSignal::exit_status());
  }
}

}  // namespace

void add_correlate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_truth_options(app, options->truth);
  add_tau_argument(app, options->truth.boxmask);
  app.add_option("--strategies",
                 options->strategies,
                 "as `labelloom simulate` has them; all that score if not given")
      ->type_name("LIST")
      ->delimiter(',');
  app.add_option(
         "--seg", options->label_maps, "folder of label maps; shapes of the truth if not given")
      ->type_name("DIR");
  app.add_option("--seg-classes", options->label_classes, "what label maps mean")
      ->type_name("FILE");
  app.add_option("--seed", options->seed, "of the bootstrap and of what is random in strategies")
      ->check(not_negative())
      ->capture_default_str();
  app.add_option("--resamples", options->resamples, "of the bootstrap")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  app.footer(
      "The picture's losses are those of the training, without augmentation.\n"
      "Example:\n  labelloom correlate --model run --truth pool/coco.json --images pool/images "
      "-o correlation");
  app.callback([options] { with_torch_errors([&] { run_until_stopped(*options); }); });
}

}  // namespace labelloom::apps
