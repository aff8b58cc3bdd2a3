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
  int device = -1;  ///< whose memory it is; -1: that of the current device
};

/// As score_on_cpu, on the device of the images' logits: one copy there, four launches, one copy
/// back. Waits for `stream` (of that device, a cudaStream_t, null for its default one). All logits
/// have the same type and lie on the same device; the current device stays what it was.
/// @throws Error(kInvalidData) when the job does not fit the logits or they lie on several devices,
/// Error(kIo) when CUDA fails.
[[nodiscard]] std::vector<ImageComponents> score_on_cuda(const ScoringJob& job,
                                                         const DeviceLogits& images,
                                                         std::span<const DeviceLogits> crops,
                                                         const ScoringOptions& options,
                                                         void* stream = nullptr);

/// Whether there is a device to run on.
[[nodiscard]] bool has_cuda_device();

/// Whether score_on_cuda runs on this device: there are kernels for its architecture, and it has
/// pools of memory. Asked once a device.
[[nodiscard]] bool can_score_on_cuda(int device);

}  // namespace labelloom::select
