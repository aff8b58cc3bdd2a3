#pragma once

// What `labelloom train` is told, and the sets it makes of it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/label_mapping.h"
#include "apps/training_source.h"
#include "augment/pipeline_file.h"
#include "formats/dataset.h"
#include "model/model_config.h"

namespace labelloom::apps {

struct TrainSettings {
  std::string train;
  std::string validation;  ///< empty: none
  std::string images;
  std::string validation_images;      ///< empty: as `images`
  std::string label_maps;             ///< a folder; empty or "polygons": labels come from shapes
  std::string validation_label_maps;  ///< empty: as `label_maps`
  std::string label_classes;          ///< file of the class map
  std::string run;
  std::string size = "small";
  std::string input = "512x512";
  std::vector<std::string> heads;
  std::string pipeline;  ///< a file, "none"; empty: the built-in one
  std::string init;
  std::string device = "auto";
  std::string precision = "fp32";
  std::size_t epochs = 50;
  std::size_t batch = 8;
  std::size_t validate_every = 0;  ///< epochs; 0: twenty times in all
  double learning_rate = 2e-3;
  std::uint64_t seed = 0;
  unsigned workers = 0;  ///< 0: as many as processors, at most kMostWorkers
  int threads = 0;       ///< of LibTorch; 0: as many as processors
  bool learn_task_weights = false;
  bool resume = false;
  bool dry_run = false;

  static constexpr unsigned kMostWorkers = 16;
};

/// Threads that load pictures.
[[nodiscard]] unsigned worker_count(const TrainSettings& settings);
/// Copies of the network that share each batch on the CPU.
[[nodiscard]] unsigned replica_count(const TrainSettings& settings);

/// A data set with what is read besides.
struct TrainingSet {
  std::string file;
  Dataset dataset;
  std::unique_ptr<TrainingSource> source;
};

/// Everything that is known before there is a network. Members refer to each other: it stays where
/// it is.
struct TrainingSets {
  std::optional<LabelMapping> mapping;
  std::optional<augment::PipelineFile> pipeline;
  model::ModelConfig config;
  TrainingSet train;
  std::optional<TrainingSet> validation;

  TrainingSets() = default;
  TrainingSets(const TrainingSets&) = delete;
  TrainingSets& operator=(const TrainingSets&) = delete;
};

/// "512x384" @throws Error(kArgument) for anything else.
[[nodiscard]] Size parse_size(const std::string& option, const std::string& text);

/// How pictures and labels of the training set (or the validation set) are read; `sets` must
/// outlive what is made with it.
[[nodiscard]] TrainingSourceOptions source_options(const TrainSettings& settings,
                                                   const TrainingSets& sets,
                                                   bool validation);

/// Reads the sets and checks every file that training will need.
/// @throws Error naming the first thing that is missing or does not fit.
[[nodiscard]] std::unique_ptr<TrainingSets> read_training_sets(const TrainSettings& settings);

}  // namespace labelloom::apps
