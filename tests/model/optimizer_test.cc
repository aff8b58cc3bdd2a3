#include <gtest/gtest.h>
#include <torch/torch.h>

#include "model/adamw.h"
#include "model/average.h"
#include "model/master_weights.h"

namespace labelloom::model {
namespace {

struct TwoLayersImpl : torch::nn::Module {
  TwoLayersImpl() {
    convolution = register_module("convolution",
                                  torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 4, 3).padding(1)));
    norm = register_module("norm", torch::nn::BatchNorm2d(4));
  }
  torch::Tensor forward(const torch::Tensor& x) { return norm(convolution(x)); }
  torch::nn::Conv2d convolution{nullptr};
  torch::nn::BatchNorm2d norm{nullptr};
};
TORCH_MODULE(TwoLayers);

std::vector<torch::Tensor> gradients_like(const std::vector<torch::Tensor>& weights) {
  std::vector<torch::Tensor> gradients;
  gradients.reserve(weights.size());
  for (const torch::Tensor& weight : weights) gradients.push_back(torch::randn_like(weight));
  return gradients;
}

TEST(AdamW, DoesWhatLibTorchsOwnDoes) {
  torch::manual_seed(1);
  std::vector<torch::Tensor> ours = {torch::randn({4, 3}), torch::randn({4})};
  torch::Tensor matrix = ours[0].clone().requires_grad_();
  torch::Tensor bias = ours[1].clone().requires_grad_();
  torch::optim::AdamW decayed({matrix}, torch::optim::AdamWOptions(1e-2).weight_decay(0.1));
  torch::optim::AdamW plain({bias}, torch::optim::AdamWOptions(1e-2).weight_decay(0));
  AdamW optimizer(ours, {.weight_decay = 0.1});
  for (int i = 0; i < 20; ++i) {
    const auto gradients = gradients_like(ours);
    matrix.mutable_grad() = gradients[0].clone();
    bias.mutable_grad() = gradients[1].clone();
    decayed.step();
    plain.step();
    optimizer.step(gradients, 1e-2);
  }
  EXPECT_EQ(optimizer.steps_done(), 20);
  EXPECT_TRUE(torch::allclose(ours[0], matrix.detach(), 1e-5, 1e-6));
  EXPECT_TRUE(torch::allclose(ours[1], bias.detach(), 1e-5, 1e-6));
}

TEST(GradientNorm, IsTheLengthOfAllGradientsTogether) {
  EXPECT_FLOAT_EQ(gradient_norm({torch::full({2, 2}, 3.F), torch::full({7}, 4.F)}).item<float>(),
                  std::sqrt(4.F * 9 + 7 * 16));
}

TEST(MasterWeights, InBfloat16KeepFloatMastersAndFloatBatchNorms) {
  torch::manual_seed(2);
  TwoLayers network;
  const torch::Tensor before = network->convolution->weight.detach().clone();
  MasterWeights weights(*network, true);
  EXPECT_EQ(network->convolution->weight.scalar_type(), torch::kBFloat16);
  EXPECT_EQ(network->norm->weight.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(torch::equal(weights.tensors()[0], before));

  // Much less than bfloat16 can tell: the master must remember it all the same.
  {
    const torch::NoGradGuard no_gradient;
    for (int i = 0; i < 64; ++i) weights.tensors()[0].mul_(1 + 1e-3);
  }
  weights.publish();
  EXPECT_TRUE(torch::allclose(network->convolution->weight.detach().to(torch::kFloat32),
                              before * std::pow(1.001, 64),
                              1e-2));

  const torch::Tensor y = network->forward(torch::randn({2, 3, 8, 8}).to(torch::kBFloat16));
  y.to(torch::kFloat32).square().sum().backward();
  for (const torch::Tensor& gradient : weights.gradients()) {
    EXPECT_EQ(gradient.scalar_type(), torch::kFloat32);
  }
  weights.clear_gradients();
  for (const torch::Tensor& gradient : weights.gradients()) {
    EXPECT_EQ(gradient.abs().sum().item<float>(), 0);
  }
}

TEST(MasterWeights, InFloat32AreTheNetworksOwn) {
  TwoLayers network;
  const MasterWeights weights(*network, false);
  EXPECT_EQ(weights.names().front(), "convolution.weight");
  {
    const torch::NoGradGuard no_gradient;
    weights.tensors()[0].zero_();
  }
  EXPECT_EQ(network->convolution->weight.abs().sum().item<float>(), 0);
}

TEST(Average, FollowsWeightsAndWhatBatchNormsMeasure) {
  torch::manual_seed(3);
  TwoLayers network;
  TwoLayers averaged;
  const MasterWeights weights(*network, false);
  Average average(weights, *network, *averaged, 0.5);
  EXPECT_TRUE(torch::equal(averaged->convolution->weight, network->convolution->weight));
  const torch::Tensor old = network->convolution->weight.detach().clone();
  {
    const torch::NoGradGuard no_gradient;
    weights.tensors()[0].add_(1);
  }
  static_cast<void>(network->forward(torch::randn({2, 3, 8, 8})));
  average.update(1000);
  EXPECT_TRUE(torch::allclose(averaged->convolution->weight.detach(), old + 0.5));
  EXPECT_TRUE(torch::allclose(averaged->norm->running_mean, network->norm->running_mean * 0.5));
  EXPECT_EQ(averaged->norm->num_batches_tracked.item<std::int64_t>(), 1);
}

TEST(Average, ForgetsTheFirstStepsSoon) {
  TwoLayers network;
  TwoLayers averaged;
  const MasterWeights weights(*network, false);
  Average average(weights, *network, *averaged, 0.999);
  {
    const torch::NoGradGuard no_gradient;
    weights.tensors()[0].fill_(1);
  }
  average.update(0);  // decay 1/10
  const torch::NoGradGuard no_gradient;
  EXPECT_GT(averaged->convolution->weight.min().item<float>(), 0.8);
}

}  // namespace
}  // namespace labelloom::model
