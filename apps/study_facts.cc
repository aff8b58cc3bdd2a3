#include "apps/study_facts.h"

#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "formats/file_io.h"
#include "formats/fingerprint.h"
#include "formats/json_text.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;

/// Text that can stand in a JSON file.
std::string as_text(const std::string& text) {
  return json::is_utf8(text) ? text : fingerprint(text);
}

/// The last part of a folder's path: a study may go on elsewhere.
std::string folder_name(const std::string& path) {
  if (path.empty()) return {};
  fs::path folder = fs::absolute(path).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  return as_text(folder.filename().string());
}

/// What pixels of the label maps mean.
std::string meaning_of(const std::optional<LabelMapping>& mapping) {
  if (!mapping) return "-";
  std::string values;
  for (const int value : mapping->class_of_value) values += fmt::format("{} ", value);
  return fingerprint(values);
}

}  // namespace

StudyFacts study_facts(const StudyOptions& options,
                       const TrainingSets& sets,
                       std::size_t steps,
                       std::size_t reference_steps) {
  const TrainSettings& training = options.training;
  const model::ModelConfig& config = sets.config;
  std::string heads;
  if (config.heads.boxes) heads += "boxes ";
  if (config.heads.segmentation) heads += "segmentation ";
  if (config.heads.keypoints) heads += "keypoints ";
  std::string classes;
  for (const std::string& name : config.seg_classes)
    classes += fmt::format("{}{}", classes.empty() ? "" : ", ", name);
  const auto validation_or = [](const std::string& own, const std::string& other) {
    return folder_name(own.empty() ? other : own);
  };
  return {
      {"training set", fingerprint(InputFile(training.train).text())},
      {"validation set", fingerprint(InputFile(training.validation).text())},
      {"pictures", folder_name(training.images)},
      {"validation pictures", validation_or(training.validation_images, training.images)},
      {"labels of pixels", sets.mapping ? "maps" : "shapes"},
      {"label maps", folder_name(training.label_maps)},
      {"validation label maps", validation_or(training.validation_label_maps, training.label_maps)},
      {"values of label maps", meaning_of(sets.mapping)},
      {"classes of pixels", as_text(classes)},
      {"pipeline", sets.pipeline ? sets.pipeline->canonical : "none"},
      {"network", fmt::format("{} {}", training.size, heads)},
      {"input", fmt::format("{}x{}", config.input.width, config.input.height)},
      {"batch", fmt::format("{}", training.batch)},
      {"learning rate", fmt::format("{}", training.learning_rate)},
      {"precision", training.precision},
      {"steps", fmt::format("{}", steps)},
      {"steps with all labels", fmt::format("{}", reference_steps)},
      {"start", fmt::format("{}", options.design.start)},
      {"step", fmt::format("{}", options.design.step)},
      {"BoxMask", select::options_text(options.boxmask.window, options.boxmask.scoring)},
      {"rounds", fmt::format("{}", options.design.rounds)},
      {"a round begins with", options.go_on ? "the round before" : "random weights"},
      {"rare class", options.pool_attributes ? "counted " + options.rare_class : "-"}};
}

}  // namespace labelloom::apps
