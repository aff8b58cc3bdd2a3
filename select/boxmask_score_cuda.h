#pragma once

#include <span>
#include <vector>

#include <ATen/core/ivalue.h>  // Tensor; ATen.h compiles in clang only behind it

#include "select/boxmask.h"

namespace labelloom::select {

/// Whether score_tensors_on_cuda does anything: one of two files is compiled, boxmask_score_cuda.cc
/// or, without nvcc, boxmask_score_no_cuda.cc.
extern const bool kHasCudaScorer;

/// score_on_cuda for tensors on a CUDA device.
[[nodiscard]] std::vector<ImageComponents> score_tensors_on_cuda(const ScoringJob& job,
                                                                 const at::Tensor& images,
                                                                 std::span<const at::Tensor> crops,
                                                                 const ScoringOptions& options);

}  // namespace labelloom::select
