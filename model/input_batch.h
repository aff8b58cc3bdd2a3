#pragma once

#include <span>

#include <torch/types.h>

#include "model/model_config.h"
#include "model/sample.h"

namespace labelloom::model {

/// Pictures of one size as bytes, [N,H,W,3], on the CPU; pinned when a GPU is to fetch them.
/// @throws Error(kArgument) for none, Error(kInvalidData) naming the first of another size.
[[nodiscard]] torch::Tensor byte_batch(std::span<const InputImage* const> images, bool pinned);

/// Bytes on any device as a network takes them: [N,3,H,W] float, normalised, on `device`, with
/// channels last or first in memory.
[[nodiscard]] torch::Tensor normalised(const torch::Tensor& bytes,
                                       const ModelConfig& config,
                                       torch::Device device,
                                       at::MemoryFormat format = at::MemoryFormat::Contiguous);

/// What `normalised(byte_batch(images))` gives on the CPU, bit for bit, made in one pass by the
/// calling thread alone. @throws Error as byte_batch.
[[nodiscard]] torch::Tensor float_batch(std::span<const InputImage* const> images,
                                        const ModelConfig& config);

}  // namespace labelloom::model
