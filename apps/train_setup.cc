#include "apps/train_setup.h"

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "apps/dataset_io.h"
#include "apps/model_setup.h"
#include "apps/terminal.h"
#include "apps/training_pipeline.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

constexpr const char* kFromShapes = "polygons";

Dataset read_set(const std::string& file) {
  Report report;
  Dataset dataset = read_coco_file(file, false, report);
  std::uint64_t remarks = 0;
  for (const Report::Kind& kind : report.kinds()) remarks += kind.count;
  if (remarks > 0) {
    log_warning(
        fmt::format("{} remarks on {}; `labelloom validate` says what they are", remarks, file));
  }
  return dataset;
}

bool has_label_maps(const TrainSettings& settings) {
  return !settings.label_maps.empty() && settings.label_maps != kFromShapes;
}

std::optional<LabelMapping> mapping_of(const TrainSettings& settings, const Dataset& dataset) {
  if (has_label_maps(settings)) {
    return settings.label_classes.empty() ? category_mapping(dataset.categories)
                                          : read_label_mapping(settings.label_classes);
  }
  if (!settings.validation_label_maps.empty()) {
    throw Error(Errc::kArgument, {}, "--val-seg is for label maps; name those of --train by --seg");
  }
  if (!settings.label_classes.empty()) {
    throw Error(Errc::kArgument, {}, "--seg-classes is for label maps; name their folder by --seg");
  }
  return std::nullopt;
}

const std::string& first_of(const std::string& one, const std::string& other) {
  return one.empty() ? other : one;
}

void open_source(TrainingSet& set,
                 const model::ModelConfig& config,
                 TrainingSourceOptions options) {
  set.source = std::make_unique<TrainingSource>(set.dataset, config, std::move(options));
  set.source->check();
}

}  // namespace

unsigned worker_count(const TrainSettings& settings) {
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  return settings.workers > 0 ? settings.workers
                              : std::min(processors, TrainSettings::kMostWorkers);
}

unsigned replica_count(const TrainSettings& settings) {
  // A part of fewer pictures would make batch norms' statistics poor.
  constexpr std::size_t kLeastPart = 4;
  const std::size_t threads = settings.threads > 0 ? static_cast<std::size_t>(settings.threads)
                                                   : std::thread::hardware_concurrency();
  return static_cast<unsigned>(
      std::clamp<std::size_t>(settings.batch / kLeastPart, 1, std::max<std::size_t>(1, threads)));
}

TrainingSourceOptions source_options(const TrainSettings& settings,
                                     const TrainingSets& sets,
                                     bool validation) {
  TrainingSourceOptions options;
  options.file = validation ? settings.validation : settings.train;
  options.images =
      validation ? first_of(settings.validation_images, settings.images) : settings.images;
  options.seed = settings.seed;
  if (sets.mapping) {
    options.mapping = &*sets.mapping;
    options.label_maps = validation ? first_of(settings.validation_label_maps, settings.label_maps)
                                    : settings.label_maps;
  }
  if (sets.pipeline && !validation) options.pipeline = &sets.pipeline->pipeline;
  return options;
}

Size parse_size(const std::string& option, const std::string& text) {
  Size size;
  char rest = 0;
  constexpr int kLargest = 8192;
  if (std::sscanf(text.c_str(), "%5dx%5d%c", &size.width, &size.height, &rest) != 2 ||
      size.width < 1 || size.height < 1 || size.width > kLargest || size.height > kLargest) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("{} {}: expected width x height, e.g. 512x384, up to {}",
                            option,
                            labelloom::quoted(text),
                            kLargest));
  }
  return size;
}

std::unique_ptr<TrainingSets> read_training_sets(const TrainSettings& settings) {
  auto sets = std::make_unique<TrainingSets>();
  Report report;
  sets->pipeline = training_pipeline(settings.pipeline, report);
  log_remarks(report);
  SetupOptions setup;
  setup.size = model::network_size(settings.size);
  setup.input = parse_size("--input", settings.input);
  setup.heads = settings.heads;
  sets->train.file = settings.train;
  sets->train.dataset = read_set(settings.train);
  sets->mapping = mapping_of(settings, sets->train.dataset);
  sets->config = make_model_config(
      sets->train.dataset, settings.train, sets->mapping ? &*sets->mapping : nullptr, setup);
  model::validate(sets->config);
  if (sets->config.input != setup.input) {
    log_info(fmt::format("the network's input is {}x{}: sides are multiples of {}",
                         sets->config.input.width,
                         sets->config.input.height,
                         model::ModelConfig::kStride));
  }
  open_source(sets->train, sets->config, source_options(settings, *sets, false));
  if (!settings.validation.empty()) {
    TrainingSet& validation = sets->validation.emplace();
    validation.file = settings.validation;
    validation.dataset = read_set(settings.validation);
    open_source(validation, sets->config, source_options(settings, *sets, true));
    std::optional<bool> maps_say_something;
    if (sets->mapping) maps_say_something = validation.source->has_mapped_pixel();
    require_measurable(validation.dataset, settings.validation, sets->config, maps_say_something);
  }
  return sets;
}

}  // namespace labelloom::apps
