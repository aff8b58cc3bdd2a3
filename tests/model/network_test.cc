#include "model/network.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

using Shape = std::vector<std::int64_t>;

ModelConfig config_of(NetworkSize size) {
  return {.size = size,
          .heads = {},
          .classes = {"bolt", "nut"},
          .seg_classes = {"background", "bolt", "nut"},
          .seg_of_class = {1, 2},
          .keypoints = {{.class_index = 0, .name = "head", .mirrored = 0},
                        {.class_index = 0, .name = "tip", .mirrored = 1},
                        {.class_index = 1, .name = "hole", .mirrored = 2}},
          .input = {64, 64}};
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
  Network network(config_of(GetParam()));
  network->eval();
  const torch::NoGradGuard guard;
  const Outputs out = network->forward(torch::randn({2, 3, 64, 96}));
  EXPECT_EQ(out.center.sizes(), (Shape{2, 1, 16, 24}));
  EXPECT_EQ(out.classes.sizes(), (Shape{2, 2, 16, 24}));
  EXPECT_EQ(out.box.sizes(), (Shape{2, 4, 16, 24}));
  EXPECT_EQ(out.segmentation.sizes(), (Shape{2, 3, 16, 24}));
  EXPECT_EQ(out.keypoints.sizes(), (Shape{2, 3, 16, 24}));
  EXPECT_EQ(out.offsets.sizes(), (Shape{2, 6, 16, 24}));
  EXPECT_EQ(out.loss.sizes(), (Shape{2, 3}));
  EXPECT_EQ(out.embedding.dim(), 2);
  EXPECT_GT(out.box.min().item<float>(), 0);
  EXPECT_TRUE(torch::isfinite(out.classes).all().item<bool>());
}

}  // namespace
}  // namespace labelloom::model
