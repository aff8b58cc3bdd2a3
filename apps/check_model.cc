#include "model/check_model.h"

#include <algorithm>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "apps/model_commands.h"
#include "apps/torch_guard.h"
#include "formats/error.h"

namespace labelloom::apps {
namespace {

struct Options {
  std::string model;
  std::string device = "auto";
};

void run_check_model(const Options& options) {
  const std::unique_ptr<model::Predictor> predictor =
      model::open_model(options.model, model::parse_device(options.device));
  const model::ModelConfig& config = predictor->config();
  fmt::print("{}: {} classes of boxes, {} of pixels, {} key points; fingerprint {}\n",
             options.model,
             config.classes.size(),
             config.seg_classes.size(),
             config.keypoints.size(),
             predictor->fingerprint());
  const std::vector<model::ModelCheck> checks = model::check_model(*predictor);
  for (const model::ModelCheck& check : checks) {
    fmt::print("  {:<6} {:<34} {}\n", check.fits ? "fits" : "NOT", check.what, check.detail);
  }
  const auto failed = std::ranges::count_if(checks, [](const auto& check) { return !check.fits; });
  if (failed > 0) {
    throw Error(Errc::kInvalidData,
                {.file = options.model},
                fmt::format("does not fit the contract in {} of {} checks; see "
                            "docs/model-contract.md",
                            failed,
                            checks.size()));
  }
}

}  // namespace

void add_check_model(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("model",
                 options->model,
                 "A training run's folder, weights (.safetensors), a TorchScript model (.pt) or an "
                 "AOTInductor package (.pt2)")
      ->required()
      ->type_name("MODEL");
  app.add_option("--device", options->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.footer(
      "Runs the model on random pictures and says what fits its manifest and what does not.\n"
      "Example:\n  labelloom check-model detector.pt");
  app.callback([options] { with_torch_errors([&] { run_check_model(*options); }, {}); });
}

}  // namespace labelloom::apps
