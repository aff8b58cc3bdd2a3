// The CUDA kernels give the integers of the vectorised scorer: on a GPU if there is one, and on the
// simulated one (tests/simulated_cuda) everywhere.

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include "formats/error.h"
#include "select/boxmask_cpu.h"
#include "select/boxmask_cuda_run.h"
#include "tests/select/scene.h"

namespace labelloom::select {
namespace {

/// Numbers of 16 bits, and what they are in single precision. What lies between two of them goes
/// to the one nearer zero.
struct Halves {
  LabelloomLogitType type;
  float (*rounded)(float);
  std::uint16_t (*bits)(float);
};

constexpr std::uint32_t kSign = 0x80000000U;

const Halves kBFloat16{
    .type = kLabelloomBFloat16,
    .rounded =
        [](float v) { return std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) & 0xFFFF0000U); },
    .bits =
        [](float v) { return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(v) >> 16U); },
};

const Halves kHalf{
    .type = kLabelloomHalf,
    .rounded =
        [](float v) {
          if (std::abs(v) < 0x1p-14F) return 0.0F;
          return std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) & 0xFFFFE000U);
        },
    .bits =
        [](float v) {
          const auto bits = std::bit_cast<std::uint32_t>(v);
          const std::uint32_t magnitude = v == 0 ? 0 : ((bits & ~kSign) >> 13U) - (112U << 10U);
          return static_cast<std::uint16_t>((bits & kSign) >> 16U | magnitude);
        },
};

/// Logits of a scene in device memory.
class OnDevice {
 public:
  explicit OnDevice(const Logits& logits) : OnDevice(logits, logits.values) {}
  OnDevice(const Logits& logits, const Halves& halves)
      : OnDevice(logits, converted(logits, halves)) {
    view.type = halves.type;
  }
  ~OnDevice() { cudaFree(data_); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

  DeviceLogits view;

 private:
  template <typename T>
  OnDevice(const Logits& logits, const std::vector<T>& values) {
    const std::size_t size = values.size() * sizeof(T);
    EXPECT_EQ(cudaMalloc(&data_, size), cudaSuccess);
    EXPECT_EQ(cudaMemcpy(data_, values.data(), size, cudaMemcpyHostToDevice), cudaSuccess);
    const LogitBatch batch = logits.batch();
    view.logits = {
        data_, batch.image_stride, batch.class_stride, batch.row_stride, batch.column_stride};
    view.count = batch.count;
    view.classes = batch.classes;
    view.height = batch.height;
    view.width = batch.width;
  }
  static std::vector<std::uint16_t> converted(const Logits& logits, const Halves& halves) {
    std::vector<std::uint16_t> values;
    for (const float value : logits.values) values.push_back(halves.bits(value));
    return values;
  }

  void* data_ = nullptr;
};

template <typename... As>
std::vector<ImageComponents> by_cuda(const Scene& scene,
                                     const ScoringOptions& options,
                                     const As&... as) {
  const OnDevice images(scene.images, as...);
  std::vector<std::unique_ptr<OnDevice>> crops;
  std::vector<DeviceLogits> views;
  for (const Logits& crop : scene.crops) {
    views.push_back(crops.emplace_back(std::make_unique<OnDevice>(crop, as...))->view);
  }
  return score_on_cuda(scene.job, images.view, views, options);
}

std::vector<ImageComponents> by_cpu(const Scene& scene, const ScoringOptions& options) {
  return score_on_cpu(scene.job, scene.images.batch(), scene.crop_batches(), options);
}

class BoxMaskCuda : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_cuda_device()) GTEST_SKIP() << "no CUDA device";
  }
};

TEST_F(BoxMaskCuda, GivesTheIntegersOfTheVectorisedScorer) {
  for (std::uint32_t seed = 40; seed < 46; ++seed) {
    SCOPED_TRACE(seed);
    const Scene scene = random_scene(seed, 1 + static_cast<int>(seed - 40) * 5);
    for (const ScoringOptions& options :
         {ScoringOptions{.keep_union = true},
          ScoringOptions{.grid = Grid::kPixels, .jensen_shannon = false},
          ScoringOptions{.tau = 0.6, .domain = Domain::kWindow}}) {
      EXPECT_EQ(by_cuda(scene, options), by_cpu(scene, options));
    }
  }
}

TEST_F(BoxMaskCuda, ReadsLogitsOfHalfPrecision) {
  for (const Halves& halves : {kHalf, kBFloat16}) {
    SCOPED_TRACE(halves.type);
    Scene scene = random_scene(50, 7);
    for (float& value : scene.images.values) value = halves.rounded(value);
    for (Logits& crop : scene.crops) {
      for (float& value : crop.values) value = halves.rounded(value);
    }
    EXPECT_EQ(by_cuda(scene, {}, halves), by_cpu(scene, {}));
  }
}

TEST_F(BoxMaskCuda, MarksImagesWithLogitsThatAreNoNumbers) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  Scene scene = random_scene(51, 6);
  scene.images.at(0, 3, 5, 7) = kNaN;
  const auto in_another = [&](const BoxJob& box) { return box.image != 0; };
  const auto box = std::ranges::find_if(scene.job.boxes, in_another);
  Logits& crop = scene.crops[static_cast<std::size_t>(box->crop_batch)];
  for (float& value : crop.values) value = kNaN;
  const std::vector<ImageComponents> components = by_cuda(scene, {});
  EXPECT_FALSE(components[0].finite);
  EXPECT_FALSE(components[static_cast<std::size_t>(box->image)].finite);
  EXPECT_EQ(components, by_cpu(scene, {}));
}

TEST_F(BoxMaskCuda, CountsEmptyBoxMasksAsTheVectorisedScorerDoes) {
  const Scene scene = random_scene(52, 9);
  const std::vector<ImageComponents> components = by_cuda(scene, {});
  int empty = 0;
  for (const ImageComponents& image : components) {
    for (const BoxComponents& box : image.boxes) empty += box.state == BoxState::kEmptyMask ? 1 : 0;
  }
  EXPECT_GT(empty, 0);
  EXPECT_EQ(components, by_cpu(scene, {}));
}

TEST_F(BoxMaskCuda, WalksOnWhereThereAreMoreStepsThanThreads) {
  Noise noise(53);
  Scene scene(1, 3, 2, 80, 260);  // a box of 20,800 steps; 64 blocks of 256 threads have 16,384
  scene.images.fill(noise, 4);
  scene.add_box({0, 0, 1040, 320}, 1);
  EXPECT_EQ(by_cuda(scene, {}), by_cpu(scene, {}));
}

TEST_F(BoxMaskCuda, WalksOnWhereThereAreMoreBoxesThanBlocks) {
  Noise noise(54);
  Scene scene(1, 3, 2, 6, 8);
  scene.images.fill(noise, 4);
  scene.add_box({4, 4, 20, 12}, 1);
  const BoxJob scored = scene.job.boxes.back();
  BoxJob unmapped = scored;
  unmapped.seg_class = -1;
  scene.job.boxes.assign(66'000, unmapped);  // a grid has 65,535 rows
  scene.job.boxes[3] = scored;
  scene.job.boxes[65'999] = scored;
  const std::vector<ImageComponents> components = by_cuda(scene, {});
  EXPECT_EQ(components[0].boxes[65'999], components[0].boxes[3]);
  EXPECT_EQ(components, by_cpu(scene, {}));
}

TEST_F(BoxMaskCuda, WalksOnWhereThereAreMoreImagesThanBlocks) {
  Noise noise(56);
  Scene scene(66'000, 3, 2, 1, 1);
  scene.images.fill(noise, 4);
  EXPECT_EQ(by_cuda(scene, {}), by_cpu(scene, {}));
}

TEST_F(BoxMaskCuda, ScoresImagesWithoutBoxesAndNoImages) {
  Noise noise(55);
  Scene scene(2, 4, 2, 9, 11);
  scene.images.fill(noise, 4);
  EXPECT_EQ(by_cuda(scene, {}), by_cpu(scene, {}));
  EXPECT_TRUE(by_cuda(Scene(0, 4, 2, 9, 11), {}).empty());
}

TEST_F(BoxMaskCuda, RunsOnNoDeviceThatIsNotThere) {
  EXPECT_FALSE(can_score_on_cuda(-1));
  EXPECT_FALSE(can_score_on_cuda(100000));
}

TEST_F(BoxMaskCuda, RefusesLogitsOnSeveralDevices) {
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
