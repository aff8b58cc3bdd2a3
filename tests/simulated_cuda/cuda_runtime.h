#pragma once

// What kernels see. A warp's lanes run one after the other, the last one first: it can only take
// values from lanes behind its own (__shfl_down_sync), and those are known by then.

#include <bit>
#include <concepts>
#include <cstdint>
#include <functional>

#include "cuda_runtime_api.h"

#define __device__
#define __global__

struct dim3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;
};
extern dim3 threadIdx;
extern dim3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;

struct cudaLaunchConfig_t {
  dim3 gridDim;
  dim3 blockDim;
  std::size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
  void* attrs = nullptr;
  unsigned numAttrs = 0;
};
struct cudaFuncAttributes {};

namespace simulated_cuda {

/// Runs `thread` for all threads of a grid: blocks and warps in an order that looks random.
cudaError_t launch(const cudaLaunchConfig_t& config, const std::function<void()>& thread);

/// The running lane offers `bits` to those before it. @returns what the lane `delta` behind it
/// offered in the same place, its own when there is none.
/// @throws std::logic_error if not all lanes of the warp came here.
std::uint64_t from_lane_behind(std::uint64_t bits, unsigned delta);

/// The next call that can fail gets its turn. @returns what it is to answer.
cudaError_t next_call();

}  // namespace simulated_cuda

template <typename... Parameters, typename... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config,
                               void (*kernel)(Parameters...),
                               const Arguments&... arguments) {
  return simulated_cuda::launch(*config, [&] { kernel(arguments...); });
}

template <typename Kernel>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* /*attributes*/, Kernel* /*kernel*/) {
  return simulated_cuda::next_call();
}

template <std::integral Number>
Number __shfl_down_sync(unsigned /*mask: of all*/, Number value, int delta) {
  return static_cast<Number>(simulated_cuda::from_lane_behind(static_cast<std::uint64_t>(value),
                                                              static_cast<unsigned>(delta)));
}

template <std::unsigned_integral Number>
Number atomicAdd(Number* to, Number value) {
  const Number before = *to;
  *to = before + value;
  return before;
}

inline unsigned atomicOr(unsigned* to, unsigned value) {
  const unsigned before = *to;
  *to = before | value;
  return before;
}
