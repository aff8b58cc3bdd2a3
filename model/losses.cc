#include "model/losses.h"

#include <utility>
#include <vector>

#include "model/sample.h"

namespace labelloom::model {
namespace {

namespace F = torch::nn::functional;

constexpr double kGiouWeight = 2;
// Cells. Where a key point is known to a few tenths of a cell, the squares of smooth L1's usual
// range of 1 would hardly move it any more.
constexpr double kOffsetRange = 0.1;
constexpr double kTiny = 1e-6;

/// [N] sums of `values` [M] of the pictures `image` [M] names.
torch::Tensor sum_per_image(const torch::Tensor& values,
                            const torch::Tensor& image,
                            std::int64_t count) {
  return torch::zeros({count}, values.options()).index_add(0, image, values);
}

/// [N] means of `values` [M] over each picture's own; 0 for pictures that have none.
torch::Tensor mean_per_image(const torch::Tensor& values,
                             const torch::Tensor& image,
                             std::int64_t count) {
  const torch::Tensor counts = sum_per_image(torch::ones_like(values), image, count);
  return sum_per_image(values, image, count) / counts.clamp_min(1);
}

/// [N] penalty-reduced focal loss of heat maps, over the number of peaks. All [N,...].
torch::Tensor focal_loss(const torch::Tensor& logits,
                         const torch::Tensor& target,
                         const torch::Tensor& known) {
  // log sigmoid(x) and log(1 - sigmoid(x)) are finite for every x, unlike the log of a sigmoid.
  const torch::Tensor log_yes = torch::log_sigmoid(logits);
  const torch::Tensor log_no = log_yes - logits;
  const torch::Tensor yes = torch::sigmoid(logits);
  const torch::Tensor peak = (target >= 1).to(logits.dtype()) * known;
  const torch::Tensor positive = peak * (1 - yes).square() * log_yes;
  const torch::Tensor negative =
      (known - peak) * (1 - target).square().square() * yes.square() * log_no;
  return -(positive + negative).flatten(1).sum(1) / peak.flatten(1).sum(1).clamp_min(1);
}

/// [M] 1 - GIoU of boxes given as distances from the same point, [M,4].
torch::Tensor giou_loss(const torch::Tensor& predicted, const torch::Tensor& target) {
  const auto side = [](const torch::Tensor& box, int low) {
    return box.select(1, low) + box.select(1, low + 2);
  };
  const torch::Tensor inner = torch::min(predicted, target);
  const torch::Tensor outer = torch::max(predicted, target);
  const torch::Tensor overlap = side(inner, 0) * side(inner, 1);
  const torch::Tensor hull = side(outer, 0) * side(outer, 1);
  const torch::Tensor both =
      side(predicted, 0) * side(predicted, 1) + side(target, 0) * side(target, 1) - overlap;
  return 1 - (overlap / (both + kTiny) - (hull - both) / (hull + kTiny));
}

/// [M,channels] of a map [N,channels,h,w] at cells of pictures, both [M].
torch::Tensor at_cells(const torch::Tensor& map,
                       const torch::Tensor& image,
                       const torch::Tensor& cell) {
  return map.flatten(2).permute({0, 2, 1}).index({image, cell}).to(torch::kFloat32);
}

}  // namespace

torch::Tensor box_loss(const Outputs& outputs, const BatchTargets& targets) {
  const std::int64_t count = outputs.center.size(0);
  torch::Tensor center = focal_loss(
      outputs.center.squeeze(1).to(torch::kFloat32), targets.center, targets.center_known);
  if (targets.box_cell.size(0) == 0) return center;
  const torch::Tensor classes =
      F::cross_entropy(at_cells(outputs.classes, targets.box_image, targets.box_cell),
                       targets.box_class,
                       F::CrossEntropyFuncOptions().reduction(torch::kNone));
  const torch::Tensor box =
      giou_loss(at_cells(outputs.box, targets.box_image, targets.box_cell), targets.box);
  return center + mean_per_image(classes + kGiouWeight * box, targets.box_image, count);
}

torch::Tensor segmentation_loss(const torch::Tensor& logits,
                                const torch::Tensor& labels,
                                double dice) {
  const torch::Tensor large =
      F::interpolate(logits.to(torch::kFloat32),
                     F::InterpolateFuncOptions()
                         .size(std::vector<std::int64_t>{labels.size(1), labels.size(2)})
                         .mode(torch::kBilinear)
                         .align_corners(false));
  const torch::Tensor classes = labels.to(torch::kInt64);
  const torch::Tensor log_probabilities = torch::log_softmax(large, 1);
  const torch::Tensor each =
      F::nll_loss(log_probabilities,
                  classes,
                  F::NLLLossFuncOptions().ignore_index(kIgnoredLabel).reduction(torch::kNone));
  const torch::Tensor known = (classes != kIgnoredLabel).to(torch::kFloat32);
  torch::Tensor loss = each.flatten(1).sum(1) / known.flatten(1).sum(1).clamp_min(1);
  if (dice == 0) return loss;
  // Soft Dice a class and picture, over the classes the picture has (Milletari et al., 2016).
  const torch::Tensor shares = log_probabilities.exp() * known.unsqueeze(1);
  const torch::Tensor truth = torch::zeros_like(shares).scatter_(
      1, (classes * known.to(torch::kInt64)).unsqueeze(1), known.unsqueeze(1));
  const torch::Tensor overlap = (shares * truth).flatten(2).sum(2);  // [N,C]
  const torch::Tensor sizes = (shares + truth).flatten(2).sum(2);
  const torch::Tensor present = (truth.flatten(2).sum(2) > 0).to(torch::kFloat32);
  const torch::Tensor distance = (1 - (2 * overlap + 1) / (sizes + 1)) * present;
  return loss + dice * distance.sum(1) / present.sum(1).clamp_min(1);
}

torch::Tensor keypoint_loss(const Outputs& outputs, const BatchTargets& targets) {
  const std::int64_t count = outputs.keypoints.size(0);
  torch::Tensor heat =
      focal_loss(outputs.keypoints.to(torch::kFloat32), targets.keypoints, targets.keypoints_known);
  if (targets.offset_cell.size(0) == 0) return heat;
  const auto pick = [&](const torch::Tensor& channel) {
    return outputs.offsets.flatten(2).index({targets.offset_image, channel, targets.offset_cell});
  };
  const torch::Tensor predicted =
      torch::stack({pick(2 * targets.offset_slot), pick(2 * targets.offset_slot + 1)}, 1)
          .to(torch::kFloat32);
  const torch::Tensor each = F::smooth_l1_loss(predicted,
                                               targets.offset,
                                               F::SmoothL1LossFuncOptions().reduction(torch::kNone),
                                               kOffsetRange)
                                 .mean(1);
  return heat + mean_per_image(each, targets.offset_image, count);
}

torch::Tensor pair_loss(const torch::Tensor& predicted,
                        const torch::Tensor& losses,
                        const torch::Tensor& has,
                        double margin) {
  const std::int64_t pairs = predicted.size(0) / 2;
  if (pairs == 0) return predicted.sum() * 0;
  const auto difference = [pairs](const torch::Tensor& values) {
    return values.narrow(0, 0, pairs) - values.flip(0).narrow(0, 0, pairs);
  };
  const torch::Tensor order = torch::sign(difference(losses.detach()));
  const torch::Tensor valid = has.narrow(0, 0, pairs) * has.flip(0).narrow(0, 0, pairs);
  const torch::Tensor each =
      torch::relu(margin - order * difference(predicted.to(torch::kFloat32))) * valid;
  return (each.sum(0) / valid.sum(0).clamp_min(1)).sum();
}

CriterionImpl::CriterionImpl(const ModelConfig& config, LossOptions options)
    : config_(config), options_(options), eta_(torch::zeros({kTaskCount})) {
  if (options_.learn_weights) eta_ = register_parameter("eta", eta_);
}

Losses CriterionImpl::forward(const Outputs& outputs,
                              const BatchTargets& targets,
                              const BatchShare& share) {
  const Heads& heads = config_.heads;
  const torch::Tensor none = torch::zeros({targets.has.size(0)}, targets.has.options());
  std::vector<torch::Tensor> columns(kTaskCount, none);
  if (heads.boxes && targets.center.defined()) columns[0] = box_loss(outputs, targets);
  if (heads.segmentation && targets.labels.defined()) {
    columns[1] = segmentation_loss(outputs.segmentation, targets.labels, options_.dice);
  }
  if (heads.keypoints && targets.keypoints.defined()) {
    columns[2] = keypoint_loss(outputs, targets);
  }
  Losses losses;
  losses.per_image = torch::stack(columns, 1) * targets.has;
  const torch::Tensor counts = share.counts.defined() ? share.counts : targets.has.sum(0);
  const torch::Tensor means = losses.per_image.sum(0) / counts.clamp_min(1);  // [T]
  losses.tasks = means.detach();
  const std::vector<double> fixed(options_.weights.begin(), options_.weights.end());
  torch::Tensor weighted = means * torch::tensor(fixed, means.options());
  if (options_.learn_weights) {
    // A batch without labels of a task must not make the task seem certain.
    const torch::Tensor seen = (counts > 0).to(means.dtype());
    weighted = 0.5 * (torch::exp(-eta_) * weighted + share.pictures * eta_) * seen;
  }
  losses.total = weighted.sum();
  losses.predicted = torch::zeros({}, means.options());
  if (heads.loss_prediction && outputs.loss.defined()) {
    losses.predicted =
        share.pictures * pair_loss(outputs.loss, losses.per_image, targets.has, options_.margin);
    losses.total = losses.total + options_.loss_prediction * losses.predicted;
  }
  return losses;
}

std::array<double, kTaskCount> CriterionImpl::weights() const {
  std::array<double, kTaskCount> weights = options_.weights;
  if (!options_.learn_weights) return weights;
  const torch::NoGradGuard guard;
  const torch::Tensor factor = (0.5 * torch::exp(-eta_)).cpu();
  for (std::size_t task = 0; task < weights.size(); ++task) {
    weights[task] *= factor[static_cast<std::int64_t>(task)].item<double>();
  }
  return weights;
}

}  // namespace labelloom::model
