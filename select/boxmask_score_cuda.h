#pragma once

#include <span>
#include <vector>

#include <ATen/core/ivalue.h>  // Tensor; ATen.h compiles in clang only behind it

#include "select/boxmask.h"

namespace labelloom::select {

/// Whether score_tensors_on_cuda does anything: one of two files is compiled, boxmask_score_cuda.cc
/// or, without nvcc, boxmask_score_no_cuda.cc.
extern const bool kHasCudaScorer;

/// Whether score_tensors_on_cuda runs on the device of this number: see can_score_on_cuda. False
/// where it was not built.
[[nodiscard]] bool cuda_scorer_runs_on(int device);

/// score_on_cuda for tensors on a CUDA device, and on that one.
/// @throws Error(kInvalidData) for crops that lie elsewhere.
[[nodiscard]] std::vector<ImageComponents> score_tensors_on_cuda(const ScoringJob& job,
                                                                 const at::Tensor& images,
                                                                 std::span<const at::Tensor> crops,
                                                                 const ScoringOptions& options);

}  // namespace labelloom::select
