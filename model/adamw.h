#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

namespace labelloom::model {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 1e-4;  ///< not of biases and of what batch norms scale and shift with
};

/// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2) for
/// all weights at once: a few kernels a step instead of a dozen a weight, and a state that can be
/// saved the same way with every LibTorch.
class AdamW {
 public:
  /// `weights`: float32; they are changed in place.
  AdamW(std::vector<torch::Tensor> weights, const AdamWOptions& options);

  /// One step with gradients in the order of the weights.
  void step(const std::vector<torch::Tensor>& gradients, double learning_rate);

  /// Moving averages of the gradients and of their squares, in the order of the weights. To restore
  /// a state: copy into them.
  [[nodiscard]] const std::vector<torch::Tensor>& first_moments() const { return first_; }
  [[nodiscard]] const std::vector<torch::Tensor>& second_moments() const { return second_; }
  [[nodiscard]] std::int64_t steps_done() const { return steps_done_; }
  void set_steps_done(std::int64_t steps) { steps_done_ = steps; }

 private:
  std::vector<torch::Tensor> weights_;
  std::vector<torch::Tensor> decayed_;  // those of weights_ that weight decay is for
  std::vector<torch::Tensor> first_;
  std::vector<torch::Tensor> second_;
  std::int64_t steps_done_ = 0;
  AdamWOptions options_;
};

/// Euclidean length of all gradients together.
[[nodiscard]] torch::Tensor gradient_norm(const std::vector<torch::Tensor>& gradients);

}  // namespace labelloom::model
