#include "apps/train.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

#include "apps/number_checks.h"
#include "apps/run_report.h"
#include "apps/stop_signal.h"
#include "apps/terminal.h"
#include "apps/text_table.h"
#include "apps/torch_guard.h"
#include "apps/train_setup.h"
#include "apps/validation.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/fingerprint.h"
#include "model/network.h"
#include "model/run_folder.h"
#include "model/trainer.h"
#include "model/weights.h"

namespace labelloom::apps {
namespace {

using model::Network;

unsigned processors() { return std::max(1U, std::thread::hardware_concurrency()); }

std::vector<std::string> metric_names(const TrainingSets& sets) {
  if (!sets.validation) return {};
  const model::Heads& heads = sets.config.heads;
  std::vector<std::string> names;
  if (heads.boxes) names.insert(names.end(), {"mAP", "mAP50"});
  if (heads.segmentation) names.emplace_back("mIoU");
  if (heads.keypoints) names.emplace_back("OKS-AP50");
  return names;
}

model::TrainOptions train_options(const TrainSettings& settings,
                                  const TrainingSets& sets,
                                  torch::Device device) {
  model::TrainOptions options;
  options.run = settings.run;
  options.epochs = settings.epochs;
  options.batch = settings.batch;
  options.seed = settings.seed;
  options.learning_rate = settings.learning_rate;
  options.learn_task_weights = settings.learn_task_weights;
  options.bfloat16 = settings.precision == "bf16";
  options.channels_last = true;
  if (device.is_cpu()) options.replicas = replica_count(settings);
  options.workers = worker_count(settings);
  options.batches_ahead = 2 + options.workers;
  constexpr std::size_t kValidations = 20;
  options.validate_epochs = settings.validate_every > 0
                                ? settings.validate_every
                                : std::max<std::size_t>(1, settings.epochs / kValidations);
  options.resume = settings.resume;
  options.metrics = metric_names(sets);
  options.facts["training set"] = fingerprint(InputFile(settings.train).text());
  options.facts["pipeline"] = sets.pipeline ? sets.pipeline->canonical : "none";
  options.facts["labels of pixels"] =
      sets.mapping ? "maps " + fingerprint(canonical_text(*sets.mapping)) : "shapes";
  options.facts["validation set"] =
      sets.validation ? fingerprint(InputFile(settings.validation).text()) : "none";
  if (sets.validation) {
    options.facts["epochs between validations"] = std::to_string(options.validate_epochs);
  }
  return options;
}

std::int64_t parameter_count(const Network& network) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : network->parameters()) count += parameter.numel();
  return count;
}

std::string counts_line(const TrainingSet& set) {
  const LabelCounts counts = count_labels(set.dataset);
  return fmt::format("{}: {}, {}, {} with a shape, {} with key points",
                     set.file,
                     counted(counts.images, "image"),
                     counted(counts.objects, "object"),
                     counts.shapes,
                     counts.keypoints);
}

std::string heads_line(const model::Heads& heads) {
  std::vector<std::string> names;
  if (heads.boxes) names.emplace_back("boxes");
  if (heads.segmentation) names.emplace_back("segmentation");
  if (heads.keypoints) names.emplace_back("key points");
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Weights with gradients, two moments and averages, and what forward keeps for backward.
double memory_guess_mb(const Network& network, std::size_t batch) {
  const Size input = network->config().input;
  // Numbers a pixel of the input that the passes keep, measured.
  const auto kept = [&] {
    switch (network->config().size) {
      case model::NetworkSize::kSmall:
        return 130.0;
      case model::NetworkSize::kBase:
        return 260.0;
      case model::NetworkSize::kLarge:
        return 420.0;
    }
    return 0.0;
  }();
  const double pixels = static_cast<double>(batch) * input.width * input.height;
  return (5.0 * static_cast<double>(parameter_count(network)) + kept * pixels) * 4 / 1e6;
}

void describe(const TrainSettings& settings,
              const TrainingSets& sets,
              const Network& network,
              torch::Device device) {
  const model::ModelConfig& config = sets.config;
  log_info(fmt::format("training   {}", counts_line(sets.train)));
  if (sets.validation) log_info(fmt::format("validation {}", counts_line(*sets.validation)));
  log_info(fmt::format("classes    {}", fmt::join(config.classes, ", ")));
  if (config.heads.segmentation) {
    log_info(fmt::format("of pixels  {}", fmt::join(config.seg_classes, ", ")));
  }
  if (config.heads.keypoints) {
    log_info(fmt::format("key points {} slots", config.keypoints.size()));
  }
  log_info(fmt::format("network    {} ({}), {:.2f} million parameters, input {}x{}",
                       model::name_of(config.size),
                       heads_line(config.heads),
                       static_cast<double>(parameter_count(network)) / 1e6,
                       config.input.width,
                       config.input.height));
  const std::size_t steps =
      settings.epochs * std::max<std::size_t>(1, sets.train.source->count() / settings.batch);
  log_info(fmt::format("run        {}, {} of {}, on {}, about {:.0f} MB",
                       counted(settings.epochs, "epoch"),
                       counted(steps, "step"),
                       counted(settings.batch, "image"),
                       device.str(),
                       memory_guess_mb(network, settings.batch)));
}

/// The first few of names or messages, of which there may be many.
void log_some(const char* what, std::vector<std::string> list) {
  constexpr std::size_t kMost = 3;
  if (list.empty()) return;
  const std::size_t left_out = list.size() - std::min(kMost, list.size());
  list.resize(list.size() - left_out);
  log_info(fmt::format("{}: {}{}",
                       what,
                       fmt::join(list, ", "),
                       left_out > 0 ? fmt::format(" (and {} more)", left_out) : ""));
}

std::vector<std::string> quoted_names(std::vector<std::string> names) {
  for (std::string& name : names) name = labelloom::quoted(name);
  return names;
}

void initialise(const TrainSettings& settings, Network& network) {
  if (settings.init.empty()) return;
  const std::filesystem::path given(settings.init);
  std::filesystem::path file = given;
  if (std::filesystem::is_directory(given)) {
    const model::RunFolder run{given};
    // Without a validation set there are no best weights.
    file = std::filesystem::exists(run.best()) ? run.best() : run.last();
  }
  const model::Initialised done = model::initialise_from(file, network);
  log_info(fmt::format("{}: {} tensors taken, {} of the network stay random",
                       file.string(),
                       done.taken,
                       done.unfilled.size() + done.reshaped.size()));
  log_some("of another shape", done.reshaped);
  log_some("not in the file", quoted_names(done.unfilled));
  log_some("unused", quoted_names(done.unused));
}

std::string scores_text(const std::vector<std::pair<std::string, double>>& scores) {
  std::string text;
  for (const auto& [name, value] : scores) text += fmt::format("  {} {:.3f}", name, value);
  return text;
}

std::string progress_text(const model::TrainProgress& progress) {
  std::string text = fmt::format("epoch {}/{}, step {}/{}",
                                 progress.epoch + 1,
                                 progress.epochs,
                                 progress.step,
                                 progress.steps);
  for (std::size_t i = 0; i < progress.losses.size(); ++i) {
    text += fmt::format(", {} {:.3f}", model::kLossNames[i], progress.losses[i]);
  }
  return text + fmt::format(", {:.1f} images/s, {} left",
                            progress.images_per_second,
                            duration(progress.seconds_left));
}

void report_end(const TrainSettings& settings, const model::TrainResult& result) {
  if (result.interrupted) {
    log_warning(fmt::format("stopped after step {}; the same command with --resume goes on there",
                            result.steps));
    return;
  }
  TextTable table({"", ""});
  table.add({"steps", fmt::format("{}", result.steps)});
  table.add({"time", duration(result.seconds)});
  table.add({"waited for data", fmt::format("{:.1f} %", 100 * result.waited_share)});
  if (result.last_validation) {
    for (const auto& [name, value] : result.last_validation->metrics) {
      table.add({name, fmt::format("{:.4f}", value)});
    }
  }
  if (result.best_score) {
    table.add({"best mean", fmt::format("{:.4f}", *result.best_score)});
    table.add({"best epoch", fmt::format("{}", result.best_epoch + 1)});
  }
  fmt::print("{}", table.text());
  log_info(fmt::format("wrote {}", settings.run));
}

model::TrainHooks hooks_of(const TrainSettings& settings,
                           TrainingSets& sets,
                           Progress& progress,
                           RunReport& report) {
  model::TrainHooks hooks;
  hooks.progress = [&progress](const model::TrainProgress& now) {
    progress.show(static_cast<double>(now.step) / static_cast<double>(now.steps),
                  progress_text(now));
  };
  hooks.stop = [&report] {
    report.write_if_due();
    return StopSignal::requested();
  };
  if (!sets.validation) return hooks;
  hooks.validate = [&settings, &sets, &progress, &report](Network& averaged, std::size_t epoch) {
    ValidationOptions options;
    options.batch = std::min(options.batch, settings.batch);
    options.workers = worker_count(settings);
    options.show = [&report](const ValidationExample& example) { report.add_example(example); };
    report.forget_examples();
    const ValidationScores scores =
        validate_model(averaged, sets.validation->dataset, *sets.validation->source, options);
    progress.clear();
    report.validated();
    log_info(fmt::format("epoch {:>3}{}", epoch + 1, scores_text(scores.named())));
    return model::Validation{scores.named(), scores.mean()};
  };
  return hooks;
}

void run(const TrainSettings& settings) {
  if (settings.run.empty() && !settings.dry_run) throw CLI::RequiredError("--output");
  const torch::Device device = model::parse_device(settings.device);
  warn_of_slow_bfloat16(settings.precision, device);
  const std::unique_ptr<TrainingSets> sets = read_training_sets(settings);
  torch::set_num_threads(settings.threads > 0 ? settings.threads : static_cast<int>(processors()));
  torch::manual_seed(settings.seed);
  Network network(sets->config);
  initialise(settings, network);
  describe(settings, *sets, network, device);
  if (settings.dry_run) return;
  RunReport report(
      settings,
      *sets,
      metric_names(*sets),
      {{"parameters",
        fmt::format("{:.2f} million", static_cast<double>(parameter_count(network)) / 1e6)},
       {"device", device.str()}});
  network->to(device);
  if (settings.resume && !std::filesystem::exists(model::RunFolder{settings.run}.state())) {
    log_warning(fmt::format("{}: nothing to resume; the training begins anew", settings.run));
  }
  model::TrainResult result;
  {
    const StopSignal signal;
    Progress progress("", "");
    result = model::train(network,
                          *sets->train.source,
                          train_options(settings, *sets, device),
                          hooks_of(settings, *sets, progress, report));
  }
  report.write_at_end();
  report_end(settings, result);
  if (result.interrupted) throw CLI::RuntimeError(StopSignal::exit_status());
}

void add_set_options(CLI::App& app, TrainSettings& settings) {
  app.add_option("--train", settings.train, "COCO file to learn from")
      ->type_name("COCO.json")
      ->required();
  auto* validation =
      app.add_option("--val", settings.validation, "COCO file to choose the best weights with")
          ->type_name("COCO.json");
  app.add_option("--images", settings.images, "folder of the pictures")
      ->type_name("DIR")
      ->required();
  app.add_option("--val-images", settings.validation_images, "the same for --val, if another")
      ->type_name("DIR")
      ->needs(validation);
  auto* label_maps =
      app.add_option("--seg",
                     settings.label_maps,
                     "folder of label maps, <picture>.png; polygons: pixels are learnt from the "
                     "annotations' polygons and masks (default)")
          ->type_name("DIR|polygons");
  app.add_option("--val-seg", settings.validation_label_maps, "the same for --val, if another")
      ->type_name("DIR")
      ->needs(validation)
      ->needs(label_maps);
  app.add_option("--seg-classes",
                 settings.label_classes,
                 R"(what label maps mean: {"classes": [...], "ignore": 255, "map": {"0": "Sky"}}; )"
                 "without it 0 is background and other values are category ids")
      ->type_name("FILE");
  app.add_option("--pipeline",
                 settings.pipeline,
                 "augmentation, drawn anew each epoch, as `labelloom augment` takes it; none: "
                 "pictures as they are; a built-in one if not given")
      ->type_name("FILE|none");
}

void add_network_options(CLI::App& app, TrainSettings& settings) {
  app.add_option("--size", settings.size, "of the network")
      ->check(CLI::IsMember({"small", "base", "large"}))
      ->capture_default_str();
  app.add_option("--input", settings.input, "what pictures are scaled to, rounded up to 32s")
      ->type_name("WxH")
      ->capture_default_str();
  app.add_option("--heads",
                 settings.heads,
                 "boxes,segmentation,keypoints or some of them; all that there are labels for if "
                 "not given")
      ->type_name("LIST")
      ->delimiter(',');
  app.add_option("--init", settings.init, "weights to begin with: a run or a .safetensors file")
      ->type_name("RUN|FILE");
}

void add_run_options(CLI::App& app, TrainSettings& settings) {
  app.add_option("-o,--output", settings.run, "folder of the run; needed unless --dry-run")
      ->type_name("RUN");
  app.add_option("--epochs", settings.epochs, "times every picture is seen")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--batch", settings.batch, "pictures a step")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--lr", settings.learning_rate, "highest learning rate")
      ->check(positive())
      ->capture_default_str();
  app.add_flag("--kendall", settings.learn_task_weights, "learn how much each task counts");
  app.add_option("--validate-every",
                 settings.validate_every,
                 "validate every N epochs; about twenty times a run if not given")
      ->type_name("N")
      ->check(positive());
  app.add_option("--device", settings.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--precision", settings.precision, "of the network's numbers")
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->capture_default_str();
  app.add_option("--seed", settings.seed, "another number, another run")
      ->check(not_negative())
      ->capture_default_str();
  app.add_option("--workers", settings.workers, "threads that load pictures")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_option("--threads", settings.threads, "threads that compute, on the CPU")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_flag("--resume", settings.resume, "go on where the run in the folder stopped");
  app.add_flag("--dry-run", settings.dry_run, "say what would be trained");
}

}  // namespace

void add_train(CLI::App& app) {
  const auto settings = std::make_shared<TrainSettings>();
  add_set_options(app, *settings);
  add_network_options(app, *settings);
  add_run_options(app, *settings);
  app.footer(
      "Divide a set, train on it, look at the run's report.html:\n"
      "  labelloom split coco.json -o sets --val 0.2\n"
      "  labelloom train --train sets/train.json --val sets/val.json --images photos -o run "
      "--size small --input 512x384");
  app.callback([settings] { with_torch_errors([&] { run(*settings); }, "--batch or --input"); });
}

}  // namespace labelloom::apps
