#pragma once

// Internal: what the kinds of models have in common.

#include <functional>
#include <map>
#include <string>

#include <torch/types.h>

#include "model/manifest.h"
#include "model/predictor.h"

namespace labelloom::model {

/// A model described by a manifest: subclasses run it, this class checks and decodes.
class ManifestPredictor : public Predictor {
 public:
  ManifestPredictor(std::string file, Manifest manifest, torch::Device device, std::string print)
      : file_(std::move(file)),
        manifest_(std::move(manifest)),
        device_(device),
        fingerprint_(std::move(print)) {}

  [[nodiscard]] const ModelConfig& config() const override { return manifest_.config; }
  [[nodiscard]] torch::Device device() const override { return device_; }
  [[nodiscard]] const std::string& fingerprint() const override { return fingerprint_; }
  [[nodiscard]] int multiple_of() const override { return manifest_.multiple_of; }
  [[nodiscard]] Prediction predict(const torch::Tensor& images,
                                   const DecodeOptions& options) override;
  [[nodiscard]] torch::Tensor segment(const torch::Tensor& images) override;
  [[nodiscard]] NamedOutputs outputs(const torch::Tensor& images) override;
  [[nodiscard]] Prediction decoded(const NamedOutputs& outputs,
                                   Size input,
                                   const DecodeOptions& options) const override;

 protected:
  /// The model's outputs by our names; called without gradients.
  [[nodiscard]] virtual NamedOutputs forward(const torch::Tensor& images) = 0;
  /// [N,C,h,w]; by default `forward` and its segmentation.
  [[nodiscard]] virtual torch::Tensor forward_segmentation(const torch::Tensor& images);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }

 private:
  [[nodiscard]] torch::Tensor logits(torch::Tensor segmentation) const;
  [[nodiscard]] Prediction decoded(const NamedOutputs& outputs,
                                   Size input,
                                   const DecodeOptions& options,
                                   bool in_parallel) const;
  /// Calls `run` without gradients; what it throws becomes an Error with the model's file.
  void guarded(const torch::Tensor& images, const std::function<void()>& run) const;

  std::string file_;
  Manifest manifest_;
  torch::Device device_;
  std::string fingerprint_;
};

/// Outputs of a batch of pictures, [N, 3, H, W], held against the manifest: those it requires are
/// there, with N rows, the numbers of channels of its classes and key points and a size that
/// divides the picture's. @throws Error(kInvalidData) naming the output, with no file.
void check_outputs(const NamedOutputs& outputs,
                   const Manifest& manifest,
                   const torch::Tensor& images);

/// Objects of every picture of `input` pixels, from checked outputs; `in_parallel`: by LibTorch's
/// threads.
[[nodiscard]] std::vector<std::vector<Detection>> decode_batch(const NamedOutputs& outputs,
                                                               const Manifest& manifest,
                                                               Size input,
                                                               const DecodeOptions& options,
                                                               bool in_parallel);

/// The first line of what a library reports, without its call stack.
[[nodiscard]] std::string first_line(const std::exception& error);

/// Each kind's own way in.
[[nodiscard]] std::unique_ptr<Predictor> open_native(const std::filesystem::path& weights,
                                                     Manifest manifest,
                                                     torch::Device device,
                                                     Precision precision,
                                                     std::string fingerprint);
[[nodiscard]] std::unique_ptr<Predictor> open_torch_script(const std::filesystem::path& file,
                                                           Manifest manifest,
                                                           torch::Device device,
                                                           Precision precision,
                                                           std::string fingerprint);
[[nodiscard]] std::unique_ptr<Predictor> open_aot_inductor(const std::filesystem::path& file,
                                                           Manifest manifest,
                                                           torch::Device device,
                                                           std::string fingerprint);

}  // namespace labelloom::model
