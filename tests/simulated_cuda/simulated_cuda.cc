#include "simulated_cuda.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "cuda_runtime.h"

dim3 threadIdx;
dim3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace {

constexpr unsigned kWarp = 32;
constexpr unsigned kMostThreads = 1024;  // of a block
constexpr unsigned kMostRows = 65535;    // of a grid

struct Device {
  int calls_until_failure = -1;
  bool failed = false;
  cudaError_t last_error = cudaSuccess;
  int current = 0;
  std::uint64_t kept_bytes = 0;
  std::set<void*> blocks;
  std::array<std::vector<std::uint64_t>, kWarp> offered;  // of each lane of the running warp
  std::minstd_rand random{1};                             // NOLINT: the same every time
};

Device& device() {
  static Device the_device;
  return the_device;
}

cudaError_t answer(cudaError_t error) {
  if (error != cudaSuccess) device().last_error = error;
  return error;
}

void run_warp(unsigned first, const std::function<void()>& thread) {
  auto& offered = device().offered;
  const unsigned lanes = std::min(kWarp, blockDim.x - first);
  for (auto& values : offered) values.clear();
  for (unsigned lane = lanes; lane-- > 0;) {
    threadIdx = {first + lane, 0, 0};
    thread();
    if (offered[lane].size() != offered[lanes - 1].size()) {
      throw std::logic_error("lanes of a warp exchange values in different places");
    }
  }
}

cudaError_t allocate(void** data, std::size_t size) {
  *data = nullptr;
  if (const cudaError_t error = simulated_cuda::next_call(); error != cudaSuccess) return error;
  if (size == 0) return cudaSuccess;
  *data = std::malloc(size);  // NOLINT: sanitizers watch over its ends
  constexpr int kNobodyClearedThis = 0xA5;
  std::memset(*data, kNobodyClearedThis, size);
  device().blocks.insert(*data);
  return cudaSuccess;
}

cudaError_t release(void* data) {
  if (data == nullptr) return cudaSuccess;
  if (device().blocks.erase(data) == 0) return answer(cudaErrorInvalidValue);
  std::free(data);  // NOLINT
  return cudaSuccess;
}

cudaError_t copy(void* to, const void* from, std::size_t size) {
  if (const cudaError_t error = simulated_cuda::next_call(); error != cudaSuccess) return error;
  if (size != 0) std::memcpy(to, from, size);
  return cudaSuccess;
}

}  // namespace

namespace simulated_cuda {

void fail_call(int n) {
  device().calls_until_failure = n;
  device().failed = false;
}

bool has_failed() { return device().failed; }

std::size_t live_blocks() { return device().blocks.size(); }

cudaError_t next_call() {
  Device& it = device();
  if (it.calls_until_failure < 0) return cudaSuccess;
  it.failed = it.calls_until_failure == 0;
  it.calls_until_failure -= 1;
  return it.failed ? answer(cudaErrorMemoryAllocation) : cudaSuccess;
}

std::uint64_t from_lane_behind(std::uint64_t bits, unsigned delta) {
  auto& offered = device().offered;
  const unsigned lane = threadIdx.x % kWarp;
  const std::size_t place = offered.at(lane).size();
  offered.at(lane).push_back(bits);
  const unsigned behind = lane + delta;
  const unsigned in_block = threadIdx.x + delta;
  if (behind >= kWarp || in_block >= blockDim.x) return bits;
  if (offered.at(behind).size() <= place) {
    throw std::logic_error("a lane waits for one that does not come");
  }
  return offered.at(behind)[place];
}

cudaError_t launch(const cudaLaunchConfig_t& config, const std::function<void()>& thread) {
  if (const cudaError_t error = next_call(); error != cudaSuccess) return error;
  const auto& [grid, block] = std::tie(config.gridDim, config.blockDim);
  const bool is_possible = grid.x > 0 && grid.y > 0 && grid.y <= kMostRows && grid.z == 1 &&
                           block.x > 0 && block.x <= kMostThreads && block.y == 1 && block.z == 1;
  if (!is_possible) return answer(cudaErrorInvalidConfiguration);
  gridDim = grid;
  blockDim = block;
  const unsigned warps = (block.x + kWarp - 1) / kWarp;
  std::vector<std::uint64_t> order(std::uint64_t{grid.x} * grid.y * warps);
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin(), order.end(), device().random);
  for (const std::uint64_t warp : order) {
    const std::uint64_t of_block = warp / warps;
    blockIdx = {
        static_cast<unsigned>(of_block % grid.x), static_cast<unsigned>(of_block / grid.x), 0};
    run_warp(static_cast<unsigned>(warp % warps) * kWarp, thread);
  }
  return cudaSuccess;
}

}  // namespace simulated_cuda

const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "out of memory" : "invalid argument";
}

cudaError_t cudaGetLastError() {
  const cudaError_t error = device().last_error;
  device().last_error = cudaSuccess;
  return error;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* current) {
  *current = device().current;
  return simulated_cuda::next_call();
}

cudaError_t cudaSetDevice(int wanted) {
  if (wanted != 0) return answer(cudaErrorInvalidDevice);
  device().current = wanted;
  return simulated_cuda::next_call();
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr /*attribute*/, int /*device*/) {
  *value = 1;
  return simulated_cuda::next_call();
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int /*device*/) {
  *pool = nullptr;
  return simulated_cuda::next_call();
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t /*pool*/,
                                    cudaMemPoolAttr /*attribute*/,
                                    void* value) {
  std::memcpy(value, &device().kept_bytes, sizeof(device().kept_bytes));
  return simulated_cuda::next_call();
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t /*pool*/,
                                    cudaMemPoolAttr /*attribute*/,
                                    void* value) {
  std::memcpy(&device().kept_bytes, value, sizeof(device().kept_bytes));
  return simulated_cuda::next_call();
}

cudaError_t cudaMallocAsync(void** data, std::size_t size, cudaStream_t /*stream*/) {
  return allocate(data, size);
}

cudaError_t cudaFreeAsync(void* data, cudaStream_t /*stream*/) { return release(data); }

cudaError_t cudaMemcpyAsync(void* to,
                            const void* from,
                            std::size_t size,
                            cudaMemcpyKind /*kind*/,
                            cudaStream_t /*stream*/) {
  return copy(to, from, size);
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t size, cudaStream_t /*stream*/) {
  if (const cudaError_t error = simulated_cuda::next_call(); error != cudaSuccess) return error;
  if (size != 0) std::memset(to, value, size);
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t /*stream*/) { return simulated_cuda::next_call(); }

cudaError_t cudaMalloc(void** data, std::size_t size) { return allocate(data, size); }

cudaError_t cudaFree(void* data) { return release(data); }

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size, cudaMemcpyKind /*kind*/) {
  return copy(to, from, size);
}
