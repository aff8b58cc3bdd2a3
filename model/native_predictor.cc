#include <utility>

#include "formats/error.h"
#include "model/network.h"
#include "model/run_model.h"
#include "model/weights.h"

namespace labelloom::model {
namespace {

class NativePredictor final : public ManifestPredictor {
 public:
  NativePredictor(const std::filesystem::path& weights,
                  Manifest description,
                  torch::Device device,
                  Precision precision,
                  std::string print)
      : ManifestPredictor(weights.string(), std::move(description), device, std::move(print)),
        network_(manifest().config),
        type_(precision == Precision::kBfloat16 ? torch::kBFloat16 : torch::kFloat32) {
    read_weights(weights, network_);
    network_->eval();
    network_->to(device, type_);
    if (device.is_cuda()) {
      for (torch::Tensor& parameter : network_->parameters()) {
        if (parameter.dim() == 4) {
          parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
        }
      }
    }
  }

  [[nodiscard]] bool runs_in_threads() const override { return true; }

 private:
  [[nodiscard]] torch::Tensor prepared(const torch::Tensor& images) const {
    const torch::Tensor converted = images.to(device(), type_);
    return device().is_cuda() ? converted.contiguous(torch::MemoryFormat::ChannelsLast) : converted;
  }

  [[nodiscard]] NamedOutputs forward(const torch::Tensor& images) override {
    const Outputs out = network_->forward(prepared(images));
    NamedOutputs named;
    for (const auto& [name, tensor] : {std::pair{"center", out.center},
                                       std::pair{"classes", out.classes},
                                       std::pair{"box", out.box},
                                       std::pair{"segmentation", out.segmentation},
                                       std::pair{"keypoints", out.keypoints},
                                       std::pair{"offsets", out.offsets},
                                       std::pair{"loss", out.loss},
                                       std::pair{"embedding", out.embedding}}) {
      if (tensor.defined()) named.emplace(name, tensor.to(torch::kFloat32));
    }
    return named;
  }

  [[nodiscard]] torch::Tensor forward_segmentation(const torch::Tensor& images) override {
    return network_->forward_segmentation(prepared(images));
  }

  Network network_;
  torch::ScalarType type_;
};

}  // namespace

std::unique_ptr<Predictor> open_native(const std::filesystem::path& weights,
                                       Manifest manifest,
                                       torch::Device device,
                                       Precision precision,
                                       std::string fingerprint) {
  if (manifest.kind != ModelKind::kNative) {
    throw Error(Errc::kInvalidData,
                {.file = weights.string()},
                "weights go with a manifest of kind \"native\"; for other networks give a "
                "TorchScript model");
  }
  return std::make_unique<NativePredictor>(
      weights, std::move(manifest), device, precision, std::move(fingerprint));
}

}  // namespace labelloom::model
