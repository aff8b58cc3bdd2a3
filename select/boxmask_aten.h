#pragma once

#include <span>
#include <vector>

#include <ATen/core/ivalue.h>  // Tensor; ATen.h compiles in clang only behind it

#include "select/boxmask.h"

namespace labelloom::select {

/// As score_on_cpu, with tensors on any device, [N, C, h, w] of any floating type (taken to float
/// first); gives the same integers. For devices without a kernel of our own.
/// @throws Error(kInvalidData) when the job does not fit the logits.
[[nodiscard]] std::vector<ImageComponents> score_with_aten(const ScoringJob& job,
                                                           const at::Tensor& images,
                                                           std::span<const at::Tensor> crops,
                                                           const ScoringOptions& options);

}  // namespace labelloom::select
