#include "model/weights.h"

#include <cstdint>
#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "tests/model/small_world.h"
#include "tests/support/temp_dir.h"

namespace labelloom::model {
namespace {

using test::small_config;
using ::testing::HasSubstr;

class Weights : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return dir / "w.safetensors"; }

  [[nodiscard]] std::string refusal(Network& network) const {
    try {
      read_weights(path(), network);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  labelloom::test::TempDir dir;
};

bool same_weights(const Network& a, const Network& b) {
  const NamedTensors theirs = weights_of(*b);
  for (const auto& [name, tensor] : weights_of(*a)) {
    if (!torch::equal(tensor, theirs.at(name))) return false;
  }
  return true;
}

TEST_F(Weights, GoIntoANetworkOfTheSameConfiguration) {
  Network network(small_config());
  static_cast<void>(network->forward(torch::randn({2, 3, 32, 32})));  // moves the statistics
  write_weights(path(), network, {{"step", "1"}});
  Network other(small_config());
  ASSERT_FALSE(same_weights(network, other));
  read_weights(path(), other);
  EXPECT_TRUE(same_weights(network, other));
}

TEST_F(Weights, OfAnotherShapeAreNamedAndChangeNothing) {
  write_weights(path(), Network(small_config()));
  ModelConfig config = small_config();
  config.classes.push_back("washer");
  config.seg_of_class.push_back(0);
  Network network(config);
  Network before(config);
  copy_tensors(weights_of(*network), weights_of(*before), "");
  EXPECT_THAT(refusal(network),
              HasSubstr("\"classes.bias\" has shape [2] in the file, [3] in the network"));
  EXPECT_TRUE(same_weights(network, before));
}

TEST_F(Weights, ThatAreMissingOrTooManyAreNamed) {
  ModelConfig config = small_config();
  config.heads.keypoints = false;
  write_weights(path(), Network(config));
  Network network(small_config());
  EXPECT_THAT(refusal(network), HasSubstr("of the network (and "));
  write_weights(path(), network);
  Network smaller(config);
  EXPECT_THAT(refusal(smaller), HasSubstr("is not in the network"));
}

TEST_F(Weights, OfATruncatedFileAreRefused) {
  Network network(small_config());
  write_weights(path(), network);
  const std::string whole(InputFile(path()).text());
  write_file(path(), whole.substr(0, whole.size() - 1000));
  EXPECT_THAT(refusal(network), HasSubstr("truncated?"));
}

TEST_F(Weights, OfAnotherNetworkInitialiseWhatFits) {
  Network network(small_config());
  write_weights(path(), network);
  ModelConfig config = small_config();
  config.classes.push_back("washer");
  config.seg_of_class.push_back(0);
  config.heads.loss_prediction = false;
  Network other(config);
  const Initialised result = initialise_from(path(), other);
  EXPECT_EQ(result.reshaped.size(), 2U);
  EXPECT_THAT(result.reshaped[1], HasSubstr("\"classes.weight\" has shape [2,48,1,1]"));
  EXPECT_THAT(result.unfilled, ::testing::IsEmpty());
  EXPECT_EQ(result.taken + result.reshaped.size(), weights_of(*other).size());
  EXPECT_THAT(result.unused, ::testing::Contains("loss.bias"));
  EXPECT_TRUE(torch::equal(weights_of(*network).at("trunk.layer1.0.conv1.weight"),
                           weights_of(*other).at("trunk.layer1.0.conv1.weight")));
}

TEST_F(Weights, OfTorchvisionsResNet50FillTheLargeTrunk) {
  // Names and shapes as torchvision.models.resnet50().state_dict() has them; a few of each kind.
  NamedTensors resnet = {{"conv1.weight", torch::full({64, 3, 7, 7}, 0.5F)},
                         {"bn1.running_mean", torch::ones({64})},
                         {"layer1.0.conv1.weight", torch::ones({64, 64, 1, 1})},
                         {"layer1.0.downsample.0.weight", torch::ones({256, 64, 1, 1})},
                         {"layer1.0.downsample.1.running_var", torch::ones({256})},
                         {"layer2.0.conv2.weight", torch::ones({128, 128, 3, 3})},
                         {"layer3.5.conv3.weight", torch::ones({1024, 256, 1, 1})},
                         {"layer4.2.bn3.num_batches_tracked", torch::ones({}, torch::kInt64)},
                         {"fc.weight", torch::ones({1000, 2048})}};
  write_tensors(path(), resnet);
  Network network(small_config(NetworkSize::kLarge));
  const Initialised result = initialise_from(path(), network);
  EXPECT_EQ(result.taken, 8U);
  EXPECT_THAT(result.unused, ::testing::ElementsAre("fc.weight"));
  EXPECT_TRUE(torch::equal(weights_of(*network).at("trunk.conv1.weight"), resnet["conv1.weight"]));
  // 53 convolutions and 53 norms of 5 tensors each, as many as torchvision's without "fc".
  std::size_t trunk = 0;
  for (const auto& [name, tensor] : weights_of(*network)) {
    if (name.rfind("trunk.", 0) == 0) ++trunk;
  }
  EXPECT_EQ(trunk, 318U);
}

TEST_F(Weights, ThatFitNowhereAreRefused) {
  write_tensors(path(), {{"other", torch::ones({2})}});
  Network network(small_config());
  EXPECT_THROW(static_cast<void>(initialise_from(path(), network)), Error);
}

TEST_F(Weights, OfHalfPrecisionAreConverted) {
  Network network(small_config());
  NamedTensors half;
  for (const auto& [name, tensor] : weights_of(*network)) {
    half.emplace(name, tensor.is_floating_point() ? tensor.to(torch::kBFloat16) : tensor);
  }
  write_tensors(path(), half);
  Network other(small_config());
  read_weights(path(), other);
  EXPECT_TRUE(torch::allclose(weights_of(*other).at("trunk.conv1.weight"),
                              weights_of(*network).at("trunk.conv1.weight"),
                              1e-2));
}

}  // namespace
}  // namespace labelloom::model
