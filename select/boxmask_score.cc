#include "select/boxmask_score.h"

#include <ATen/ATen.h>

#include "formats/error.h"
#include "select/boxmask_aten.h"
#include "select/boxmask_cpu.h"
#include "select/boxmask_score_cuda.h"

namespace labelloom::select {
namespace {

LogitBatch view(const at::Tensor& logits) {
  if (logits.dim() != 4) {
    throw Error(Errc::kInvalidData, {}, "logits are not of four dimensions: [N, C, h, w]");
  }
  const auto size = [&](std::int64_t d) { return static_cast<int>(logits.size(d)); };
  return {logits.data_ptr<float>(),
          size(0),
          size(1),
          size(2),
          size(3),
          logits.stride(0),
          logits.stride(1),
          logits.stride(2),
          logits.stride(3)};
}

std::vector<ImageComponents> score_with_vectors(const ScoringJob& job,
                                                const at::Tensor& images,
                                                std::span<const at::Tensor> crops,
                                                const ScoringOptions& options) {
  const at::Tensor host_images = images.to(at::kCPU, at::kFloat);
  std::vector<at::Tensor> host_crops;
  std::vector<LogitBatch> views;
  for (const at::Tensor& crop : crops) {
    views.push_back(view(host_crops.emplace_back(crop.to(at::kCPU, at::kFloat))));
  }
  return score_on_cpu(job, view(host_images), views, options);
}

}  // namespace

bool has_cuda_scorer() { return kHasCudaScorer; }

std::vector<ImageComponents> score_boxmask(const ScoringJob& job,
                                           const at::Tensor& images,
                                           std::span<const at::Tensor> crops,
                                           const ScoringOptions& options,
                                           Scorer scorer) {
  if (scorer == Scorer::kAuto) {
    scorer = images.is_cpu() ? Scorer::kVectors : Scorer::kTensors;
    if (images.is_cuda() && cuda_scorer_runs_on(images.device().index())) scorer = Scorer::kCuda;
  }
  switch (scorer) {
    case Scorer::kVectors:
      return score_with_vectors(job, images, crops, options);
    case Scorer::kCuda:
      if (!kHasCudaScorer || !images.is_cuda()) {
        throw Error(Errc::kArgument,
                    {},
                    kHasCudaScorer ? "the CUDA scorer needs logits on a CUDA device"
                                   : "the CUDA scorer was not built: there was no nvcc");
      }
      return score_tensors_on_cuda(job, images, crops, options);
    default:
      return score_with_aten(job, images, crops, options);
  }
}

}  // namespace labelloom::select
