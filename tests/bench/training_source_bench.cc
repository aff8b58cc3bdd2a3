// Samples a second that training gets: training_source_bench COCO IMAGES [SIDE] [THREADS] [LABELS]

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <opencv2/core.hpp>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include "apps/training_pipeline.h"
#include "apps/training_source.h"
#include "formats/coco.h"

namespace {

using labelloom::apps::TrainingSource;

/// Loads all samples of some epochs; images/s by the clock and CPU milliseconds a sample.
void measure(TrainingSource& source, const char* what, std::uint64_t first, std::uint64_t epochs) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  const std::size_t count = source.count() * epochs;
  tbb::parallel_for(std::size_t{0}, count, [&](std::size_t i) {
    static_cast<void>(source.load(i % source.count(), first + i / source.count()));
  });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  const auto samples = static_cast<double>(count);
  fmt::print("{:<34} {:8.0f} samples/s {:8.2f} ms of CPU a sample\n",
             what,
             samples / seconds.count(),
             cpu_seconds / samples * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "training_source_bench COCO IMAGES [SIDE] [THREADS] [LABELS]\n");
    return 2;
  }
  const int side = argc > 3 ? std::atoi(argv[3]) : 128;
  const std::size_t threads = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 2;
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  cv::setNumThreads(1);
  labelloom::Report report;
  const labelloom::Dataset dataset = labelloom::read_coco(argv[1], {}, report);
  labelloom::apps::SetupOptions setup;
  setup.input = {side, side};
  const auto mapping = labelloom::apps::category_mapping(dataset.categories);
  const bool has_maps = argc > 5;
  const auto config =
      labelloom::apps::make_model_config(dataset, argv[1], has_maps ? &mapping : nullptr, setup);
  labelloom::apps::TrainingSourceOptions options{.file = argv[1], .images = argv[2]};
  if (has_maps) options.label_maps = argv[5];
  if (has_maps) options.mapping = &mapping;
  TrainingSource plain(dataset, config, options);
  measure(plain, "as they are, decoding", 0, 1);
  measure(plain, "as they are, decoded before", 0, 4);
  const auto pipeline = labelloom::apps::training_pipeline("", report);
  options.pipeline = &pipeline->pipeline;
  TrainingSource augmented(dataset, config, options);
  measure(augmented, "the built-in pipeline, decoding", 0, 1);
  measure(augmented, "the built-in pipeline, decoded", 1, 4);
  return 0;
}
