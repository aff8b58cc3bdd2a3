// The CUDA kernels give the integers of the vectorised scorer. What a thread does for a step is
// tested without a GPU in tests/select/boxmask_steps_test.cc.

#include <memory>

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "select/boxmask_cpu.h"
#include "select/boxmask_cuda_run.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

/// Logits of a scene in device memory.
class OnDevice {
 public:
  explicit OnDevice(const Logits& logits) {
    const std::size_t size = logits.values.size() * sizeof(float);
    EXPECT_EQ(cudaMalloc(&data_, size), cudaSuccess);
    EXPECT_EQ(cudaMemcpy(data_, logits.values.data(), size, cudaMemcpyHostToDevice), cudaSuccess);
    const LogitBatch batch = logits.batch();
    view.logits = {
        data_, batch.image_stride, batch.class_stride, batch.row_stride, batch.column_stride};
    view.count = batch.count;
    view.classes = batch.classes;
    view.height = batch.height;
    view.width = batch.width;
  }
  ~OnDevice() { cudaFree(data_); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

  DeviceLogits view;

 private:
  void* data_ = nullptr;
};

TEST(BoxMaskCuda, GivesTheIntegersOfTheVectorisedScorer) {
  if (!has_cuda_device()) GTEST_SKIP() << "no CUDA device";
  for (std::uint32_t seed = 40; seed < 46; ++seed) {
    SCOPED_TRACE(seed);
    const Scene scene = random_scene(seed, 1 + static_cast<int>(seed - 40) * 5);
    const OnDevice images(scene.images);
    std::vector<std::unique_ptr<OnDevice>> crops;
    std::vector<DeviceLogits> views;
    for (const Logits& crop : scene.crops) {
      views.push_back(crops.emplace_back(std::make_unique<OnDevice>(crop))->view);
    }
    for (const ScoringOptions& options :
         {ScoringOptions{.keep_union = true},
          ScoringOptions{.grid = Grid::kPixels, .jensen_shannon = false},
          ScoringOptions{.tau = 0.6, .domain = Domain::kWindow}}) {
      EXPECT_EQ(score_on_cuda(scene.job, images.view, views, options),
                score_on_cpu(scene.job, scene.images.batch(), scene.crop_batches(), options));
    }
  }
}

TEST(BoxMaskCuda, RunsOnNoDeviceThatIsNotThere) {
  EXPECT_FALSE(can_score_on_cuda(-1));
  EXPECT_FALSE(can_score_on_cuda(100000));
}

TEST(BoxMaskCuda, RefusesLogitsOnSeveralDevices) {
  const Scene scene = random_scene(47, 3);
  DeviceLogits images;
  images.device = 0;
  std::vector<DeviceLogits> crops(scene.crops.size());
  for (DeviceLogits& crop : crops) crop.device = 1;
  try {
    (void)score_on_cuda(scene.job, images, crops, {});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::kInvalidData);
    EXPECT_STREQ(error.what(), "logits of images and of crops lie on different devices");
  }
}

}  // namespace
}  // namespace labelloom::select
