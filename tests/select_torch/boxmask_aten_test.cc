// Tensors give the integers of the vectorised scorer.

#include "select/boxmask_aten.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "select/boxmask_cpu.h"
#include "select/boxmask_score.h"
#include "select/boxmask_score_cuda.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

at::Tensor tensor_of(Logits& logits) {
  return at::from_blob(logits.values.data(),
                       {logits.count, logits.classes, logits.height, logits.width},
                       at::kFloat);
}

std::vector<ImageComponents> by_tensors(Scene& scene, const ScoringOptions& options) {
  std::vector<at::Tensor> crops;
  for (Logits& crop : scene.crops) crops.push_back(tensor_of(crop));
  return score_with_aten(scene.job, tensor_of(scene.images), crops, options);
}

std::vector<ImageComponents> by_vectors(const Scene& scene, const ScoringOptions& options) {
  return score_on_cpu(scene.job, scene.images.batch(), scene.crop_batches(), options);
}

TEST(BoxMaskAten, GivesTheIntegersOfTheVectorisedScorer) {
  for (std::uint32_t seed = 20; seed < 26; ++seed) {
    SCOPED_TRACE(seed);
    Scene scene = random_scene(seed, 1 + static_cast<int>(seed - 20) * 5);
    const ScoringOptions options{.keep_union = true};
    EXPECT_EQ(by_tensors(scene, options), by_vectors(scene, options));
  }
}

TEST(BoxMaskAten, GivesTheSameIntegersWithOtherOptions) {
  Scene scene = random_scene(30, 9);
  for (const ScoringOptions& options : {ScoringOptions{.domain = Domain::kWindow},
                                        ScoringOptions{.tau = 0.6, .domain = Domain::kWindow},
                                        ScoringOptions{.grid = Grid::kPixels, .keep_union = true},
                                        ScoringOptions{.tau = 0.7, .jensen_shannon = false}}) {
    EXPECT_EQ(by_tensors(scene, options), by_vectors(scene, options));
  }
}

TEST(BoxMaskAten, GivesTheSameIntegersForExtremeLogits) {
  Scene scene = random_scene(31, 9);
  Noise noise(31);
  const auto stretch = [&](std::vector<float>& values) {
    for (float& value : values) {
      if (noise.below(3) == 0) value *= 90;
      if (noise.below(50) == 0) value = -std::numeric_limits<float>::infinity();
    }
  };
  stretch(scene.images.values);
  for (Logits& crop : scene.crops) stretch(crop.values);
  const auto expected = by_vectors(scene, {});
  EXPECT_TRUE(expected[0].finite);
  EXPECT_EQ(by_tensors(scene, {}), expected);
}

TEST(BoxMaskAten, MarksTheSameImagesAsNotFinite) {
  Scene scene = random_scene(32, 5);
  scene.images.at(0, 3, 7, 9) = std::numeric_limits<float>::quiet_NaN();
  scene.images.at(1, 3, 0, 0) = std::numeric_limits<float>::quiet_NaN();  // padding
  const auto expected = by_vectors(scene, {});
  EXPECT_FALSE(expected[0].finite);
  EXPECT_TRUE(expected[1].finite);
  EXPECT_EQ(by_tensors(scene, {}), expected);
}

TEST(BoxMaskAten, TakesHalfPrecisionAndChannelsLast) {
  Scene scene = random_scene(33, 6);
  std::vector<at::Tensor> crops;
  for (Logits& crop : scene.crops) crops.push_back(tensor_of(crop).to(at::kBFloat16));
  const at::Tensor images =
      tensor_of(scene.images).to(at::kBFloat16).contiguous(at::MemoryFormat::ChannelsLast);
  const auto rounded = [](std::vector<float>& values) {
    for (float& value : values) value = static_cast<float>(c10::BFloat16(value));
  };
  const auto by_half = score_with_aten(scene.job, images, crops, {});
  rounded(scene.images.values);
  for (Logits& crop : scene.crops) rounded(crop.values);
  EXPECT_EQ(by_half, by_vectors(scene, {}));
}

TEST(ScoreBoxMask, GivesTheSameIntegersWhoeverScores) {
  Scene scene = random_scene(35, 6);
  std::vector<at::Tensor> crops;
  for (Logits& crop : scene.crops) crops.push_back(tensor_of(crop));
  const at::Tensor images = tensor_of(scene.images).contiguous(at::MemoryFormat::ChannelsLast);
  const auto expected = by_vectors(scene, {});
  for (const Scorer scorer : {Scorer::kAuto, Scorer::kVectors, Scorer::kTensors}) {
    EXPECT_EQ(score_boxmask(scene.job, images, crops, {}, scorer), expected);
  }
  EXPECT_THROW((void)score_boxmask(scene.job, images, crops, {}, Scorer::kCuda), Error);
  EXPECT_THROW((void)score_boxmask(scene.job, images[0], crops, {}), Error);
}

TEST(ScoreBoxMask, TakesABatchOfNoImages) {
  ScoringJob job;
  job.seg_classes = 2;
  job.detectable = {1, 0};
  for (const Scorer scorer : {Scorer::kVectors, Scorer::kTensors}) {
    EXPECT_TRUE(score_boxmask(job, at::zeros({0, 2, 4, 4}), {}, {}, scorer).empty());
  }
}

TEST(ScoreBoxMask, AsksWhetherTheKernelsRunOnADeviceBeforeItTakesThem) {
  EXPECT_FALSE(cuda_scorer_runs_on(-1));
  EXPECT_FALSE(cuda_scorer_runs_on(127));
}

TEST(BoxMaskAten, RefusesLogitsOfAnotherShape) {
  Scene scene = random_scene(34, 6);
  EXPECT_THROW((void)score_with_aten(scene.job, at::zeros({3, 6, 5}), {}, {}), Error);
  EXPECT_THROW((void)score_with_aten(scene.job, at::zeros({3, 5, 40, 40}), {}, {}), Error);
}

}  // namespace
}  // namespace labelloom::select
