#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "model/decode.h"
#include "model/input_batch.h"
#include "model/predictor.h"
#include "model/run_folder.h"
#include "model/trainer.h"
#include "model/weights.h"
#include "tests/model/small_training.h"
#include "tests/support/temp_dir.h"

namespace labelloom::model {
namespace {

using test_support::Squares;
using test_support::squares_config;
using ::testing::HasSubstr;

/// A run of two steps.
class NativePredictor : public ::testing::Test {
 protected:
  NativePredictor() {
    torch::manual_seed(5);
    Network network(squares_config());
    Squares source(4);
    TrainOptions options;
    options.run = run();
    options.epochs = 1;
    options.batch = 2;
    options.workers = 1;
    EXPECT_EQ(train(network, source, options, {}).steps, 2U);
  }

  [[nodiscard]] std::filesystem::path run() const { return folder_ / "run"; }
  [[nodiscard]] static torch::Tensor pictures() {
    torch::manual_seed(6);
    return torch::randn({2, 3, 64, 64});
  }
  /// The network of the run, made by hand.
  [[nodiscard]] Network network() const {
    Network network(read_model_config(RunFolder{run()}.config()));
    read_weights(RunFolder{run()}.last(), network);
    network->eval();
    return network;
  }

 private:
  test::TempDir folder_;
};

DenseMap map_of(const torch::Tensor& all, std::int64_t index) {
  const torch::Tensor one = all[index];
  return {{one.data_ptr<float>(), static_cast<std::size_t>(one.numel())},
          static_cast<int>(one.size(0)),
          static_cast<int>(one.size(1)),
          static_cast<int>(one.size(2))};
}

TEST_F(NativePredictor, OpensARunsFolderAndGivesWhatItsNetworkGives) {
  const auto model = open_model(run(), torch::kCPU);
  EXPECT_EQ(model->config(), squares_config());
  const torch::NoGradGuard no_gradient;
  const Outputs expected = network()->forward(pictures());
  const NamedOutputs outputs = model->outputs(pictures());
  for (const auto& [name, tensor] : {std::pair{"center", expected.center},
                                     std::pair{"classes", expected.classes},
                                     std::pair{"box", expected.box},
                                     std::pair{"segmentation", expected.segmentation},
                                     std::pair{"keypoints", expected.keypoints},
                                     std::pair{"offsets", expected.offsets},
                                     std::pair{"loss", expected.loss},
                                     std::pair{"embedding", expected.embedding}}) {
    EXPECT_TRUE(torch::equal(outputs.at(name), tensor)) << name;
  }
}

TEST_F(NativePredictor, PredictsWhatIsDecodedFromItsNetworksOutputs) {
  const auto model = open_model(run(), torch::kCPU);
  const DecodeOptions options{.min_score = 0.001, .max_detections = 20};
  const Prediction prediction = model->predict(pictures(), options);
  const torch::NoGradGuard no_gradient;
  const Outputs out = network()->forward(pictures());
  EXPECT_TRUE(torch::equal(prediction.segmentation, out.segmentation));
  EXPECT_EQ(prediction.stride, 4);
  ASSERT_EQ(prediction.detections.size(), 2U);
  for (std::int64_t i = 0; i < 2; ++i) {
    const std::vector<Detection> expected = decode({.center = map_of(out.center, i),
                                                    .classes = map_of(out.classes, i),
                                                    .box = map_of(out.box, i),
                                                    .keypoints = map_of(out.keypoints, i),
                                                    .offsets = map_of(out.offsets, i),
                                                    .input = {64, 64}},
                                                   model->config(),
                                                   options);
    const std::vector<Detection>& found = prediction.detections[static_cast<std::size_t>(i)];
    ASSERT_FALSE(expected.empty());
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t j = 0; j < found.size(); ++j) {
      EXPECT_EQ(found[j].box, expected[j].box);
      EXPECT_EQ(found[j].score, expected[j].score);
      EXPECT_EQ(found[j].keypoints, expected[j].keypoints);
    }
  }
}

TEST_F(NativePredictor, IsKnownByItsWeights) {
  const std::string before = open_model(run(), torch::kCPU)->fingerprint();
  EXPECT_EQ(open_model(RunFolder{run()}.last(), torch::kCPU)->fingerprint(), before);
  Network other = network();
  {
    const torch::NoGradGuard no_gradient;
    other->parameters().front().add_(1);
  }
  write_weights(RunFolder{run()}.last(), other);
  EXPECT_NE(open_model(run(), torch::kCPU)->fingerprint(), before);
}

TEST_F(NativePredictor, NamesTheTensorThatDoesNotFitTheConfiguration) {
  ModelConfig config = squares_config();
  config.classes = {"red", "blue", "green"};
  config.seg_of_class = {1, 2, -1};
  write_file(RunFolder{run()}.config(), to_json(config));
  try {
    static_cast<void>(open_model(run(), torch::kCPU));
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("last.safetensors: \"classes."));
    EXPECT_THAT(error.what(), HasSubstr("in the file"));
  }
}

TEST(FloatBatch, IsTheNormalisedByteBatch) {
  InputImage one{.name = "one", .size = {32, 64}, .rgb = {}, .placement = {}};
  InputImage other = one;
  for (std::size_t i = 0; i < std::size_t{32} * 64 * 3; ++i) {
    one.rgb.push_back(static_cast<std::uint8_t>(i * 7));
    other.rgb.push_back(static_cast<std::uint8_t>(i / 24));
  }
  const std::vector<const InputImage*> images = {&one, &other};
  const ModelConfig config = squares_config();
  const torch::Tensor expected = normalised(byte_batch(images, false), config, torch::kCPU);
  const torch::Tensor made = float_batch(images, config);
  EXPECT_EQ(made.sizes(), (std::vector<std::int64_t>{2, 3, 64, 32}));
  EXPECT_TRUE(torch::equal(made, expected));
}

TEST(FloatBatch, NamesAPictureOfAnotherSize) {
  const InputImage one{"one", {32, 32}, std::vector<std::uint8_t>(std::size_t{32} * 32 * 3), {}};
  const InputImage other{
      "other", {64, 32}, std::vector<std::uint8_t>(std::size_t{64} * 32 * 3), {}};
  const std::vector<const InputImage*> images = {&one, &other};
  EXPECT_THROW(static_cast<void>(float_batch(images, squares_config())), Error);
}

}  // namespace
}  // namespace labelloom::model
