#include "formats/error.h"
#include "select/boxmask_score_cuda.h"

namespace labelloom::select {

const bool kHasCudaScorer = false;

bool cuda_scorer_runs_on(int /*device*/) { return false; }

std::vector<ImageComponents> score_tensors_on_cuda(const ScoringJob& /*job*/,
                                                   const at::Tensor& /*images*/,
                                                   std::span<const at::Tensor> /*crops*/,
                                                   const ScoringOptions& /*options*/) {
  throw Error(Errc::kArgument, {}, "the CUDA scorer was not built: there was no nvcc");
}

}  // namespace labelloom::select
