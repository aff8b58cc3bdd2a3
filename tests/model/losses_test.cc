#include "model/losses.h"

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/model/small_world.h"

namespace labelloom::model {
namespace {

using test::made_up_outputs;
using test::sample_of;
using test::small_config;
using test::targets_of;

double number(const torch::Tensor& tensor) { return tensor.item<double>(); }

bool has_gradient(const torch::Tensor& tensor) {
  return tensor.grad().defined() && tensor.grad().abs().sum().item<float>() > 0;
}

/// One picture of 2x2 cells with an object's centre in the first.
BatchTargets four_cells() {
  BatchTargets targets;
  targets.center = torch::tensor({1.F, 0.5F, 0.F, 0.F}).view({1, 2, 2});
  targets.center_known = torch::tensor({1.F, 1.F, 1.F, 0.F}).view({1, 2, 2});
  targets.box_image = torch::tensor({std::int64_t{0}});
  targets.box_cell = torch::tensor({std::int64_t{0}});
  targets.box_class = torch::tensor({std::int64_t{1}});
  targets.box = torch::tensor({1.F, 1.F, 1.F, 1.F}).view({1, 4});
  return targets;
}

TEST(BoxLoss, IsThatOfAHandMadeCase) {
  Outputs out;
  out.center = torch::zeros({1, 1, 2, 2});  // probability 1/2
  out.classes = torch::zeros({1, 3, 2, 2});
  // Twice as wide to the right: overlap 4, union 6, hull 6.
  out.box = torch::tensor({1.F, 1.F, 2.F, 1.F}).view({1, 4, 1, 1}).repeat({1, 1, 2, 2});
  const double log2 = std::log(2);
  const double center = 0.25 * log2 + std::pow(0.5, 4) * 0.25 * log2 + 0.25 * log2;
  const double box = 2 * (1 - 4.0 / 6);
  EXPECT_NEAR(number(box_loss(out, four_cells())), center + std::log(3) + box, 1e-5);
}

TEST(BoxLoss, KnowsHowFarBoxesAreThatHardlyMeet) {
  Outputs out;
  out.center = torch::full({1, 1, 2, 2}, -20.F);
  out.center[0][0][0][0] = 20;
  out.classes = torch::zeros({1, 3, 2, 2});
  out.classes[0][1] = 50;
  out.box = torch::tensor({0.F, 0.F, 3.F, 3.F}).view({1, 4, 1, 1}).repeat({1, 1, 2, 2});
  // Predicted 3x3, truth 2x2, overlap 1x1, hull 4x4.
  EXPECT_NEAR(number(box_loss(out, four_cells())), 2 * (1 - (1.0 / 12 - 4.0 / 16)), 1e-5);
}

TEST(SegmentationLoss, IsTheMeanOverPixelsThatAreKnown) {
  torch::Tensor logits = torch::zeros({1, 2, 1, 1});
  logits[0][1] = std::log(3.F);  // probabilities 1/4 and 3/4 in all 4x4 pixels
  torch::Tensor labels = torch::full({1, 4, 4}, 255, torch::kUInt8);
  labels[0][0][0] = 0;
  labels[0][3][3] = 1;
  EXPECT_NEAR(
      number(segmentation_loss(logits, labels)), 0.5 * (std::log(4) + std::log(4.0 / 3)), 1e-6);
  // Dice of class 0: (2 * 1/4 + 1) / (1/4 + 1/4 + 1 + 1); of class 1 with 3/4.
  const double dice = 0.5 * (1 - 1.5 / 2.5) + 0.5 * (1 - 2.5 / 3.5);
  EXPECT_NEAR(number(segmentation_loss(logits, labels, 1)),
              0.5 * (std::log(4) + std::log(4.0 / 3)) + dice,
              1e-6);
}

TEST(SegmentationLoss, OfNothingKnownIsZeroAndHasNoGradient) {
  torch::Tensor logits = torch::randn({1, 2, 2, 2}, torch::requires_grad());
  const torch::Tensor loss =
      segmentation_loss(logits, torch::full({1, 8, 8}, 255, torch::kUInt8), 1);
  EXPECT_EQ(number(loss), 0);
  loss.sum().backward();
  EXPECT_EQ(logits.grad().abs().sum().item<float>(), 0);
}

TEST(KeypointLoss, TakesTheOffsetsOfTheSlotAndCell) {
  BatchTargets targets;
  targets.keypoints = torch::zeros({1, 2, 2, 2});
  targets.keypoints_known = torch::zeros({1, 2, 2, 2});  // nothing known: only offsets count
  targets.offset_image = torch::tensor({std::int64_t{0}});
  targets.offset_cell = torch::tensor({std::int64_t{3}});
  targets.offset_slot = torch::tensor({std::int64_t{1}});
  targets.offset = torch::tensor({1.F, 5.F}).view({1, 2});
  Outputs out;
  out.keypoints = torch::randn({1, 2, 2, 2});
  out.offsets = torch::full({1, 4, 2, 2}, 100.F);
  out.offsets[0][2][1][1] = 1.05F;  // x: 0.05 away, 0.0125
  out.offsets[0][3][1][1] = 2.F;    // y: 3 away, 2.95
  EXPECT_NEAR(number(keypoint_loss(out, targets)), 0.5 * (0.0125 + 2.95), 1e-6);
}

TEST(Losses, OfAPictureDependNeitherOnTheOthersNorOnTheirOrder) {
  const ModelConfig config = small_config();
  const std::vector<Sample> samples = {
      sample_of(0, 4, 8), sample_of(1, 30, 20), sample_of(0, 40, 40)};
  const Outputs out = made_up_outputs(3);
  Criterion criterion(config, LossOptions{});
  const torch::Tensor all = criterion->forward(out, targets_of(samples, config)).per_image;
  ASSERT_EQ(all.sizes(), (std::vector<std::int64_t>{3, kTaskCount}));
  const torch::Tensor order = torch::tensor({std::int64_t{2}, std::int64_t{0}});
  const Outputs some = {.center = out.center.index_select(0, order),
                        .classes = out.classes.index_select(0, order),
                        .box = out.box.index_select(0, order),
                        .segmentation = out.segmentation.index_select(0, order),
                        .keypoints = out.keypoints.index_select(0, order),
                        .offsets = out.offsets.index_select(0, order),
                        .loss = out.loss.index_select(0, order),
                        .embedding = {}};
  const torch::Tensor two =
      criterion->forward(some, targets_of({samples[2], samples[0]}, config)).per_image;
  EXPECT_TRUE(torch::allclose(two, all.index_select(0, order), 1e-5, 1e-6));
  EXPECT_GT(number((all[0] - all[2]).abs().sum()), 1e-3);
}

TEST(Losses, OfPartsAddUpToThoseOfTheBatch) {
  const ModelConfig config = small_config();
  std::vector<Sample> samples = {sample_of(0, 4, 8),
                                 sample_of(1, 30, 20),
                                 sample_of(0, 40, 40),
                                 sample_of(1, 2, 2),
                                 sample_of(0, 9, 30)};
  samples[1].has_segmentation = false;
  samples[3].has_keypoints = false;
  samples[4].has_boxes = false;
  const BatchTargets targets = targets_of(samples, config);
  const Outputs out = made_up_outputs(5);
  Criterion criterion(config, LossOptions{.learn_weights = true, .loss_prediction = 0});
  const Losses whole = criterion->forward(out, targets);
  torch::Tensor total = torch::zeros({});
  torch::Tensor tasks = torch::zeros({kTaskCount});
  for (const auto& [first, count] : {std::pair{0, 2}, std::pair{2, 3}}) {
    const Outputs some = {.center = out.center.narrow(0, first, count),
                          .classes = out.classes.narrow(0, first, count),
                          .box = out.box.narrow(0, first, count),
                          .segmentation = out.segmentation.narrow(0, first, count),
                          .keypoints = out.keypoints.narrow(0, first, count),
                          .offsets = out.offsets.narrow(0, first, count),
                          .loss = out.loss.narrow(0, first, count),
                          .embedding = {}};
    const Losses part =
        criterion->forward(some, targets.part(first, count), {targets.has.sum(0), 0.2 * count});
    EXPECT_TRUE(torch::allclose(part.per_image, whole.per_image.narrow(0, first, count), 1e-5));
    total = total + part.total;
    tasks = tasks + part.tasks;
  }
  EXPECT_NEAR(number(total), number(whole.total), 1e-4);
  EXPECT_TRUE(torch::allclose(tasks, whole.tasks, 1e-5));
}

TEST(Losses, SendNoGradientToTasksWithoutLabels) {
  const ModelConfig config = small_config();
  std::vector<Sample> samples = {sample_of(0, 4, 8), sample_of(1, 30, 20)};
  for (int task = 0; task < kTaskCount; ++task) {
    for (Sample& sample : samples) {
      sample.has_boxes = task != 0;
      sample.has_segmentation = task != 1;
      sample.has_keypoints = task != 2;
    }
    const Outputs out = made_up_outputs(2);
    Criterion criterion(config, LossOptions{});
    const Losses losses = criterion->forward(out, targets_of(samples, config));
    losses.total.backward();
    for (const torch::Tensor& tensor : {out.center, out.classes, out.box}) {
      EXPECT_EQ(has_gradient(tensor), task != 0);
    }
    EXPECT_EQ(has_gradient(out.segmentation), task != 1);
    for (const torch::Tensor& tensor : {out.keypoints, out.offsets}) {
      EXPECT_EQ(has_gradient(tensor), task != 2);
    }
    EXPECT_EQ(number(losses.tasks[task]), 0);
  }
}

TEST(Losses, MaskATaskForThePictureThatLacksItsLabelsAlone) {
  const ModelConfig config = small_config();
  std::vector<Sample> samples = {sample_of(0, 4, 8), sample_of(0, 30, 20)};
  samples[1].has_boxes = false;
  const Outputs out = made_up_outputs(2);
  Criterion criterion(config, LossOptions{});
  criterion->forward(out, targets_of(samples, config)).total.backward();
  EXPECT_GT(number(out.center.grad()[0].abs().sum()), 0);
  EXPECT_EQ(number(out.center.grad()[1].abs().sum()), 0);
  EXPECT_EQ(number(out.box.grad()[1].abs().sum()), 0);
}

TEST(Losses, AreFiniteForEmptyPicturesAndBatchesWithoutAnyLabels) {
  const ModelConfig config = small_config();
  Sample empty = sample_of(0, 4, 8);
  empty.objects.clear();
  empty.labels.assign(std::size_t{64} * 64, kIgnoredLabel);
  for (const bool labelled : {true, false}) {
    empty.has_boxes = empty.has_segmentation = empty.has_keypoints = labelled;
    const Outputs out = made_up_outputs(3);
    Criterion criterion(config, LossOptions{.learn_weights = true, .dice = 1});
    const Losses losses = criterion->forward(out, targets_of({empty, empty, empty}, config));
    losses.total.backward();
    EXPECT_TRUE(std::isfinite(number(losses.total)));
    for (const torch::Tensor& tensor : {out.center, out.segmentation, out.keypoints, out.loss}) {
      if (tensor.grad().defined()) {
        EXPECT_TRUE(torch::isfinite(tensor.grad()).all().item<bool>());
      }
    }
  }
}

TEST(Losses, AreFiniteForExtremeLogits) {
  const ModelConfig config = small_config();
  Outputs out = made_up_outputs(1);
  for (const float extreme : {1e4F, -1e4F}) {
    out.center = torch::full({1, 1, 16, 16}, extreme, torch::requires_grad());
    Criterion criterion(config, LossOptions{});
    const Losses losses = criterion->forward(out, targets_of({sample_of(0, 4, 8)}, config));
    losses.total.backward();
    EXPECT_TRUE(std::isfinite(number(losses.total)));
    EXPECT_TRUE(torch::isfinite(out.center.grad()).all().item<bool>());
  }
}

TEST(Losses, WithLearntWeightsFollowKendall) {
  const ModelConfig config = small_config();
  const std::vector<Sample> samples = {sample_of(0, 4, 8)};
  const BatchTargets targets = targets_of(samples, config);
  const Outputs out = made_up_outputs(1);
  Criterion fixed(config, LossOptions{});
  Criterion learnt(config, LossOptions{.learn_weights = true});
  EXPECT_EQ(fixed->parameters().size(), 0U);
  ASSERT_EQ(learnt->parameters().size(), 1U);
  EXPECT_NEAR(number(learnt->forward(out, targets).total),
              0.5 * number(fixed->forward(out, targets).total),
              1e-4);
  const torch::Tensor eta = learnt->parameters()[0];
  const Losses losses = learnt->forward(out, targets);
  losses.total.backward();
  // d/d eta of (exp(-eta) w L + eta) / 2 at 0.
  EXPECT_NEAR(number(eta.grad()[1]), 0.5 * (1 - 5 * number(losses.tasks[1])), 1e-4);
  EXPECT_NEAR(learnt->weights()[1], 2.5, 1e-6);
}

TEST(PairLoss, ComparesTheFirstWithTheLastPicture) {
  const torch::Tensor predicted =
      torch::tensor({1.F, 0.F, 7.F, 0.25F, 3.F}, torch::requires_grad()).view({5, 1});
  const torch::Tensor losses = torch::tensor({2.F, 1.F, 9.F, 4.F, 1.F}).view({5, 1});
  const torch::Tensor has = torch::ones({5, 1});
  // (0, 4): 2 > 1 but 1 < 3: 1 + 2. (1, 3): 1 < 4 and 0 < 0.25: 1 - 0.25. The middle has no pair.
  EXPECT_NEAR(number(pair_loss(predicted, losses, has)), 0.5 * (3 + 0.75), 1e-6);
  torch::Tensor some = has.clone();
  some[0][0] = 0;
  EXPECT_NEAR(number(pair_loss(predicted, losses, some)), 0.75, 1e-6);
  EXPECT_EQ(number(pair_loss(predicted, losses, torch::zeros({5, 1}))), 0);
  EXPECT_EQ(number(pair_loss(predicted.narrow(0, 0, 1), losses.narrow(0, 0, 1), has)), 0);
}

}  // namespace
}  // namespace labelloom::model
