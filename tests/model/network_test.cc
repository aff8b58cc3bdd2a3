#include "model/network.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "formats/error.h"
#include "model/losses.h"
#include "tests/model/small_world.h"

namespace labelloom::model {
namespace {

using test::sample_of;
using test::small_config;
using test::targets_of;
using Shape = std::vector<std::int64_t>;

/// What has a gradient of more than nothing, by the first part of its name.
bool trunk_learns(const Network& network) {
  for (const auto& item : network->named_parameters()) {
    const torch::Tensor gradient = item.value().grad();
    if (item.key().rfind("trunk.", 0) == 0 && gradient.defined() &&
        gradient.abs().sum().item<float>() > 0) {
      return true;
    }
  }
  return false;
}

class EverySize : public ::testing::TestWithParam<NetworkSize> {};
INSTANTIATE_TEST_SUITE_P(Network,
                         EverySize,
                         ::testing::Values(NetworkSize::kSmall,
                                           NetworkSize::kBase,
                                           NetworkSize::kLarge),
                         [](const auto& test) { return std::string(name_of(test.param)); });

TEST_P(EverySize, GivesTheShapesThatOutputsPromises) {
  torch::manual_seed(1);
  Network network(small_config(GetParam()));
  network->eval();
  const torch::NoGradGuard guard;
  const torch::Tensor images = torch::randn({2, 3, 64, 96});
  const Outputs out = network->forward(images);
  EXPECT_EQ(out.center.sizes(), (Shape{2, 1, 16, 24}));
  EXPECT_EQ(out.classes.sizes(), (Shape{2, 2, 16, 24}));
  EXPECT_EQ(out.box.sizes(), (Shape{2, 4, 16, 24}));
  EXPECT_EQ(out.segmentation.sizes(), (Shape{2, 3, 16, 24}));
  EXPECT_EQ(out.keypoints.sizes(), (Shape{2, 2, 16, 24}));
  EXPECT_EQ(out.offsets.sizes(), (Shape{2, 4, 16, 24}));
  EXPECT_EQ(out.loss.sizes(), (Shape{2, 3}));
  EXPECT_EQ(out.embedding.dim(), 2);
  EXPECT_GT(out.box.min().item<float>(), 0);
  EXPECT_TRUE(torch::isfinite(out.classes).all().item<bool>());
  EXPECT_TRUE(torch::equal(network->forward_segmentation(images), out.segmentation));
}

TEST(Network, LeavesOutTheHeadsThatAreOff) {
  const torch::NoGradGuard guard;
  const torch::Tensor images = torch::randn({1, 3, 32, 32});
  std::int64_t all = 0;
  for (const torch::Tensor& parameter : Network(small_config())->parameters()) {
    all += parameter.numel();
  }
  for (int off = 0; off < 4; ++off) {
    ModelConfig config = small_config();
    config.heads = {off != 0, off != 1, off != 2, off != 3};
    Network network(config);
    network->eval();
    const Outputs out = network->forward(images);
    EXPECT_EQ(out.center.defined() && out.classes.defined() && out.box.defined(), off != 0);
    EXPECT_EQ(out.segmentation.defined(), off != 1);
    EXPECT_EQ(out.keypoints.defined() && out.offsets.defined(), off != 2);
    EXPECT_EQ(out.loss.defined(), off != 3);
    if (off < 3) {
      EXPECT_EQ(out.loss[0][off].item<float>(), 0);
    }
    std::int64_t count = 0;
    for (const torch::Tensor& parameter : network->parameters()) count += parameter.numel();
    EXPECT_LT(count, all);
    if (off == 1) {
      EXPECT_THROW(static_cast<void>(network->forward_segmentation(images)), Error);
    }
  }
}

TEST(Network, DoesNotLetPicturesOfABatchSeeEachOtherWhenEvaluated) {
  torch::manual_seed(2);
  Network network(small_config());
  const torch::Tensor images = torch::randn({3, 3, 64, 64});
  const torch::NoGradGuard guard;
  static_cast<void>(network->forward(images));  // running statistics of something
  network->eval();
  const Outputs all = network->forward(images);
  const Outputs one = network->forward(images.narrow(0, 1, 1));
  EXPECT_TRUE(torch::allclose(one.center, all.center.narrow(0, 1, 1), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(one.segmentation, all.segmentation.narrow(0, 1, 1), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(one.loss, all.loss.narrow(0, 1, 1), 1e-4, 1e-5));
}

TEST(Network, SendsThePredictedLossIntoTheTrunkOnlyWhenAllowed) {
  for (const bool allowed : {true, false}) {
    Network network(small_config());
    network->let_loss_reach_trunk(allowed);
    network->forward(torch::randn({2, 3, 32, 32})).loss.sum().backward();
    EXPECT_EQ(trunk_learns(network), allowed);
  }
}

TEST(Network, StartsWithFewObjectsAnywhere) {
  Network network(small_config());
  const torch::NoGradGuard guard;
  const Outputs out = network->forward(torch::randn({2, 3, 64, 64}));
  EXPECT_NEAR(torch::sigmoid(out.center).mean().item<float>(), 0.1, 0.05);
  EXPECT_NEAR(torch::sigmoid(out.keypoints).mean().item<float>(), 0.1, 0.05);
}

TEST(Network, LearnsTwoPicturesByHeart) {
  torch::manual_seed(4);
  const ModelConfig config = small_config();
  Network network(config);
  Criterion criterion(config, LossOptions{});
  const std::vector<Sample> samples = {sample_of(0, 8, 12), sample_of(1, 36, 30)};
  const BatchTargets targets = targets_of(samples, config);
  const torch::Tensor labels = targets.labels.to(torch::kFloat32).unsqueeze(1);
  const torch::Tensor images = torch::cat({labels, labels * labels, 1 - labels}, 1);
  torch::optim::AdamW optimiser(network->parameters(), torch::optim::AdamWOptions(3e-3));
  double first = 0;
  double last = 0;
  for (int step = 0; step < 40; ++step) {
    optimiser.zero_grad();
    const Losses losses = criterion->forward(network->forward(images), targets);
    losses.total.backward();
    optimiser.step();
    // Without the predicted loss, whose truth, the order of the two, changes all the time.
    last = (losses.total - losses.predicted).item<double>();
    ASSERT_TRUE(std::isfinite(last));
    if (step == 0) first = last;
  }
  EXPECT_LT(last, 0.2 * first);
}

}  // namespace
}  // namespace labelloom::model
