#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include "apps/boxmask_arguments.h"
#include "apps/number_checks.h"
#include "apps/stop_signal.h"
#include "apps/study_commands.h"
#include "apps/study_run.h"
#include "apps/torch_guard.h"
#include "formats/error.h"
#include "model/predictor.h"

namespace labelloom::apps {
namespace {

struct Options {
  StudyOptions study;
  std::vector<std::string> strategies;
  std::string named;
  std::string restart = "continue";
};

void run(Options options) {
  if (!options.named.empty()) {
    if (!options.strategies.empty()) {
      throw Error(Errc::kArgument, {}, "--study names strategies; --strategies is one too many");
    }
    options.strategies = named_study(options.named);
  }
  if (options.strategies.empty()) options.strategies = {"boxmask", "random"};
  for (const std::string& text : options.strategies) {
    StudyStrategy strategy = parse_study_strategy(text);
    auto& all = options.study.strategies;
    if (std::ranges::find(all, strategy.label, &StudyStrategy::label) != all.end()) {
      throw Error(Errc::kArgument, {}, fmt::format("--strategies: {} is there twice", text));
    }
    all.push_back(std::move(strategy));
  }
  options.study.go_on = options.restart == "continue";
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  const int threads = options.study.training.threads;
  at::set_num_threads(threads > 0 ? threads : static_cast<int>(processors));
  warn_of_slow_bfloat16(options.study.training.precision,
                        model::parse_device(options.study.training.device));
  if (!run_study(options.study)) throw CLI::RuntimeError(StopSignal::exit_status());
}

void add_sets(CLI::App& app, TrainSettings& training) {
  app.add_option("--train", training.train, "COCO file of the pool; all of it has labels")
      ->type_name("COCO.json")
      ->required();
  app.add_option("--val", training.validation, "COCO file to measure on")
      ->type_name("COCO.json")
      ->required();
  app.add_option("--images", training.images, "folder of the pictures")
      ->type_name("DIR")
      ->required();
  app.add_option("--val-images", training.validation_images, "the same for --val, if another")
      ->type_name("DIR");
  app.add_option("--seg", training.label_maps, "folder of label maps, as `labelloom train` has it")
      ->type_name("DIR|polygons");
  app.add_option("--val-seg", training.validation_label_maps, "the same for --val, if another")
      ->type_name("DIR");
  app.add_option("--seg-classes", training.label_classes, "what label maps mean")
      ->type_name("FILE");
}

void add_protocol(CLI::App& app, Options& options) {
  StudyOptions& study = options.study;
  app.add_option("--strategies",
                 options.strategies,
                 "names of `labelloom select --list`; boxmask:robust and boxmask:rank combine its "
                 "terms otherwise; boxmask,random if not given")
      ->type_name("LIST")
      ->delimiter(',');
  app.add_option("--study",
                 options.named,
                 "strategies of a study: ablation (BoxMask's terms alone and together) or ll4al "
                 "(predicted losses of one task, the other, in turn, both)")
      ->type_name("NAME");
  app.add_option("--seeds", study.seeds, "times everything is done")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--start", study.design.start, "share of the set that is labelled at random first")
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--step", study.design.step, "share of the whole set that every round adds")
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--rounds", study.design.rounds, "rounds of choosing")
      ->type_name("N")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app.add_option("--metrics",
                 study.tasks,
                 "what mDSQ is made of: mAP,mIoU if not given; also mAP50, OKS-AP50")
      ->type_name("LIST")
      ->delimiter(',');
  add_tau_argument(app, study.boxmask);
  add_boxmask_arguments(app, study.boxmask);
  app.add_flag("--pool-attributes",
               study.pool_attributes,
               "count the rare class's objects and the near duplicates that get labelled");
  app.add_option("--rare-class", study.rare_class, "its name; the rarest if not given")
      ->type_name("NAME");
}

void add_training(CLI::App& app, Options& options) {
  TrainSettings& training = options.study.training;
  app.add_option("--size", training.size, "of the network")
      ->check(CLI::IsMember({"small", "base", "large"}))
      ->capture_default_str();
  app.add_option("--input", training.input, "what pictures are scaled to, rounded up to 32s")
      ->type_name("WxH")
      ->capture_default_str();
  app.add_option("--heads", training.heads, "boxes,segmentation,keypoints or some of them")
      ->type_name("LIST")
      ->delimiter(',');
  app.add_option("--pipeline", training.pipeline, "augmentation, as `labelloom train` has it")
      ->type_name("FILE|none");
  auto* const steps =
      app.add_option("--steps", options.study.steps, "of every training, whatever is labelled")
          ->type_name("N")
          ->check(positive());
  app.add_option("--epochs", options.study.epochs, "the same, as epochs of the whole set")
      ->check(positive())
      ->excludes(steps)
      ->capture_default_str();
  app.add_option("--reference-steps",
                 options.study.reference_steps,
                 "of the training with all labels; those of all rounds together if not given "
                 "(with --restart scratch: --steps)")
      ->type_name("N")
      ->check(positive());
  app.add_option("--restart",
                 options.restart,
                 "a round begins with the weights of the one before, "
                 "or with random ones")
      ->check(CLI::IsMember({"continue", "scratch"}))
      ->capture_default_str();
  app.add_option("--batch", training.batch, "pictures a step")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--lr", training.learning_rate, "highest learning rate")
      ->check(positive())
      ->capture_default_str();
  app.add_option("--device", training.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--precision", training.precision, "of the network's numbers in training")
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->capture_default_str();
  app.add_option("--workers", training.workers, "threads that load pictures")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_option("--threads", training.threads, "threads that compute, on the CPU")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
}

}  // namespace

void add_simulate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_sets(app, options->study.training);
  add_protocol(app, *options);
  add_training(app, *options);
  app.add_option("-o,--output", options->study.output, "folder of the study")
      ->type_name("DIR")
      ->required();
  app.add_flag("--keep-runs", options->study.keep_runs, "keep the trained models");
  app.footer(
      "A study that was stopped or killed goes on with the same command; strategies and seeds can "
      "be added.\nWrites curves.csv, curves.svg, summary.md, summary.json.\n"
      "Example:\n  labelloom simulate --train pool/coco.json --val test/coco.json --images "
      "pool/images \\\n      --val-images test/images --input 64x64 --start 0.1 --step 0.1 "
      "--rounds "
      "4 --steps 150 \\\n      --strategies random,entropy,ll4al,boxmask,boxmask:robust -o study\n"
      "  labelloom simulate --study ablation --train ... -o ablation");
  app.callback([options] { with_torch_errors([&] { run(*options); }); });
}

}  // namespace labelloom::apps
