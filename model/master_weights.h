#pragma once

#include <string>
#include <vector>

#include <torch/nn.h>

namespace labelloom::model {

/// The float32 weights that an optimiser changes. A network that computes in bfloat16 has rounded
/// copies of them (Micikevicius et al., "Mixed precision training", 2018; bfloat16 has the range of
/// float32 and needs no loss scaling); its batch norms stay in float32.
class MasterWeights {
 public:
  /// The network's parameters as they are now; with `bfloat16` those of the network are replaced by
  /// rounded copies. The network must outlive this.
  MasterWeights(torch::nn::Module& network, bool bfloat16);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// In the order of `names`, float32.
  [[nodiscard]] const std::vector<torch::Tensor>& tensors() const { return masters_; }
  /// Of the last backward pass, float32; zeros where nothing reached a parameter. With bfloat16
  /// these are copies.
  [[nodiscard]] std::vector<torch::Tensor> gradients() const;
  void clear_gradients();
  /// Brings changed weights to the network.
  void publish();

 private:
  std::vector<std::string> names_;
  std::vector<torch::Tensor> parameters_;  // of the network
  std::vector<torch::Tensor> masters_;     // the same tensors where the network has float32
};

/// The weights of convolutions lie with channels last from now on: what convolutions are fastest
/// with, in bfloat16 on a GPU and on the CPU.
void make_channels_last(torch::nn::Module& network);

}  // namespace labelloom::model
