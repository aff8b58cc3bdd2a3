#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <ATen/core/ivalue.h>  // Tensor; ATen.h compiles in clang only behind it

#include "select/boxmask.h"

namespace labelloom::select {

/// Who scores. All give the same integers.
enum class Scorer : std::uint8_t {
  kAuto,     ///< kVectors for logits in host memory; kCuda for others if it was built for their
             ///< device, else kTensors
  kVectors,  ///< score_on_cpu; logits are copied to host memory if they are elsewhere
  kTensors,  ///< score_with_aten
  kCuda,     ///< score_on_cuda, on the default stream of the logits' device
};

/// Scores a batch of logits, [N, C, h, w] of any floating type and memory layout, where they are.
/// @throws Error(kInvalidData) when the job does not fit the logits, Error(kArgument) for kCuda
/// when it was not built or the logits are not on a CUDA device.
[[nodiscard]] std::vector<ImageComponents> score_boxmask(const ScoringJob& job,
                                                         const at::Tensor& images,
                                                         std::span<const at::Tensor> crops,
                                                         const ScoringOptions& options,
                                                         Scorer scorer = Scorer::kAuto);

/// Whether the CUDA scorer was built.
[[nodiscard]] bool has_cuda_scorer();

}  // namespace labelloom::select
