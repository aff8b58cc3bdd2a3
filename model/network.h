#pragma once

#include <memory>

#include <torch/nn.h>

#include "model/model_config.h"
#include "model/outputs.h"

namespace labelloom::model {

/// The multi-task network: a residual trunk, a feature pyramid to stride 4, dense heads.
class NetworkImpl : public torch::nn::Module {
 public:
  explicit NetworkImpl(const ModelConfig& config);
  ~NetworkImpl() override;
  NetworkImpl(const NetworkImpl&) = delete;
  NetworkImpl& operator=(const NetworkImpl&) = delete;

  /// `images`: [N,3,H,W] float, normalised; H and W multiples of ModelConfig::kStride.
  [[nodiscard]] Outputs forward(const torch::Tensor& images);
  /// The segmentation alone, [N,C,H/4,W/4], for crops: the other heads are not computed.
  [[nodiscard]] torch::Tensor forward_segmentation(const torch::Tensor& images);

  [[nodiscard]] const ModelConfig& config() const { return config_; }

  /// Whether the predicted loss sends its gradient on into the trunk (LL4AL stops it late in
  /// training).
  void let_loss_reach_trunk(bool allowed);

 private:
  struct Parts;
  ModelConfig config_;
  std::unique_ptr<Parts> parts_;
};
TORCH_MODULE(Network);

}  // namespace labelloom::model
