#pragma once

#include <span>
#include <vector>

#include "select/boxmask.h"
#include "select/boxmask_cuda.h"

namespace labelloom::select {

/// Logits in device memory, [count, classes, height, width]; borrowed.
struct DeviceLogits {
  LabelloomLogits logits = {};
  LabelloomLogitType type = kLabelloomFloat;
  int count = 0;
  int classes = 0;
  int height = 0;
  int width = 0;
};

/// As score_on_cpu, on the current CUDA device: one copy there, four launches, one copy back. Waits
/// for `stream` (a cudaStream_t, null for the default one). All logits have the same type.
/// @throws Error(kInvalidData) when the job does not fit the logits, Error(kIo) when CUDA fails.
[[nodiscard]] std::vector<ImageComponents> score_on_cuda(const ScoringJob& job,
                                                         const DeviceLogits& images,
                                                         std::span<const DeviceLogits> crops,
                                                         const ScoringOptions& options,
                                                         void* stream = nullptr);

/// Whether there is a device to run on.
[[nodiscard]] bool has_cuda_device();

}  // namespace labelloom::select
