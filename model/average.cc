#include "model/average.h"

#include <algorithm>

namespace labelloom::model {

Average::Average(const MasterWeights& weights,
                 const torch::nn::Module& network,
                 torch::nn::Module& average,
                 double decay)
    : decay_(decay), weights_(weights.tensors()) {
  for (const torch::Tensor& parameter : average.parameters()) {
    averaged_.push_back(parameter.detach());
  }
  const std::vector<torch::Tensor> from = network.buffers();
  const std::vector<torch::Tensor> to = average.buffers();
  for (std::size_t i = 0; i < from.size(); ++i) {
    (from[i].is_floating_point() ? weights_ : buffers_).push_back(from[i]);
    (from[i].is_floating_point() ? averaged_ : copied_).push_back(to.at(i));
  }
  for (std::size_t i = 0; i < weights_.size(); ++i) averaged_.at(i).copy_(weights_[i]);
  for (std::size_t i = 0; i < buffers_.size(); ++i) copied_.at(i).copy_(buffers_[i]);
}

void Average::update(std::int64_t step) {
  const torch::NoGradGuard no_gradient;
  const auto t = static_cast<double>(step);
  const double decay = std::min(decay_, (1 + t) / (10 + t));
  at::_foreach_mul_(averaged_, decay);
  at::_foreach_add_(averaged_, weights_, 1 - decay);
  for (std::size_t i = 0; i < buffers_.size(); ++i) copied_[i].copy_(buffers_[i]);
}

}  // namespace labelloom::model
