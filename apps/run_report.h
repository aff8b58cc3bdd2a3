#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/train_report.h"
#include "apps/train_setup.h"
#include "apps/validation.h"
#include "model/run_folder.h"

namespace labelloom::apps {

/// Keeps report.html of a run up to date: curves.csv as plots, the last validation's pictures, the
/// settings. Everything it is given must outlive it.
class RunReport {
 public:
  using Facts = std::vector<std::pair<std::string, std::string>>;

  /// @param metrics columns of curves.csv that validation measures
  RunReport(const TrainSettings& settings,
            const TrainingSets& sets,
            std::vector<std::string> metrics,
            Facts more_facts);

  /// A validation begins: the pictures of the one before are forgotten.
  void forget_examples() { report_.examples.clear(); }
  void add_example(const ValidationExample& example);
  /// A validation is over; its row is in curves.csv after the step.
  void validated() { due_ = validated_ = true; }

  /// Writes the page if there was a validation since the last time.
  void write_if_due();
  /// Writes the page at the end of a session. One that went on with a run and ended before a
  /// validation leaves the page of the session before, which has pictures.
  void write_at_end();

 private:
  /// One that cannot be written is a warning: the run is worth more.
  void write();

  model::RunFolder folder_;
  const model::ModelConfig& config_;
  TrainReport report_;
  bool resumes_;
  bool validated_ = false;  // in this session
  bool due_ = false;
};

}  // namespace labelloom::apps
