#include "model/trunk.h"

#include <string>

namespace labelloom::model {
namespace {

namespace nn = torch::nn;

/// ReLU in place: of what nothing else will read.
torch::Tensor rectified(torch::Tensor x) { return x.relu_(); }

nn::Conv2d convolution(int from, int to, int kernel, int stride) {
  nn::Conv2d made(
      nn::Conv2dOptions(from, to, kernel).stride(stride).padding(kernel / 2).bias(false));
  nn::init::kaiming_normal_(made->weight, 0, torch::kFanOut, torch::kReLU);
  return made;
}

/// What a block adds its result to: the input itself, or brought to the same shape.
nn::Sequential shortcut(int from, int to, int stride) {
  if (from == to && stride == 1) return nullptr;
  return nn::Sequential(convolution(from, to, 1, stride), nn::BatchNorm2d(to));
}

class BasicBlockImpl : public nn::Module {
 public:
  BasicBlockImpl(int from, int to, int stride)
      : conv1_(register_module("conv1", convolution(from, to, 3, stride))),
        bn1_(register_module("bn1", nn::BatchNorm2d(to))),
        conv2_(register_module("conv2", convolution(to, to, 3, 1))),
        bn2_(register_module("bn2", nn::BatchNorm2d(to))),
        downsample_(shortcut(from, to, stride)) {
    if (downsample_) register_module("downsample", downsample_);
  }

  torch::Tensor forward(const torch::Tensor& input) {
    torch::Tensor x = rectified(bn1_(conv1_(input)));
    x = bn2_(conv2_(x));
    x += downsample_ ? downsample_->forward(input) : input;
    return rectified(x);
  }

 private:
  nn::Conv2d conv1_;
  nn::BatchNorm2d bn1_;
  nn::Conv2d conv2_;
  nn::BatchNorm2d bn2_;
  nn::Sequential downsample_;
};
TORCH_MODULE(BasicBlock);

class BottleneckImpl : public nn::Module {
 public:
  BottleneckImpl(int from, int to, int stride)
      : conv1_(register_module("conv1", convolution(from, to / 4, 1, 1))),
        bn1_(register_module("bn1", nn::BatchNorm2d(to / 4))),
        conv2_(register_module("conv2", convolution(to / 4, to / 4, 3, stride))),
        bn2_(register_module("bn2", nn::BatchNorm2d(to / 4))),
        conv3_(register_module("conv3", convolution(to / 4, to, 1, 1))),
        bn3_(register_module("bn3", nn::BatchNorm2d(to))),
        downsample_(shortcut(from, to, stride)) {
    if (downsample_) register_module("downsample", downsample_);
  }

  torch::Tensor forward(const torch::Tensor& input) {
    torch::Tensor x = rectified(bn1_(conv1_(input)));
    x = rectified(bn2_(conv2_(x)));
    x = bn3_(conv3_(x));
    x += downsample_ ? downsample_->forward(input) : input;
    return rectified(x);
  }

 private:
  nn::Conv2d conv1_;
  nn::BatchNorm2d bn1_;
  nn::Conv2d conv2_;
  nn::BatchNorm2d bn2_;
  nn::Conv2d conv3_;
  nn::BatchNorm2d bn3_;
  nn::Sequential downsample_;
};
TORCH_MODULE(Bottleneck);

}  // namespace

NetworkShape network_shape(NetworkSize size) {
  switch (size) {
    case NetworkSize::kBase:
      return {.resnet50 = false,
              .stem = 32,
              .stages = {64, 128, 256, 256},
              .blocks = {3, 3, 5, 2},
              .features = 128,
              .tower = 1};
    case NetworkSize::kLarge:
      return {.resnet50 = true,
              .stem = 64,
              .stages = {256, 512, 1024, 2048},
              .blocks = {3, 4, 6, 3},
              .features = 128,
              .tower = 2};
    case NetworkSize::kSmall:
      break;
  }
  return {.resnet50 = false,
          .stem = 16,
          .stages = {32, 64, 128, 128},
          .blocks = {2, 2, 2, 2},
          .features = 48,
          .tower = 1};
}

nn::Sequential convolution_block(int from, int to, int kernel, int stride) {
  return nn::Sequential(
      convolution(from, to, kernel, stride), nn::BatchNorm2d(to), nn::ReLU(nn::ReLUOptions(true)));
}

TrunkImpl::TrunkImpl(const NetworkShape& shape) : pool_(shape.resnet50) {
  conv1_ = register_module("conv1", convolution(3, shape.stem, shape.resnet50 ? 7 : 3, 2));
  bn1_ = register_module("bn1", nn::BatchNorm2d(shape.stem));
  int from = shape.stem;
  for (std::size_t stage = 0; stage < layers_.size(); ++stage) {
    layers_[stage] = register_module("layer" + std::to_string(stage + 1), nn::Sequential());
    for (int block = 0; block < shape.blocks[stage]; ++block) {
      const int to = shape.stages[stage];
      const int stride = block > 0 || (stage == 0 && pool_) ? 1 : 2;
      if (shape.resnet50) {
        layers_[stage]->push_back(Bottleneck(from, to, stride));
      } else {
        layers_[stage]->push_back(BasicBlock(from, to, stride));
      }
      from = to;
    }
  }
}

Stages TrunkImpl::forward(const torch::Tensor& images) {
  torch::Tensor x = rectified(bn1_(conv1_(images)));
  if (pool_) x = torch::max_pool2d(x, 3, 2, 1);
  Stages stages;
  for (std::size_t stage = 0; stage < layers_.size(); ++stage) {
    x = layers_[stage]->forward(x);
    stages[stage] = x;
  }
  return stages;
}

}  // namespace labelloom::model
