#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <torch/torch.h>

#include "apps/boxmask_arguments.h"
#include "apps/image_source.h"
#include "apps/model_commands.h"
#include "apps/number_checks.h"
#include "apps/picture_pool.h"
#include "apps/pool_scorer.h"
#include "apps/terminal.h"
#include "apps/text_table.h"
#include "apps/torch_guard.h"
#include "formats/error.h"
#include "select/boxmask_options.h"
#include "select/score_shard.h"

namespace labelloom::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model;
  std::string images;      // a folder or a COCO file
  std::string images_dir;  // of a COCO file's pictures
  std::string pool;        // a COCO file whose pictures are in `images`
  std::string output;
  std::vector<std::string> strategies{"boxmask"};
  std::string preset = "paper";
  std::string shard = "1/1";
  std::string device = "auto";
  std::string precision = "fp32";
  select::BoxMaskOptions boxmask;
  PoolScoringOptions scoring;
  unsigned workers = 0;
  int threads = 0;
  bool no_shapes = false;
};

unsigned processors() { return std::max(1U, std::thread::hardware_concurrency()); }

struct Shard {
  int index = 0;  ///< 0-based
  int count = 1;
};

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, shard.index);
  if (error == std::errc{} && slash != end && *slash == '/') {
    const auto [stop, second] = std::from_chars(slash + 1, end, shard.count);
    const bool is_valid = second == std::errc{} && stop == end && shard.count >= 1 &&
                          shard.index >= 1 && shard.index <= shard.count;
    if (is_valid) return {shard.index - 1, shard.count};
  }
  throw Error(Errc::kArgument,
              {},
              fmt::format("shard {}: expected i/n, like 1/4 to 4/4", labelloom::quoted(text)));
}

PicturePool read_pool(const Options& options) {
  if (options.pool.empty()) return read_pictures(options.images, options.images_dir);
  std::error_code code;
  if (!fs::is_directory(options.images, code)) {
    throw Error(Errc::kArgument,
                {.file = options.images},
                "with --pool, --images is the folder of the pool's pictures");
  }
  return read_pictures(options.pool, options.images);
}

/// "run@3f9a1c".
std::string model_name(const std::string& model, const std::string& fingerprint) {
  const fs::path path = fs::absolute(model).lexically_normal();
  const fs::path last = path.has_filename() ? path : path.parent_path();
  std::error_code code;
  const fs::path name = fs::is_directory(last, code) ? last.filename() : last.stem();
  return fmt::format("{}@{}", name.string(), fingerprint.substr(0, 6));
}

void say_left_out(const std::vector<LeftOut>& left_out) {
  if (left_out.empty()) return;
  std::string text;
  for (const LeftOut& one : left_out)
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", one.strategy, one.lacks);
  log_warning(fmt::format("left out, for what the model does not have: {}", text));
}

void say_result(const PoolScoringTimes& times,
                const Options& options,
                const fs::path& file,
                std::size_t resumed) {
  if (times.not_finite > 0) {
    log_warning(fmt::format("the model's outputs are not numbers for {}: they come last",
                            counted(times.not_finite, "image")));
  }
  if (times.unreadable > 0)
    log_warning(fmt::format("{} cannot be read: they are never selected",
                            counted(times.unreadable, "image")));
  const std::string before =
      resumed > 0 ? fmt::format(", {} were scored already", counted(resumed, "image")) : "";
  log_info(fmt::format("{} in {:.1f} s, {:.1f} images/s, {}{}; wrote {}",
                       counted(times.images, "image"),
                       times.seconds,
                       static_cast<double>(times.images) / std::max(times.seconds, 1e-9),
                       counted(times.crops, "crop"),
                       before,
                       (fs::path(options.output) / file).string()));
}

void run(Options options) {
  const Shard shard = parse_shard(options.shard);
  PoolScoringOptions& scoring = options.scoring;
  validate(options.boxmask);
  scoring.window = options.boxmask.window;
  scoring.scoring = options.boxmask.scoring;
  const torch::Device device = model::parse_device(options.device);
  torch::set_num_threads(options.threads > 0 ? options.threads : static_cast<int>(processors()));
  if (options.precision == "bf16") scoring.precision = model::Precision::kBfloat16;
  warn_of_slow_bfloat16(options.precision, device);
  const auto predictor = model::open_model(options.model, device, scoring.precision);
  std::vector<LeftOut> left_out;
  scoring.columns = columns_for(options.strategies, abilities_of(*predictor), left_out);
  say_left_out(left_out);

  const PicturePool pool = read_pool(options);
  FolderSource source(pool.dataset.images, pool.folder, predictor->config());
  if (!scoring.skip_bad) source.check();
  scoring.has_ids = pool.is_coco;
  scoring.shapes = !options.no_shapes;
  scoring.workers = options.workers > 0 ? options.workers : std::min(processors(), 16U);
  scoring.row_workers = std::min(processors(), 16U);
  scoring.bad = [](const std::string& message) { log_warning(message); };
  select::ScoreHeader header = score_header(
      *predictor, model_name(options.model, predictor->fingerprint()), pool.dataset, scoring);
  header.shard = shard.index;
  header.shards = shard.count;
  header.combine = options.preset;
  select::ScoreShardWriter writer(options.output, header);
  const fs::path file = select::shard_file_name(shard.index, shard.count);
  if (writer.finished()) {
    log_info(fmt::format("{} is finished already", (fs::path(options.output) / file).string()));
    return;
  }
  const std::size_t resumed = writer.size();
  PoolScoringTimes times;
  {
    Progress progress("scoring", "images");
    scoring.progress = progress.callback();
    times = score_pool(
        *predictor,
        pool.dataset,
        source,
        scoring,
        [&](const std::string& key) {
          return select::shard_of(key, shard.count) == shard.index && !writer.has(key);
        },
        [&](const select::ScoreRow& row) { writer.add(row); });
  }
  writer.finish();
  say_result(times, options, file, resumed);
}

void add_inputs(CLI::App& app, Options& options) {
  app.add_option("--model", options.model, "A run's folder, or a model file with its manifest")
      ->type_name("RUN|FILE")
      ->required();
  app.add_option("--images", options.images, "Folder of pictures, or a COCO file that names them")
      ->type_name("DIR|COCO.json")
      ->required();
  app.add_option("--images-dir",
                 options.images_dir,
                 "The COCO file's pictures; its own folder if not given")
      ->type_name("DIR");
  app.add_option("--pool",
                 options.pool,
                 "COCO file of the pool, for instance of `labelloom augment`; its pictures are in "
                 "--images")
      ->type_name("COCO.json");
  app.add_option("-o,--output", options.output, "Folder for the scores, a file a shard")
      ->type_name("DIR")
      ->required();
  app.add_option("--strategy",
                 options.strategies,
                 "What the scores are for, see `labelloom select --list`; all: whatever the model "
                 "can serve")
      ->delimiter(',')
      ->type_name("NAME,...")
      ->capture_default_str();
  app.add_option("--shard", options.shard, "Only part i of n of the pool")
      ->type_name("i/n")
      ->capture_default_str();
  app.add_flag("--skip-bad",
               options.scoring.skip_bad,
               "Pictures that cannot be read are never selected, instead of ending the run");
}

void add_boxmask(CLI::App& app, Options& options) {
  app.add_option("--preset",
                 options.preset,
                 "How `select` combines BoxMask's terms if it is not told; the terms are the same")
      ->check(CLI::IsMember({"paper", "robust"}))
      ->type_name("paper|robust")
      ->capture_default_str();
  add_tau_argument(app, options.boxmask);
  add_boxmask_arguments(app, options.boxmask);
  app.add_option("--min-score", options.scoring.decode.min_score, "Objects below it are left out")
      ->check(in_range(0, 1))
      ->type_name("SCORE")
      ->capture_default_str();
  app.add_option("--nms-iou",
                 options.scoring.decode.nms_iou,
                 "Of two boxes of a class that overlap more, the better stays")
      ->check(in_range(0, 1))
      ->type_name("IOU")
      ->capture_default_str();
  app.add_option("--max-detections", options.scoring.decode.max_detections, "Boxes an image")
      ->check(CLI::Range(0, 10000))
      ->type_name("N")
      ->capture_default_str();
}

void add_machine(CLI::App& app, Options& options) {
  app.add_option("--seed", options.scoring.seed, "Of CALD's holes")
      ->check(not_negative())
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--no-shapes",
               options.no_shapes,
               "Scores only: no masks and labels for reports and annotators");
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--precision", options.precision, "Of the network's numbers")
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->capture_default_str();
  app.add_option("--batch",
                 options.scoring.batch,
                 "Most pictures that are loaded together; on a GPU also computed")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--workers", options.workers, "Threads that load pictures")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_option("--threads", options.threads, "Threads that compute, on the CPU")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
}

}  // namespace

void add_score(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_inputs(app, *options);
  add_boxmask(app, *options);
  add_machine(app, *options);
  app.footer(
      "A run that was stopped goes on where it was. Shards of one pool can be scored anywhere, "
      "and\n"
      "any number of them gives the same scores.\n"
      "Examples:\n  labelloom score --model run --images photos -o scores\n"
      "  labelloom score --model run --images augmented/images --pool augmented/coco.json \\\n"
      "      --shard 1/4 -o scores\n"
      "  labelloom select scores --budget 100 --images photos -o batch");
  app.callback([options] { with_torch_errors([&] { run(*options); }); });
}

}  // namespace labelloom::apps
