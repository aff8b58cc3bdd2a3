#pragma once

#include <torch/types.h>

namespace labelloom::model {

/// What a network gives for N pictures of HxW; h = H/4, w = W/4. Heads that it has not are
/// undefined tensors. K classes, C classes of pixels, P key point slots, T tasks.
struct Outputs {
  torch::Tensor center;        ///< [N,1,h,w] logits: an object's centre is in this cell
  torch::Tensor classes;       ///< [N,K,h,w] logits; softmax over the classes, no background
  torch::Tensor box;           ///< [N,4,h,w] left, top, right, bottom: cells from the cell's centre
  torch::Tensor segmentation;  ///< [N,C,h,w] logits
  torch::Tensor keypoints;     ///< [N,P,h,w] logits of heat maps
  torch::Tensor offsets;  ///< [N,2P,h,w] x, y a slot: cells from the cell's centre to the key point
  torch::Tensor loss;     ///< [N,T] predicted losses: boxes, segmentation, key points
  torch::Tensor embedding;  ///< [N,D]
};

}  // namespace labelloom::model
