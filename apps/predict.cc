#include "apps/predict.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <torch/torch.h>

#include "apps/dataset_io.h"
#include "apps/detections.h"
#include "apps/image_source.h"
#include "apps/number_checks.h"
#include "apps/picture_pool.h"
#include "apps/prediction_run.h"
#include "apps/terminal.h"
#include "apps/text_table.h"
#include "apps/torch_guard.h"
#include "formats/coco_results.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model;
  std::string images;      // a folder or a COCO file
  std::string images_dir;  // of a COCO file's pictures; its own folder if not given
  std::string output;
  std::string device = "auto";
  std::string precision = "fp32";
  std::string keypoint_origin;
  double min_score = 0.3;
  std::size_t batch = 8;
  unsigned workers = 0;
  int threads = 0;
  bool no_segmentation = false;
  bool benchmark = false;
};

unsigned processors() { return std::max(1U, std::thread::hardware_concurrency()); }

/// Ids of the model's classes in the set that was given; counted from 1 where it has no categories.
/// @throws Error(kInvalidData) naming a class that is not one of its categories.
std::vector<std::int64_t> ids_of_classes(const Dataset& pictures,
                                         const model::ModelConfig& config,
                                         const std::string& file) {
  if (!pictures.categories.empty()) {
    try {
      return category_ids(pictures.categories, config);
    } catch (const Error& error) {
      throw Error(error.code(), {.file = file}, error.message());
    }
  }
  std::vector<std::int64_t> ids(config.classes.size());
  std::iota(ids.begin(), ids.end(), std::int64_t{1});
  return ids;
}

/// What was found as COCO's tools want it: with the ids of the set that was given.
std::vector<labelloom::Detection> results_of(const Dataset& predictions,
                                             const Dataset& pictures,
                                             const std::vector<std::int64_t>& ids) {
  std::vector<labelloom::Detection> results;
  for (const Instance& instance : predictions.instances) {
    labelloom::Detection result;  // pictures are numbered from 1 in their order, classes likewise
    result.image_id = pictures.images[static_cast<std::size_t>(instance.image_id - 1)].id;
    result.category_id = ids[static_cast<std::size_t>(instance.category_id - 1)];
    result.score = instance.extra->score.value_or(0);
    result.bbox = instance.bbox;
    result.area = instance.area;
    result.mask = instance.extra->mask;
    for (const Keypoint& keypoint : instance.keypoints) {
      const bool found = keypoint.visibility != Visibility::kAbsent;
      result.keypoints.push_back({keypoint.point, found ? 1.0 : 0.0});
    }
    results.push_back(std::move(result));
  }
  return results;
}

void print_benchmark(const PredictionRunTimes& run, const PredictionRunTimes& bare) {
  const auto per_image = [](double seconds, const PredictionRunTimes& of) {
    return fmt::format("{:.1f}", 1000 * seconds / static_cast<double>(of.images));
  };
  const auto rate = [](const PredictionRunTimes& of) {
    return static_cast<double>(of.images) / of.seconds;
  };
  TextTable table({"", "images/s", "processor ms/image"});
  table.add({"forward pass alone",
             fmt::format("{:.1f}", rate(bare)),
             per_image(bare.computing_seconds, bare)});
  table.add({"from files to files",
             fmt::format("{:.1f}", rate(run)),
             per_image(run.loading_seconds + run.computing_seconds + run.finishing_seconds, run)});
  table.add({"  loading", "", per_image(run.loading_seconds, run)});
  table.add({"  forward pass", "", per_image(run.computing_seconds, run)});
  table.add({"  objects, masks, files", "", per_image(run.finishing_seconds, run)});
  table.add({"share", fmt::format("{:.1f} %", 100 * rate(run) / rate(bare)), ""});
  fmt::print("{}", table.text());
}

KeypointOrigin origin_of_results(const Options& options, const Dataset& pictures) {
  if (options.keypoint_origin.empty()) return pictures.keypoint_origin;
  return options.keypoint_origin == "continuous" ? KeypointOrigin::kContinuous
                                                 : KeypointOrigin::kPixelCentre;
}

/// What an earlier run left would look like this one's results until they are there.
void remove_old_results(const PredictionFolder& folder) {
  for (const fs::path& file : {folder.dataset(), folder.results()}) {
    std::error_code error;
    fs::remove(file, error);
    if (error) throw Error(Errc::kIo, {.file = file.string()}, error.message());
  }
}

void run(const Options& options) {
  const PredictionFolder output{options.output};
  for (const fs::path& file : {output.dataset(), output.results()}) {
    refuse_same_file(options.images, file);
  }
  const torch::Device device = model::parse_device(options.device);
  torch::set_num_threads(options.threads > 0 ? options.threads : static_cast<int>(processors()));
  warn_of_slow_bfloat16(options.precision, device);
  const auto predictor = model::open_model(
      options.model,
      device,
      options.precision == "bf16" ? model::Precision::kBfloat16 : model::Precision::kFloat32);
  const PicturePool pool = read_pictures(options.images, options.images_dir);
  const Dataset& pictures = pool.dataset;
  if (pictures.images.empty())
    throw Error(Errc::kInvalidData, {.file = options.images}, "there is no image in it");
  const std::vector<std::int64_t> ids =
      ids_of_classes(pictures, predictor->config(), options.images);
  FolderSource source(pictures.images, pool.folder, predictor->config());
  source.check();
  const bool writes_label_maps = predictor->config().heads.segmentation && !options.no_segmentation;
  if (writes_label_maps) require_own_label_maps(pictures.images);
  std::optional<PredictionRunTimes> bare;
  constexpr double kBenchmarkSeconds = 5;
  if (options.benchmark) {
    bare = bare_forward_pass(*predictor, source, options.batch, kBenchmarkSeconds);
  }
  remove_old_results(output);
  PredictionWriter writer(
      output.folder, predictor->config(), {.segmentation = !options.no_segmentation});
  PredictionRunTimes times;
  {
    Progress progress("predicting", "images");
    PredictionRunOptions run_options;
    run_options.batch = options.batch;
    run_options.workers = options.workers > 0 ? options.workers : std::min(processors(), 16U);
    run_options.decode.min_score = options.min_score;
    run_options.progress = progress.callback();
    times = run_predictions(*predictor, source, writer, run_options);
  }
  write_coco_results(results_of(writer.dataset(), pictures, ids),
                     output.results(),
                     {.boxes = true, .keypoint_origin = origin_of_results(options, pictures)});
  writer.finish();  // last: it says that the rest is there
  log_info(fmt::format("{} in {:.1f} s, {:.1f} images/s; wrote {}: {}",
                       counted(times.images, "image"),
                       times.seconds,
                       static_cast<double>(times.images) / times.seconds,
                       options.output,
                       counted(writer.dataset().instances.size(), "object")));
  if (bare) print_benchmark(times, *bare);
}

}  // namespace

void add_predict(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--model", options->model, "a run's folder, or a model file with its manifest")
      ->type_name("RUN|FILE")
      ->required();
  app.add_option("--images", options->images, "folder of pictures, or a COCO file that names them")
      ->type_name("DIR|COCO.json")
      ->required();
  app.add_option("--images-dir",
                 options->images_dir,
                 "the COCO file's pictures; its own folder if not given")
      ->type_name("DIR");
  app.add_option("-o,--output",
                 options->output,
                 "folder for coco.json (a data set with scores), results.json (COCO's results) and "
                 "segmentation/")
      ->type_name("DIR")
      ->required();
  app.add_option("--keypoint-origin",
                 options->keypoint_origin,
                 "how results.json counts key points; as the COCO file does without this, and "
                 "continuous if it has none")
      ->check(CLI::IsMember({"continuous", "pixel-centre"}));
  app.add_option("--min-score", options->min_score, "objects below it are left out")
      ->check(in_range(0, 1))
      ->capture_default_str();
  app.add_option("--batch", options->batch, "pictures at a time, on a GPU")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--device", options->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--precision", options->precision, "of the network's numbers")
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->capture_default_str();
  app.add_option("--workers", options->workers, "threads that load pictures")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_option("--threads", options->threads, "threads that compute, on the CPU")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_flag("--no-segmentation", options->no_segmentation, "write no label maps");
  app.add_flag("--benchmark", options->benchmark, "compare with the forward pass alone");
  app.footer(
      "Example:\n  labelloom predict --model run --images photos -o predictions\n"
      "  labelloom view predictions/coco.json --images photos -o gallery");
  app.callback([options] { with_torch_errors([&] { run(*options); }); });
}

}  // namespace labelloom::apps
