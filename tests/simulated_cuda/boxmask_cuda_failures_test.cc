// A device that fails in any of the calls to it: an error, no memory lost, and the next job works.

#include <cuda_runtime_api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "select/boxmask_cpu.h"
#include "select/boxmask_cuda_run.h"
#include "simulated_cuda.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

DeviceLogits view(const Logits& logits) {
  const LogitBatch batch = logits.batch();
  return {.logits = {batch.data,
                     batch.image_stride,
                     batch.class_stride,
                     batch.row_stride,
                     batch.column_stride},
          .count = batch.count,
          .classes = batch.classes,
          .height = batch.height,
          .width = batch.width};
}

class BoxMaskCudaFailures : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(can_score_on_cuda(0)); }  // asked once and remembered
  void TearDown() override { simulated_cuda::fail_call(-1); }

  std::vector<ImageComponents> score() {
    std::vector<DeviceLogits> crops;
    for (const Logits& crop : scene_.crops) crops.push_back(view(crop));
    return score_on_cuda(scene_.job, view(scene_.images), crops, {});
  }

  const Scene scene_ = random_scene(60, 5);
};

TEST_F(BoxMaskCudaFailures, EveryCallThatFailsEndsTheJobAndLosesNothing) {
  const std::vector<ImageComponents> expected =
      score_on_cpu(scene_.job, scene_.images.batch(), scene_.crop_batches(), {});
  int failures = 0;
  for (;; ++failures) {
    SCOPED_TRACE(failures);
    ASSERT_LT(failures, 100);
    simulated_cuda::fail_call(failures);
    try {
      const std::vector<ImageComponents> components = score();
      EXPECT_EQ(components, expected);
      cudaGetLastError();  // setting the device back as the job's last call: nobody is to know
      if (!simulated_cuda::has_failed()) break;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::kIo);
      EXPECT_THAT(error.what(), testing::StartsWith("CUDA could not "));
      EXPECT_EQ(cudaGetLastError(), cudaSuccess) << "the next launch would be told of it";
    }
    EXPECT_EQ(simulated_cuda::live_blocks(), 0U);
  }
  EXPECT_GE(failures, 9);  // memory, two copies, a clearing, four launches, a wait
}

}  // namespace
}  // namespace labelloom::select
