#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <torch/types.h>

#include "formats/geometry.h"
#include "model/model_config.h"

namespace labelloom::apps {

/// Pictures changed as CALD changes them.
struct ChangedPictures {
  torch::Tensor images;                 ///< [N,3,H',W']
  std::vector<std::vector<Box>> boxes;  ///< [N] the pictures' boxes where they are now
};

/// CALD's four views: mirrored, with holes cut out, smaller, and rotated; the first is a plain
/// `flip` of the columns.
/// @param images [N,3,H,W] as the network takes them
/// @param boxes [N] what was found in them
/// @param names of the pictures: each has its own holes, whatever its neighbours
/// @param multiple_of what the sides of an input are multiples of
[[nodiscard]] std::vector<ChangedPictures> cald_views(const torch::Tensor& images,
                                                      std::span<const std::vector<Box>> boxes,
                                                      std::span<const std::string> names,
                                                      const model::ModelConfig& config,
                                                      int multiple_of,
                                                      std::uint64_t seed);

}  // namespace labelloom::apps
