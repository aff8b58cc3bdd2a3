#pragma once

// Internal: the residual trunk.

#include <array>

#include <torch/nn.h>

#include "model/model_config.h"

namespace labelloom::model {

/// Widths and depths of a network.
struct NetworkShape {
  bool resnet50 = false;        ///< bottlenecks, 7x7 stem and pooling as in ResNet-50
  int stem = 16;                ///< channels at H/2
  std::array<int, 4> stages{};  ///< channels of C2..C5 as they leave their stage
  std::array<int, 4> blocks{};  ///< residual blocks a stage
  int features = 48;            ///< channels of the pyramid and the heads
  int tower = 1;                ///< 3x3 convolutions of a task before its outputs
};

[[nodiscard]] NetworkShape network_shape(NetworkSize size);

/// C2..C5: [N,c,H/4,W/4], [N,c,H/8,W/8], [N,c,H/16,W/16], [N,c,H/32,W/32].
using Stages = std::array<torch::Tensor, 4>;

/// Convolution, batch norm and, when asked for, ReLU as `<name>.0`, `<name>.1`, `<name>.2`.
[[nodiscard]] torch::nn::Sequential convolution_block(int from, int to, int kernel, int stride = 1);

/// A residual network without its classifier. Its parameters have torchvision's names, and those of
/// the large size torchvision's shapes (He et al., "Deep residual learning", 2016; stride in the
/// 3x3 convolution of a bottleneck).
class TrunkImpl : public torch::nn::Module {
 public:
  explicit TrunkImpl(const NetworkShape& shape);
  [[nodiscard]] Stages forward(const torch::Tensor& images);

 private:
  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::BatchNorm2d bn1_{nullptr};
  std::array<torch::nn::Sequential, 4> layers_{nullptr, nullptr, nullptr, nullptr};
  bool pool_ = false;
};
TORCH_MODULE(Trunk);

}  // namespace labelloom::model
