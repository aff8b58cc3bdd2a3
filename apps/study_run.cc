#include "apps/study_run.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "apps/stop_signal.h"
#include "apps/study_cell.h"
#include "apps/study_facts.h"
#include "apps/study_folder.h"
#include "apps/study_model.h"
#include "apps/study_pool.h"
#include "apps/study_tables.h"
#include "apps/terminal.h"
#include "apps/text_table.h"
#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Steps of all trainings of a study: what is done, and how long the rest takes.
class StudyClock {
 public:
  explicit StudyClock(std::size_t total) : total_(total) {}

  void skip(std::size_t steps) { skipped_ += steps; }
  void finish(std::size_t steps) { done_ += steps; }

  /// `now`: steps of the training that runs.
  void show(Progress& progress, const std::string& what, double now) const {
    const double done = static_cast<double>(done_) + now;
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const double left = static_cast<double>(total_ - skipped_ - done_) - now;
    std::string text = what;
    if (done > 0) text += fmt::format(", {} left", duration(seconds * std::max(0.0, left) / done));
    progress.show((static_cast<double>(skipped_) + done) / static_cast<double>(total_), text);
  }

 private:
  std::size_t total_;
  std::size_t skipped_ = 0;  // were done before this session
  std::size_t done_ = 0;
  Clock::time_point start_ = Clock::now();
};

class Study {
 public:
  explicit Study(const StudyOptions& options)
      : options_(options),
        model_(options.training, options.boxmask),
        counts_(labelled_counts(options.design, model_.keys().size())),
        tasks_(tasks_of(options, model_)),
        steps_(steps_of(options, model_)),
        reference_steps_(reference_steps_of(options, steps_)),
        pool_(pool_of(options, model_)),
        folder_(options.output, study_facts(options, model_.sets(), steps_, reference_steps_)),
        clock_(total_steps()) {
    for (std::size_t i = 0; i < model_.keys().size(); ++i) index_of_.emplace(model_.keys()[i], i);
  }

  void run() {
    describe();
    for (std::uint64_t seed = 0; seed < options_.seeds; ++seed) {
      run_reference(seed);
      run_start(seed);
      for (const StudyStrategy& strategy : options_.strategies) {
        run_strategy(strategy, seed);
        write_results(false);
      }
      if (!options_.keep_runs) fs::remove_all(start_run(seed));
    }
    write_results(true);
    std::error_code ignored;
    fs::remove(folder_.work(), ignored);  // if nothing is left in it
  }

  /// What is said when the user ended it.
  void stopped() {
    progress_.clear();
    write_results(false);
    log_warning("stopped; the same command goes on here");
  }

 private:
  using Indexes = std::vector<std::size_t>;

  static std::vector<std::string> tasks_of(const StudyOptions& options, const StudyModel& model) {
    const std::vector<std::string> there = model.metrics();
    const auto has = [&](const std::string& name) {
      return std::ranges::find(there, name) != there.end();
    };
    std::vector<std::string> tasks = options.tasks;
    if (tasks.empty()) {
      for (const char* name : {"mAP", "mIoU"}) {
        if (has(name)) tasks.emplace_back(name);
      }
    }
    for (const std::string& task : tasks) {
      if (has(task)) continue;
      throw Error(
          Errc::kArgument,
          {},
          fmt::format("--metrics {}: this network has no such metric", labelloom::quoted(task)));
    }
    if (tasks.empty()) {
      throw Error(Errc::kArgument, {}, "there is nothing to measure; see --heads and --metrics");
    }
    return tasks;
  }

  static std::size_t steps_of(const StudyOptions& options, const StudyModel& model) {
    if (options.steps > 0) return options.steps;
    return options.epochs * std::max<std::size_t>(1, model.keys().size() / options.training.batch);
  }

  static std::size_t reference_steps_of(const StudyOptions& options, std::size_t steps) {
    if (options.reference_steps > 0) return options.reference_steps;
    return options.go_on ? steps * static_cast<std::size_t>(options.design.rounds + 1) : steps;
  }

  static std::optional<PoolAttributes> pool_of(const StudyOptions& options,
                                               const StudyModel& model) {
    if (!options.pool_attributes) return std::nullopt;
    return PoolAttributes(model.sets().train.dataset, options.rare_class);
  }

  [[nodiscard]] std::size_t total_steps() const {
    const std::size_t chains =
        options_.strategies.size() * static_cast<std::size_t>(options_.design.rounds);
    return options_.seeds * (reference_steps_ + steps_ * (1 + chains));
  }

  void describe() const {
    log_info(fmt::format("{}, of which {} to {} are labelled in turn; {} to compare; {}",
                         counted(model_.keys().size(), "image"),
                         counts_.front(),
                         counts_.back(),
                         options_.strategies.size(),
                         counted(options_.seeds, "seed")));
    log_info(fmt::format("trainings of {} steps, with all labels {}", steps_, reference_steps_));
    if (!pool_) return;
    log_info(fmt::format("rare class {}: {} objects; {} images repeat another",
                         pool_->rare_class(),
                         pool_->rare_objects(),
                         pool_->duplicates()));
  }

  [[nodiscard]] Indexes start_of(std::uint64_t seed) const {
    return random_start(model_.keys(), counts_.front(), seed);
  }
  [[nodiscard]] fs::path work(const std::string& strategy, std::uint64_t seed) const {
    std::string name = strategy;
    std::ranges::replace(name, ':', '_');
    return folder_.work() / fmt::format("{}.seed{}", name, seed);
  }
  [[nodiscard]] fs::path start_run(std::uint64_t seed) const { return work(kStart, seed); }

  [[nodiscard]] std::string place(const std::string& what, std::uint64_t seed, int round) const {
    std::string text = fmt::format("seed {}/{}, {}", seed + 1, options_.seeds, what);
    if (round >= 0) text += fmt::format(", round {}/{}", round, options_.design.rounds);
    return text;
  }

  [[nodiscard]] fs::path train(const StudyTraining& training, const std::string& where) {
    fs::path weights = model_.train(training, [&](std::size_t step, std::size_t steps) {
      const double share = static_cast<double>(step) / static_cast<double>(steps);
      clock_.show(progress_,
                  fmt::format("{}: step {}/{}", where, step, steps),
                  share * static_cast<double>(training.steps));
      return StopSignal::requested();
    });
    clock_.finish(training.steps);
    return weights;
  }

  [[nodiscard]] StudyCell measured(const std::string& strategy,
                                   std::uint64_t seed,
                                   int round,
                                   const Indexes& labelled,
                                   const fs::path& weights) const {
    StudyCell cell;
    cell.strategy = strategy;
    cell.seed = seed;
    cell.round = round;
    cell.images = labelled.size();
    cell.metrics = model_.measure(weights).named();
    if (pool_) cell.pool = pool_->shares(labelled);
    if (StopSignal::requested()) throw StudyStopped{};
    return cell;
  }

  void run_reference(std::uint64_t seed) {
    const fs::path run = work(kReference, seed);
    if (folder_.find(kReference, seed, 0)) {
      if (!options_.keep_runs) fs::remove_all(run);  // of a run that was killed just then
      return clock_.skip(reference_steps_);
    }
    Indexes all(model_.keys().size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    const fs::path weights = train({all, seed, reference_steps_, run, {}}, place("all", seed, -1));
    folder_.write(measured(kReference, seed, 0, all, weights));
    if (!options_.keep_runs) fs::remove_all(run);
  }

  [[nodiscard]] bool is_done(const StudyStrategy& strategy, std::uint64_t seed) const {
    return folder_.find(strategy.label, seed, options_.design.rounds).has_value();
  }

  /// The model that all strategies of a seed begin with; made again if it is gone.
  void run_start(std::uint64_t seed) {
    const auto done = [&](const StudyStrategy& strategy) { return is_done(strategy, seed); };
    if (std::ranges::all_of(options_.strategies, done)) return clock_.skip(steps_);
    const fs::path run = start_run(seed);
    start_weights_ = train({start_of(seed), seed, steps_, run, {}}, place("start", seed, -1));
    start_cell_ = folder_.find(kStart, seed, 0);
    if (start_cell_) return;
    start_cell_ = measured(kStart, seed, 0, start_of(seed), start_weights_);
    folder_.write(*start_cell_);
  }

  void add(const StudyCell& cell, Indexes& labelled) const {
    for (const std::string& key : cell.chosen) {
      const auto found = index_of_.find(key);
      if (found == index_of_.end()) {
        throw Error(Errc::kInvalidData,
                    {.file = folder_.path().string()},
                    fmt::format("{} was chosen in round {} of {} and is not in the set",
                                labelloom::quoted(key),
                                cell.round,
                                cell.strategy));
      }
      labelled.push_back(found->second);
    }
    std::ranges::sort(labelled);
  }

  /// How many rounds are done; their images are added to `labelled`. If the model to go on with is
  /// gone, they are done again.
  [[nodiscard]] int rounds_done(const StudyStrategy& strategy,
                                std::uint64_t seed,
                                Indexes& labelled) const {
    int done = 0;
    while (done <= options_.design.rounds) {
      const auto cell = folder_.find(strategy.label, seed, done);
      if (!cell) break;
      add(*cell, labelled);
      ++done;
    }
    const bool goes_on = done > 1 && done <= options_.design.rounds && options_.go_on;
    if (!goes_on || fs::exists(weights_of(strategy, seed, done - 1))) return done;
    log_warning(fmt::format(
        "{}: the model of round {} is gone; its rounds are done again", strategy.label, done - 1));
    for (int round = done - 1; round >= 0; --round) folder_.remove(strategy.label, seed, round);
    fs::remove_all(scores_of(strategy, seed));  // those of a later round
    labelled = start_of(seed);
    return 0;
  }

  [[nodiscard]] fs::path scores_of(const StudyStrategy& strategy, std::uint64_t seed) const {
    return work(strategy.label, seed) / "scores";
  }
  [[nodiscard]] fs::path round_run(const StudyStrategy& strategy,
                                   std::uint64_t seed,
                                   int round) const {
    return work(strategy.label, seed) / fmt::format("round{}", round);
  }
  [[nodiscard]] fs::path weights_of(const StudyStrategy& strategy,
                                    std::uint64_t seed,
                                    int round) const {
    return round == 0 ? start_weights_ : round_run(strategy, seed, round) / "last.safetensors";
  }

  void run_strategy(const StudyStrategy& strategy, std::uint64_t seed) {
    const auto rounds = static_cast<std::size_t>(options_.design.rounds);
    if (is_done(strategy, seed)) {
      if (!options_.keep_runs) fs::remove_all(work(strategy.label, seed));
      return clock_.skip(rounds * steps_);
    }
    Indexes labelled = start_of(seed);
    const int done = rounds_done(strategy, seed, labelled);
    clock_.skip(static_cast<std::size_t>(std::max(0, done - 1)) * steps_);
    for (int round = done; round <= options_.design.rounds; ++round) {
      run_round(strategy, seed, round, labelled);
      if (!options_.keep_runs && round > 1) fs::remove_all(round_run(strategy, seed, round - 1));
    }
    if (!options_.keep_runs) fs::remove_all(work(strategy.label, seed));
  }

  void run_round(const StudyStrategy& strategy, std::uint64_t seed, int round, Indexes& labelled) {
    const std::string where = place(strategy.label, seed, round);
    StudyCell cell;
    if (round == 0) {
      cell = *start_cell_;
      cell.strategy = strategy.label;
    } else {
      const fs::path init = options_.go_on ? weights_of(strategy, seed, round - 1) : fs::path();
      const fs::path weights =
          train({labelled, seed, steps_, round_run(strategy, seed, round), init}, where);
      cell = measured(strategy.label, seed, round, labelled, weights);
    }
    if (round < options_.design.rounds) {
      clock_.show(progress_, where + ": choosing", 0);
      const auto next = static_cast<std::size_t>(round) + 1;
      const Indexes chosen = model_.choose({strategy,
                                            labelled,
                                            seed,
                                            round,
                                            counts_[next] - counts_[next - 1],
                                            weights_of(strategy, seed, round),
                                            scores_of(strategy, seed)},
                                           [] { return StopSignal::requested(); });
      for (const std::size_t index : chosen) cell.chosen.push_back(model_.keys()[index]);
      add(cell, labelled);
    }
    folder_.write(cell);
  }

  [[nodiscard]] StudyResults results() const {
    StudyResults results;
    results.images = model_.keys().size();
    results.tasks = tasks_;
    for (const StudyStrategy& strategy : options_.strategies) {
      results.strategies.push_back(strategy.label);
    }
    for (std::uint64_t seed = 0; seed < options_.seeds; ++seed) {
      if (auto cell = folder_.find(kReference, seed, 0)) results.references.push_back(*cell);
      for (const StudyStrategy& strategy : options_.strategies) {
        for (int round = 0; round <= options_.design.rounds; ++round) {
          if (auto cell = folder_.find(strategy.label, seed, round)) {
            results.cells.push_back(std::move(*cell));
          }
        }
      }
    }
    return results;
  }

  /// @param final what is wrong ends the study, else it is told at the end
  void write_results(bool final) {
    const StudyResults all = results();
    if (!final && (all.references.empty() || all.cells.empty())) return;
    try {
      const StudySummary summary = summarise(all);
      write_file(folder_.path() / "curves.csv", curves_csv(all, summary));
      write_file(folder_.path() / "curves.svg", curves_chart(all, summary));
      write_file(folder_.path() / "summary.json", summary_json(all, summary));
      const std::string text = summary_markdown(all, summary);
      write_file(folder_.path() / "summary.md", text);
      if (!final) return;
      progress_.clear();
      fmt::print("{}", text);
      log_info(fmt::format("wrote {}: curves.csv, curves.svg, summary.md, summary.json",
                           folder_.path().string()));
    } catch (const Error& error) {
      if (final || error.code() == Errc::kIo) throw;
    }
  }

  const StudyOptions& options_;
  StudyModel model_;
  std::vector<std::size_t> counts_;
  std::vector<std::string> tasks_;
  std::size_t steps_;
  std::size_t reference_steps_;
  std::optional<PoolAttributes> pool_;
  StudyFolder folder_;
  StudyClock clock_;
  std::unordered_map<std::string, std::size_t> index_of_;
  fs::path start_weights_;
  std::optional<StudyCell> start_cell_;
  Progress progress_{"", ""};
};

}  // namespace

bool run_study(const StudyOptions& options) {
  const StopSignal signal;
  Study study(options);
  try {
    study.run();
    return true;
  } catch (const StudyStopped&) {
    study.stopped();
    return false;
  }
}

}  // namespace labelloom::apps
