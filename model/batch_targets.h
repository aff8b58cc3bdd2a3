#pragma once

#include <cstdint>
#include <span>

#include <torch/types.h>

#include "model/model_config.h"
#include "model/targets.h"

namespace labelloom::model {

/// Tasks in the order of Outputs::loss.
enum class Task : std::uint8_t { kBoxes, kSegmentation, kKeypoints };
inline constexpr int kTaskCount = 3;

/// Targets of N pictures of one size as tensors; M cells with boxes and O offsets, of all pictures
/// together. Tensors of tasks that no picture has labels for are undefined.
struct BatchTargets {
  torch::Tensor has;  ///< [N,T] 1 where the picture has labels for the task, else 0

  torch::Tensor center;        ///< [N,h,w]
  torch::Tensor center_known;  ///< [N,h,w] 0 or 1; 0 for pictures without boxes
  torch::Tensor box_image;     ///< [M] int64, picture
  torch::Tensor box_cell;      ///< [M] int64, row * w + column
  torch::Tensor box_class;     ///< [M] int64
  torch::Tensor box;           ///< [M,4] left, top, right, bottom: cells

  torch::Tensor keypoints;        ///< [N,P,h,w]
  torch::Tensor keypoints_known;  ///< [N,P,h,w]
  torch::Tensor offset_image;     ///< [O] int64
  torch::Tensor offset_cell;      ///< [O] int64
  torch::Tensor offset_slot;      ///< [O] int64
  torch::Tensor offset;           ///< [O,2]

  torch::Tensor labels;  ///< [N,H,W] uint8

  [[nodiscard]] BatchTargets to(torch::Device device) const;
  /// Of the pictures [first, first + count); shares memory.
  [[nodiscard]] BatchTargets part(std::int64_t first, std::int64_t count) const;
};

/// Puts the targets of at least one picture, all of the same size, into tensors on the CPU.
/// @throws Error(kArgument) when sizes differ.
[[nodiscard]] BatchTargets stack(std::span<const Targets> targets, const ModelConfig& config);

}  // namespace labelloom::model
