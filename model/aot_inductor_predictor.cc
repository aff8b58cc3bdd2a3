#include <torch/version.h>

#include "formats/error.h"
#include "model/run_model.h"

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 6)
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#define LABELLOOM_HAS_AOT_INDUCTOR 1
#endif

namespace labelloom::model {

#ifdef LABELLOOM_HAS_AOT_INDUCTOR
namespace {

/// A package gives a flat list of tensors, whose order the manifest's `outputs` says.
class AotInductorPredictor final : public ManifestPredictor {
 public:
  AotInductorPredictor(const std::string& path,
                       Manifest description,
                       torch::Device device,
                       std::string print)
      : ManifestPredictor(path, std::move(description), device, std::move(print)), loader_(path) {}

 private:
  [[nodiscard]] NamedOutputs forward(const torch::Tensor& images) override {
    const std::vector<torch::Tensor> given = loader_.run({images.to(device())});
    const std::vector<std::string>& order = manifest().order;
    if (given.size() != order.size()) {
      throw Error(Errc::kInvalidData,
                  {},
                  "gives " + std::to_string(given.size()) + " outputs, but the manifest names " +
                      std::to_string(order.size()));
    }
    NamedOutputs outputs;
    for (std::size_t i = 0; i < order.size(); ++i) outputs.emplace(order[i], given[i]);
    return outputs;
  }

  torch::inductor::AOTIModelPackageLoader loader_;
};

}  // namespace
#endif

std::unique_ptr<Predictor> open_aot_inductor(const std::filesystem::path& file,
                                             Manifest manifest,
                                             torch::Device device,
                                             std::string fingerprint) {
#ifdef LABELLOOM_HAS_AOT_INDUCTOR
  if (manifest.kind == ModelKind::kNative || manifest.order.empty()) {
    throw Error(Errc::kInvalidData,
                {.file = find_manifest(file).string(), .path = "outputs"},
                "a package needs the kind \"dense\" or \"detections\" and its outputs' names, in "
                "order");
  }
  try {
    return std::make_unique<AotInductorPredictor>(
        file.string(), std::move(manifest), device, std::move(fingerprint));
  } catch (const std::exception& error) {
    throw Error(Errc::kParse, {.file = file.string()}, "cannot be loaded: " + first_line(error));
  }
#else
  static_cast<void>(manifest);
  static_cast<void>(device);
  static_cast<void>(fingerprint);
  throw Error(Errc::kUnexpectedFormat,
              {.file = file.string()},
              "is an AOTInductor package, which needs LibTorch 2.6 or newer; this is "
              "LibTorch " TORCH_VERSION "; save the model with torch.jit.script(model).save(...)");
#endif
}

}  // namespace labelloom::model
