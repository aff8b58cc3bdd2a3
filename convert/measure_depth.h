#pragma once

// Internal: what a depth image says about one object.

#include "convert/measure.h"
#include "formats/png_values.h"

namespace labelloom::detail {

/// The depth image of a picture: its path with the ending replaced.
/// @throws Error(kInvalidData) if the picture's name leaves the folder.
[[nodiscard]] std::filesystem::path depth_path(const DepthOptions& options, const Image& image);

/// @throws Error(kIo) if it is missing, what read_depth_map throws if it is damaged;
/// Error(kInvalidData) if it is not of the picture's size.
[[nodiscard]] DepthMap read_depth(const DepthOptions& options, const Image& image);

/// `instance` lies in an image of the map's size.
[[nodiscard]] ObjectDepth object_depth(const Instance& instance,
                                       std::size_t keypoint_count,
                                       const DepthMap& map,
                                       double scale);

}  // namespace labelloom::detail
