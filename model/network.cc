#include "model/network.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "formats/error.h"
#include "model/batch_targets.h"
#include "model/trunk.h"

namespace labelloom::model {
namespace {

namespace nn = torch::nn;

// sigmoid(-2.19) = 0.1: nearly all cells are empty, and the focal loss must not start with a shock
// (Lin et al., "Focal loss for dense object detection", 2017, 4.1).
constexpr double kRare = -2.19;
constexpr double kSmallestBoxLog = -4;
constexpr double kLargestBoxLog = 5;
constexpr int kLossFeatures = 64;

nn::Conv2d output(int from, int to, double bias = 0) {
  nn::Conv2d made(nn::Conv2dOptions(from, to, 1));
  nn::init::normal_(made->weight, 0, 0.01);
  nn::init::constant_(made->bias, bias);
  return made;
}

nn::Sequential tower(int features, int depth) {
  nn::Sequential made;
  for (int i = 0; i < depth; ++i) {
    const nn::Sequential block = convolution_block(features, features, 3);
    for (const nn::AnyModule& module : *block) made->push_back(module);
  }
  return made;
}

}  // namespace

struct NetworkImpl::Parts {
  Trunk trunk{nullptr};
  std::array<nn::Conv2d, 4> laterals{nullptr, nullptr, nullptr, nullptr};
  nn::Sequential smooth{nullptr};

  nn::Sequential box_tower{nullptr};
  nn::Conv2d center{nullptr};
  nn::Conv2d classes{nullptr};
  nn::Conv2d box{nullptr};

  nn::Sequential segmentation_tower{nullptr};
  nn::Conv2d segmentation{nullptr};

  nn::Sequential keypoint_tower{nullptr};
  nn::Conv2d keypoints{nullptr};
  nn::Conv2d offsets{nullptr};

  std::array<nn::Linear, 4> loss_features{nullptr, nullptr, nullptr, nullptr};
  nn::Linear loss{nullptr};
  bool loss_reaches_trunk = true;

  /// [N,F,H/4,W/4]: the stages brought to F channels and added up from the coarsest (Lin et al.,
  /// "Feature pyramid networks", 2017).
  torch::Tensor pyramid(const Stages& stages) {
    torch::Tensor x = laterals[3](stages[3]);
    for (std::size_t i = 3; i-- > 0;) {
      const torch::Tensor finer = laterals[i](stages[i]);
      x = finer + nn::functional::interpolate(
                      x,
                      nn::functional::InterpolateFuncOptions()
                          .size(std::vector<std::int64_t>{finer.size(2), finer.size(3)})
                          .mode(torch::kNearest));
    }
    return smooth->forward(x);
  }

  /// [N,T], of the trunk's stages alone (Yoo and Kweon, "Learning loss for active learning", 2019).
  torch::Tensor predicted_loss(const Stages& stages, const Heads& heads) {
    std::vector<torch::Tensor> features;
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const torch::Tensor mean = stages[i].mean({2, 3});
      features.push_back(torch::relu(loss_features[i](loss_reaches_trunk ? mean : mean.detach())));
    }
    torch::Tensor losses = loss(torch::cat(features, 1));
    if (heads.boxes && heads.segmentation && heads.keypoints) return losses;
    const std::vector<float> has = {
        heads.boxes ? 1.F : 0.F, heads.segmentation ? 1.F : 0.F, heads.keypoints ? 1.F : 0.F};
    return losses * torch::tensor(has, losses.options());
  }
};

NetworkImpl::NetworkImpl(const ModelConfig& config)
    : config_(config), parts_(std::make_unique<Parts>()) {
  validate(config_);
  const NetworkShape shape = network_shape(config_.size);
  Parts& p = *parts_;
  const int f = shape.features;
  p.trunk = register_module("trunk", Trunk(shape));
  for (std::size_t i = 0; i < p.laterals.size(); ++i) {
    p.laterals[i] = register_module(fmt::format("lateral{}", i + 1),
                                    nn::Conv2d(nn::Conv2dOptions(shape.stages[i], f, 1)));
  }
  p.smooth = register_module("smooth", convolution_block(f, f, 3));
  if (config_.heads.boxes) {
    p.box_tower = register_module("box_tower", tower(f, shape.tower));
    p.center = register_module("center", output(f, 1, kRare));
    p.classes = register_module("classes", output(f, static_cast<int>(config_.classes.size())));
    p.box = register_module("box", output(f, 4, 1));
  }
  if (config_.heads.segmentation) {
    p.segmentation_tower = register_module("segmentation_tower", tower(f, shape.tower));
    p.segmentation =
        register_module("segmentation", output(f, static_cast<int>(config_.seg_classes.size())));
  }
  if (config_.heads.keypoints) {
    const int slots = static_cast<int>(config_.keypoints.size());
    p.keypoint_tower = register_module("keypoint_tower", tower(f, shape.tower));
    p.keypoints = register_module("keypoints", output(f, slots, kRare));
    p.offsets = register_module("offsets", output(f, 2 * slots));
  }
  if (config_.heads.loss_prediction) {
    for (std::size_t i = 0; i < p.loss_features.size(); ++i) {
      p.loss_features[i] = register_module(fmt::format("loss_features{}", i + 1),
                                           nn::Linear(shape.stages[i], kLossFeatures));
    }
    p.loss = register_module("loss", nn::Linear(4 * kLossFeatures, kTaskCount));
  }
}

NetworkImpl::~NetworkImpl() = default;

Outputs NetworkImpl::forward(const torch::Tensor& images) {
  Parts& p = *parts_;
  const Stages stages = p.trunk(images);
  const torch::Tensor pyramid = p.pyramid(stages);
  Outputs out;
  if (config_.heads.boxes) {
    const torch::Tensor features = p.box_tower->forward(pyramid);
    out.center = p.center(features);
    out.classes = p.classes(features);
    out.box = torch::exp(torch::clamp(p.box(features), kSmallestBoxLog, kLargestBoxLog));
  }
  if (config_.heads.segmentation) {
    out.segmentation = p.segmentation(p.segmentation_tower->forward(pyramid));
  }
  if (config_.heads.keypoints) {
    const torch::Tensor features = p.keypoint_tower->forward(pyramid);
    out.keypoints = p.keypoints(features);
    out.offsets = p.offsets(features);
  }
  if (config_.heads.loss_prediction) out.loss = p.predicted_loss(stages, config_.heads);
  out.embedding = stages[3].mean({2, 3});
  return out;
}

torch::Tensor NetworkImpl::forward_segmentation(const torch::Tensor& images) {
  Parts& p = *parts_;
  if (!config_.heads.segmentation) {
    throw Error(Errc::kArgument, {}, "the network has no segmentation head");
  }
  return p.segmentation(p.segmentation_tower->forward(p.pyramid(p.trunk(images))));
}

void NetworkImpl::let_loss_reach_trunk(bool allowed) { parts_->loss_reaches_trunk = allowed; }

}  // namespace labelloom::model
