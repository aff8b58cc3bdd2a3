#include "apps/run_report.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/example_picture.h"
#include "apps/terminal.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

std::string size_text(Size size) { return fmt::format("{}x{}", size.width, size.height); }

std::string set_text(const TrainingSet& set) {
  const LabelCounts counts = count_labels(set.dataset);
  return fmt::format("{}: {} images, {} objects", set.file, counts.images, counts.objects);
}

RunReport::Facts facts_of(const TrainSettings& settings, const TrainingSets& sets) {
  const model::ModelConfig& config = sets.config;
  RunReport::Facts facts = {{"training set", set_text(sets.train)}};
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) facts.emplace_back(name, std::move(value));
  };
  if (sets.validation) add("validation set", set_text(*sets.validation));
  add("network", std::string(model::name_of(config.size)));
  add("input", size_text(config.input));
  if (config.heads.boxes) add("classes", fmt::format("{}", fmt::join(config.classes, ", ")));
  if (config.heads.segmentation) {
    add("classes of pixels", fmt::format("{}", fmt::join(config.seg_classes, ", ")));
  }
  if (config.heads.keypoints) add("key point slots", fmt::format("{}", config.keypoints.size()));
  add("epochs", fmt::format("{}", settings.epochs));
  add("batch", fmt::format("{}", settings.batch));
  add("learning rate", fmt::format("{}", settings.learning_rate));
  add("precision", settings.precision);
  add("seed", fmt::format("{}", settings.seed));
  add("weights to begin with", settings.init);
  add("augmentation",
      settings.pipeline.empty() ? std::string("the built-in pipeline") : settings.pipeline);
  return facts;
}

/// The column's last number.
std::optional<double> last_of(const model::Curves& curves, const std::string& name) {
  const auto found = std::ranges::find(curves.columns, name);
  if (found == curves.columns.end()) return std::nullopt;
  const auto column = static_cast<std::size_t>(found - curves.columns.begin());
  for (std::size_t row = curves.rows.size(); row-- > 0;) {
    if (curves.rows[row][column]) return curves.rows[row][column];
  }
  return std::nullopt;
}

RunReport::Facts results_of(const model::Curves& curves, const std::vector<std::string>& metrics) {
  RunReport::Facts results;
  for (const std::string& name : metrics) {
    if (const auto value = last_of(curves, name)) {
      results.emplace_back(name, fmt::format("{:.3f}", *value));
    }
  }
  if (const auto steps = last_of(curves, std::string(model::kStepColumn))) {
    results.emplace_back("steps", fmt::format("{:.0f}", *steps));
  }
  if (const auto seconds = last_of(curves, "seconds")) {
    results.emplace_back("time", duration(*seconds));
  }
  return results;
}

}  // namespace

RunReport::RunReport(const TrainSettings& settings,
                     const TrainingSets& sets,
                     std::vector<std::string> metrics,
                     Facts more_facts)
    : folder_{settings.run}, config_(sets.config), resumes_(settings.resume) {
  const std::filesystem::path run = std::filesystem::absolute(folder_.folder).lexically_normal();
  report_.title = (run.has_filename() ? run : run.parent_path()).filename().string();
  report_.metrics = std::move(metrics);
  report_.facts = facts_of(settings, sets);
  report_.facts.insert(report_.facts.end(), more_facts.begin(), more_facts.end());
}

void RunReport::add_example(const ValidationExample& example) {
  const std::string jpeg =
      example_jpeg(example.truth, example.found, example.segmentation, config_);
  report_.examples.push_back(
      {example.truth.image.name,
       jpeg_url({reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size()})});
}

void RunReport::write_if_due() {
  if (due_) write();
}

void RunReport::write_at_end() {
  const bool has_pictures = resumes_ && !report_.metrics.empty() && !validated_;
  if (!has_pictures || !std::filesystem::exists(folder_.report())) write();
}

void RunReport::write() {
  due_ = false;
  try {
    report_.curves = model::read_curves(folder_.curves());
    report_.results = results_of(report_.curves, report_.metrics);
    write_train_report(report_, folder_.report());
  } catch (const Error& error) {
    log_warning(fmt::format("the report is not written: {}", error.what()));
  }
}

}  // namespace labelloom::apps
