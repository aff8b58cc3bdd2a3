#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/types.h>

#include "formats/geometry.h"
#include "model/detection.h"
#include "model/model_config.h"
#include "model/outputs.h"

namespace labelloom::model {

/// What a model says about a batch of N pictures.
struct Prediction {
  std::vector<std::vector<Detection>> detections;  ///< [N]
  /// [N,C,h,w] logits at `stride` input pixels a cell, on the model's device; undefined when the
  /// model has no segmentation.
  torch::Tensor segmentation;
  int stride = ModelConfig::kOutputStride;
  torch::Tensor loss;       ///< [N,T] or undefined
  torch::Tensor embedding;  ///< [N,D] or undefined
};

/// Tensors by the names of docs/model-contract.md.
using NamedOutputs = std::map<std::string, torch::Tensor>;

/// A model that can be run, whatever made it. Only `decoded` is for several threads at once, and if
/// `runs_in_threads` all else.
class Predictor {
 public:
  Predictor() = default;
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;
  virtual ~Predictor() = default;

  [[nodiscard]] virtual const ModelConfig& config() const = 0;
  /// `images`: [N,3,H,W] float, normalised, on `device()`.
  /// @throws Error when the model does not give what its manifest says.
  [[nodiscard]] virtual Prediction predict(const torch::Tensor& images,
                                           const DecodeOptions& options) = 0;
  /// What the model says, checked, segmentation as logits, but not decoded; on its device.
  [[nodiscard]] virtual NamedOutputs outputs(const torch::Tensor& images) = 0;
  /// What `outputs` (wherever they are) say about pictures of `input` pixels, as `predict` gives
  /// it; LibTorch's threads are not used. Threads may call it while another runs the model.
  /// @throws Error as `predict`.
  [[nodiscard]] virtual Prediction decoded(const NamedOutputs& outputs,
                                           Size input,
                                           const DecodeOptions& options) const = 0;
  /// What both sides of an input are multiples of.
  [[nodiscard]] virtual int multiple_of() const { return ModelConfig::kStride; }
  /// Whether several threads may run the model at the same time.
  [[nodiscard]] virtual bool runs_in_threads() const { return false; }
  /// Segmentation logits of crops, [N,C,h,w].
  [[nodiscard]] virtual torch::Tensor segment(const torch::Tensor& images) = 0;
  [[nodiscard]] virtual torch::Device device() const = 0;
  /// Changes when the model does: a hash of weights and manifest, for resuming and provenance.
  [[nodiscard]] virtual const std::string& fingerprint() const = 0;
};

/// Numbers the network computes with.
enum class Precision { kFloat32, kBfloat16 };

/// Opens a training run's folder (its best weights), a weights file of ours (.safetensors), a
/// TorchScript file (.pt) or an AOTInductor package (.pt2), each with its manifest.
/// @throws Error naming the file and what is wrong with it.
[[nodiscard]] std::unique_ptr<Predictor> open_model(const std::filesystem::path& model,
                                                    torch::Device device,
                                                    Precision precision = Precision::kFloat32);

/// `auto`, `cpu`, `cuda` or `cuda:N`. @throws Error(kArgument) when it is none or not there.
[[nodiscard]] torch::Device parse_device(const std::string& name);

}  // namespace labelloom::model
