#include "model/adamw.h"

#include <cmath>
#include <utility>

#include <torch/torch.h>

namespace labelloom::model {

AdamW::AdamW(std::vector<torch::Tensor> weights, const AdamWOptions& options)
    : weights_(std::move(weights)), options_(options) {
  for (const torch::Tensor& weight : weights_) {
    if (weight.dim() > 1) decayed_.push_back(weight);
    first_.push_back(torch::zeros_like(weight));
    second_.push_back(torch::zeros_like(weight));
  }
}

void AdamW::step(const std::vector<torch::Tensor>& gradients, double learning_rate) {
  const torch::NoGradGuard no_gradient;
  ++steps_done_;
  const auto steps = static_cast<double>(steps_done_);
  const double first_bias = 1 - std::pow(options_.beta1, steps);
  const double second_bias = 1 - std::pow(options_.beta2, steps);
  if (options_.weight_decay > 0 && !decayed_.empty()) {
    at::_foreach_mul_(decayed_, 1 - learning_rate * options_.weight_decay);
  }
  at::_foreach_mul_(first_, options_.beta1);
  at::_foreach_add_(first_, gradients, 1 - options_.beta1);
  at::_foreach_mul_(second_, options_.beta2);
  at::_foreach_addcmul_(second_, gradients, gradients, 1 - options_.beta2);
  std::vector<torch::Tensor> divisor = at::_foreach_sqrt(second_);
  at::_foreach_div_(divisor, std::sqrt(second_bias));
  at::_foreach_add_(divisor, options_.epsilon);
  at::_foreach_addcdiv_(weights_, first_, divisor, -learning_rate / first_bias);
}

torch::Tensor gradient_norm(const std::vector<torch::Tensor>& gradients) {
  return torch::stack(at::_foreach_norm(gradients, 2)).norm();
}

}  // namespace labelloom::model
