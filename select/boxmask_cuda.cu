// One launch a batch for all boxes, one for boxes whose BoxMask turned out empty, one for key
// points and one for what lies outside all BoxMasks. Sums are integers: the order of threads is of
// no account. Must be compiled without fused multiply-add (--fmad=false), see boxmask_math.h.

#include <type_traits>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "select/boxmask_steps.h"

namespace labelloom::select {
namespace {

constexpr int kThreads = 256;
constexpr int kWarp = 32;
constexpr int kMostBlocks = 64;    // a box or an image; threads walk on from there
constexpr int kMostTasks = 65535;  // blocks in the grid's second dimension

template <typename Number>
__device__ Number warp_sum(Number value) {
  for (int step = kWarp / 2; step > 0; step /= 2) {
    value += __shfl_down_sync(0xFFFFFFFFU, value, step);
  }
  return value;
}

__device__ void add(unsigned* to, unsigned value) {
  const unsigned sum = warp_sum(value);
  if (threadIdx.x % kWarp == 0 && sum != 0) atomicAdd(to, sum);
}

__device__ void add(long long* to, long long value) {
  const long long sum = warp_sum(value);
  // Two's complement: adding as unsigned is adding.
  if (threadIdx.x % kWarp == 0 && sum != 0) {
    atomicAdd(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(sum));
  }
}

__device__ void add(LabelloomBoxSums* to, const LabelloomBoxSums& sums) {
  add(&to->mask_cells, sums.mask_cells);
  add(&to->mislabelled_cells, sums.mislabelled_cells);
  add(&to->symmetric, sums.symmetric);
  add(&to->pixels_from_box, sums.pixels_from_box);
  add(&to->jensen_shannon, sums.jensen_shannon);
}

template <typename T>
__device__ void score_box(const LabelloomBatch& batch, int index, bool whole) {
  const LabelloomBox& box = batch.boxes[index];
  if (box.seg_class < 0) return;
  if (whole && batch.box_sums[index].mask_cells != 0) return;
  LabelloomBoxSums sums{};
  unsigned not_finite = 0;
  const int* const cells = whole ? box.own : box.domain;
  const int count = cells[2] * cells[3];
  const int stride = static_cast<int>(gridDim.x * blockDim.x);
  for (int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); i < count; i += stride) {
    const int x = cells[0] + i % cells[2];
    const int y = cells[1] + i / cells[2];
    if (!whole) {
      bool finite = true;
      const bool masked = steps::in_mask<T>(batch, box, x, y, finite);
      not_finite += finite ? 0U : 1U;
      if (!masked) continue;
      sums.mask_cells += 1;
      const long long bit = steps::bit_of(batch, x, y);
      atomicOr(batch.unions + box.image * batch.union_words + bit / 32, 1U << (bit % 32));
    }
    steps::add_box_step<T>(batch, index, x, y, sums);
  }
  add(batch.box_sums + index, sums);
  add(&batch.image_sums[box.image].not_finite, not_finite);
}

template <typename T>
__global__ void score_boxes(LabelloomBatch batch, bool whole) {
  for (int box = static_cast<int>(blockIdx.y); box < batch.box_count;
       box += static_cast<int>(gridDim.y)) {
    score_box<T>(batch, box, whole);
  }
}

template <typename T>
__global__ void score_keypoints(LabelloomBatch batch) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= batch.keypoint_count) return;
  const LabelloomKeypoint& point = batch.keypoints[i];
  if (steps::is_outside<T>(batch, point))
    atomicAdd(&batch.box_sums[point.box].keypoints_outside, 1U);
}

template <typename T>
__global__ void score_images(LabelloomBatch batch) {
  for (int image = static_cast<int>(blockIdx.y); image < batch.image_count;
       image += static_cast<int>(gridDim.y)) {
    const int* valid = batch.image_parts[image].valid;
    const unsigned* covered = batch.unions + image * batch.union_words;
    LabelloomImageSums sums{};
    const int count = valid[2] * valid[3];
    const int stride = static_cast<int>(gridDim.x * blockDim.x);
    for (int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); i < count; i += stride) {
      const int x = valid[0] + i % valid[2];
      const int y = valid[1] + i / valid[2];
      const long long bit = steps::bit_of(batch, x, y);
      const bool is_covered = (covered[bit / 32] >> (bit % 32) & 1U) != 0;
      steps::add_image_step<T>(batch, image, x, y, is_covered, sums);
    }
    LabelloomImageSums* to = batch.image_sums + image;
    add(&to->not_finite, sums.not_finite);
    add(&to->outside_cells, sums.outside_cells);
    add(&to->detectable_cells, sums.detectable_cells);
    add(&to->detectable_mass, sums.detectable_mass);
  }
}

dim3 grid_of(int most_steps, int tasks) {
  const int blocks = (most_steps + kThreads - 1) / kThreads;
  return {static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks),
          static_cast<unsigned>(tasks < kMostTasks ? tasks : kMostTasks),
          1};
}

template <typename... Parameters>
cudaError_t start(void (*kernel)(Parameters...),
                  dim3 grid,
                  cudaStream_t stream,
                  const std::type_identity_t<Parameters>&... parameters) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = {kThreads, 1, 1};
  config.stream = stream;
  return cudaLaunchKernelEx(&config, kernel, parameters...);
}

template <typename T>
cudaError_t launch(const LabelloomBatch& batch, cudaStream_t stream) {
  cudaError_t status = cudaSuccess;
  if (batch.box_count > 0 && batch.most_domain_steps > 0) {
    const dim3 grid = grid_of(batch.most_domain_steps, batch.box_count);
    status = start(score_boxes<T>, grid, stream, batch, false);
    if (status == cudaSuccess) status = start(score_boxes<T>, grid, stream, batch, true);
  }
  if (status == cudaSuccess && batch.keypoint_count > 0) {
    const int blocks = (batch.keypoint_count + kThreads - 1) / kThreads;
    status = start(score_keypoints<T>, {static_cast<unsigned>(blocks), 1, 1}, stream, batch);
  }
  if (status == cudaSuccess && batch.image_count > 0 && batch.most_valid_steps > 0) {
    const dim3 grid = grid_of(batch.most_valid_steps, batch.image_count);
    status = start(score_images<T>, grid, stream, batch);
  }
  return status;
}

}  // namespace
}  // namespace labelloom::select

int labelloom_boxmask_can_launch() {
  cudaFuncAttributes attributes;
  const cudaError_t status =
      cudaFuncGetAttributes(&attributes, labelloom::select::score_images<float>);
  if (status != cudaSuccess) cudaGetLastError();  // or the next launch would report it
  return status;
}

int labelloom_boxmask_launch(const LabelloomBatch* batch, void* stream) {
  using labelloom::select::launch;
  auto* on = static_cast<cudaStream_t>(stream);
  switch (batch->type) {
    case kLabelloomFloat:
      return launch<float>(*batch, on);
    case kLabelloomHalf:
      return launch<__half>(*batch, on);
    case kLabelloomBFloat16:
      return launch<__nv_bfloat16>(*batch, on);
    default:
      return cudaErrorInvalidValue;
  }
}
