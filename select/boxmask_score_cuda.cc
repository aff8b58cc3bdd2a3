#include "select/boxmask_score_cuda.h"

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>

#include "formats/error.h"
#include "select/boxmask_cuda_run.h"

namespace labelloom::select {
namespace {

LabelloomLogitType type_of(const at::Tensor& logits) {
  switch (logits.scalar_type()) {
    case at::kHalf:
      return kLabelloomHalf;
    case at::kBFloat16:
      return kLabelloomBFloat16;
    default:
      return kLabelloomFloat;
  }
}

DeviceLogits view(const at::Tensor& logits) {
  if (logits.dim() != 4) {
    throw Error(Errc::kInvalidData, {}, "logits are not of four dimensions: [N, C, h, w]");
  }
  const auto size = [&](std::int64_t d) { return static_cast<int>(logits.size(d)); };
  DeviceLogits device;
  device.logits = {
      logits.data_ptr(), logits.stride(0), logits.stride(1), logits.stride(2), logits.stride(3)};
  device.type = type_of(logits);
  device.device = static_cast<int>(logits.get_device());
  device.count = size(0);
  device.classes = size(1);
  device.height = size(2);
  device.width = size(3);
  return device;
}

}  // namespace

const bool kHasCudaScorer = true;

bool cuda_scorer_runs_on(int device) { return can_score_on_cuda(device); }

std::vector<ImageComponents> score_tensors_on_cuda(const ScoringJob& job,
                                                   const at::Tensor& images,
                                                   std::span<const at::Tensor> crops,
                                                   const ScoringOptions& options) {
  for (const at::Tensor& crop : crops) {
    if (crop.device() == images.device()) continue;
    throw Error(Errc::kInvalidData,
                {},
                "logits of images are on " + images.device().str() + ", those of crops on " +
                    crop.device().str());
  }
  const c10::DeviceGuard guard(images.device());
  const bool known = images.scalar_type() == at::kHalf || images.scalar_type() == at::kBFloat16;
  const at::ScalarType type = known ? images.scalar_type() : at::kFloat;
  const at::Tensor typed = images.to(type);
  std::vector<at::Tensor> typed_crops;
  std::vector<DeviceLogits> views;
  for (const at::Tensor& crop : crops) {
    views.push_back(view(typed_crops.emplace_back(crop.to(type))));
  }
  return score_on_cuda(job, view(typed), views, options);
}

}  // namespace labelloom::select
