#include "apps/study_scoring.h"

#include <algorithm>
#include <thread>
#include <unordered_set>

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include "apps/boxmask_arguments.h"
#include "apps/dataset_io.h"
#include "apps/number_checks.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

unsigned processors() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace

void add_truth_options(CLI::App& app, TruthSettings& settings) {
  app.add_option("--model", settings.model, "a run's folder, or a model file with its manifest")
      ->type_name("RUN|FILE")
      ->required();
  app.add_option("--truth", settings.truth, "COCO file with the true labels")
      ->type_name("COCO.json")
      ->required();
  app.add_option("--images", settings.images, "folder of its pictures")
      ->type_name("DIR")
      ->required();
  app.add_option("-o,--output", settings.output, "folder for the results")
      ->type_name("DIR")
      ->required();
  app.add_option("--min-score", settings.min_score, "boxes below it play no part")
      ->check(in_range(0, 1))
      ->capture_default_str();
  add_boxmask_arguments(app, settings.boxmask);
  app.add_option("--batch", settings.batch, "pictures at a time")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--device", settings.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--workers", settings.workers, "threads that load pictures")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_option("--threads", settings.threads, "threads that compute, on the CPU")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
}

TruthAndModel open_truth(const TruthSettings& settings) {
  validate(settings.boxmask);
  at::set_num_threads(settings.threads > 0 ? settings.threads : static_cast<int>(processors()));
  TruthAndModel both;
  Report report;
  both.truth = read_coco_file(settings.truth, false, report);
  log_remarks(report);
  if (both.truth.images.empty()) {
    throw Error(Errc::kInvalidData, {.file = settings.truth}, "there is no image in it");
  }
  std::unordered_set<std::string> names;
  for (const Image& image : both.truth.images) {
    if (names.insert(image.file_name).second) continue;
    throw Error(Errc::kInvalidData,
                {.file = settings.truth},
                fmt::format("{} is there twice", labelloom::quoted(image.file_name)));
  }
  both.predictor = model::open_model(settings.model, model::parse_device(settings.device));
  return both;
}

PoolScoringOptions scoring_options(const TruthSettings& settings) {
  PoolScoringOptions options;
  options.window = settings.boxmask.window;
  options.scoring = settings.boxmask.scoring;
  options.decode.min_score = settings.min_score;
  options.batch = settings.batch;
  options.workers = settings.workers > 0 ? settings.workers : std::min(processors(), 16U);
  return options;
}

}  // namespace labelloom::apps
