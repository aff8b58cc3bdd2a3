#pragma once

#include <array>

#include <torch/nn.h>

#include "model/batch_targets.h"
#include "model/model_config.h"
#include "model/outputs.h"

namespace labelloom::model {

struct LossOptions {
  /// Of boxes, segmentation and key points in the sum.
  std::array<double, kTaskCount> weights{1, 5, 3};
  /// Learn the tasks' weights besides (Kendall et al., "Multi-task learning using uncertainty",
  /// 2018): sum of exp(-eta) L / 2 + eta / 2, L already weighted.
  bool learn_weights = false;
  double dice = 0;             ///< of 1 - Dice in the segmentation's loss, beside cross entropy
  double loss_prediction = 1;  ///< of the predicted losses' own loss
  double margin = 1;           ///< by which predicted losses of a pair should differ
};

/// Losses of a batch of N pictures, T tasks.
struct Losses {
  torch::Tensor total;      ///< [] what is minimised
  torch::Tensor per_image;  ///< [N,T] unweighted; 0 where the picture has no labels for the task
  torch::Tensor tasks;      ///< [T] detached means over the pictures with labels; 0 without any
  torch::Tensor predicted;  ///< [] the predicted losses' loss; 0 without that head
};

/// What a part of a batch is of the whole, so that the parts' losses add up to the whole's. The
/// default is a batch that is not divided.
struct BatchShare {
  torch::Tensor counts;  ///< [T] pictures of the whole batch with labels for the task
  double pictures = 1;   ///< share of the batch's pictures
};

/// Compares outputs with targets. Every loss is of one picture alone: neither the others in the
/// batch nor their order change it.
///
/// Boxes: focal loss of the centres (Zhou et al., "Objects as points", 2019, alpha 2, beta 4) over
/// the number of centres, cross entropy of the classes, 2 (1 - GIoU) (Rezatofighi et al., 2019),
/// the latter two means over the cells that know an object. Segmentation: mean cross entropy at the
/// input's resolution, logits magnified bilinearly. Key points: the focal loss of their heat maps,
/// smooth L1 of the offsets in cells, squares below a tenth of one, mean over both coordinates.
class CriterionImpl : public torch::nn::Module {
 public:
  CriterionImpl(const ModelConfig& config, LossOptions options);

  /// `targets` on the device of `outputs`. A task that is masked or has no head adds nothing and
  /// sends no gradient.
  /// With a `share` the means are over the whole batch's pictures; the predicted losses are
  /// compared within the part, and count by its share.
  [[nodiscard]] Losses forward(const Outputs& outputs,
                               const BatchTargets& targets,
                               const BatchShare& share = {});

  /// [T] what the tasks' losses are multiplied with now, learnt part included.
  [[nodiscard]] std::array<double, kTaskCount> weights() const;

 private:
  ModelConfig config_;
  LossOptions options_;
  torch::Tensor eta_;  // [T], a parameter when weights are learnt
};
TORCH_MODULE(Criterion);

/// [N] losses of the boxes / the segmentation / the key points; meaningless for pictures without
/// labels of the task.
[[nodiscard]] torch::Tensor box_loss(const Outputs& outputs, const BatchTargets& targets);
[[nodiscard]] torch::Tensor segmentation_loss(const torch::Tensor& logits,
                                              const torch::Tensor& labels,
                                              double dice = 0);
[[nodiscard]] torch::Tensor keypoint_loss(const Outputs& outputs, const BatchTargets& targets);

/// [] of pairs (i, N - 1 - i): mean of max(0, margin - sign(l_i - l_j) (p_i - p_j)) over the pairs
/// that both have the task, summed over tasks (Yoo and Kweon, "Learning loss for active learning",
/// 2019). An odd batch's middle picture has no pair. Sends no gradient to the `losses`.
/// `predicted`, `losses`, `has`: [N,T].
[[nodiscard]] torch::Tensor pair_loss(const torch::Tensor& predicted,
                                      const torch::Tensor& losses,
                                      const torch::Tensor& has,
                                      double margin = 1);

}  // namespace labelloom::model
