#include "model/master_weights.h"

#include <algorithm>
#include <unordered_set>

namespace labelloom::model {
namespace {

std::unordered_set<const void*> batch_norm_parameters(const torch::nn::Module& network) {
  std::unordered_set<const void*> found;
  for (const auto& module : network.modules()) {
    if (module->as<torch::nn::BatchNorm2d>() == nullptr) continue;
    for (const torch::Tensor& parameter : module->parameters(/*recurse=*/false)) {
      found.insert(parameter.unsafeGetTensorImpl());
    }
  }
  return found;
}

}  // namespace

MasterWeights::MasterWeights(torch::nn::Module& network, bool bfloat16) {
  const auto kept = batch_norm_parameters(network);
  for (const auto& entry : network.named_parameters()) {
    torch::Tensor parameter = entry.value();
    names_.push_back(entry.key());
    parameters_.push_back(parameter);
    if (bfloat16 && kept.count(parameter.unsafeGetTensorImpl()) == 0) {
      masters_.push_back(parameter.detach().clone());
      parameter.set_data(parameter.detach().to(torch::kBFloat16));
    } else {
      masters_.push_back(parameter.detach());  // shares its memory
    }
    parameter.mutable_grad() = torch::zeros_like(parameter.detach());
  }
}

std::vector<torch::Tensor> MasterWeights::gradients() const {
  std::vector<torch::Tensor> out;
  out.reserve(parameters_.size());
  for (const torch::Tensor& parameter : parameters_) {
    out.push_back(parameter.grad().to(torch::kFloat32));  // itself when it has this type
  }
  return out;
}

void MasterWeights::clear_gradients() {
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& parameter : parameters_) gradients.push_back(parameter.grad());
  if (!gradients.empty()) at::_foreach_zero_(gradients);
}

void MasterWeights::publish() {
  const torch::NoGradGuard no_gradient;
  for (std::size_t i = 0; i < masters_.size(); ++i) {
    if (parameters_[i].scalar_type() != torch::kFloat32) {
      parameters_[i].detach().copy_(masters_[i]);
    }
  }
}

void make_channels_last(torch::nn::Module& network) {
  for (torch::Tensor& parameter : network.parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.detach().contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

}  // namespace labelloom::model
