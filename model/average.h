#pragma once

#include <cstdint>
#include <vector>

#include <torch/nn.h>

#include "model/master_weights.h"

namespace labelloom::model {

/// An exponential moving average of a network's weights, and of what its batch norms have measured:
/// it validates better and more evenly than the weights of the moment (Polyak and Juditsky 1992).
/// At step t the decay is min(decay, (1 + t) / (10 + t)): early steps are forgotten soon.
class Average {
 public:
  /// `average`: a network of the same shape, which takes the averages; it gets the values of now.
  Average(const MasterWeights& weights,
          const torch::nn::Module& network,
          torch::nn::Module& average,
          double decay);

  /// Step 0, 1, ... has changed the weights.
  void update(std::int64_t step);

 private:
  double decay_;
  std::vector<torch::Tensor> weights_;
  std::vector<torch::Tensor> averaged_;
  std::vector<torch::Tensor> buffers_;  // whole numbers: copied
  std::vector<torch::Tensor> copied_;
};

}  // namespace labelloom::model
