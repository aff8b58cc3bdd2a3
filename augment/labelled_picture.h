#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/donors.h"
#include "augment/effect.h"
#include "augment/point_set.h"
#include "augment/restore.h"

namespace labelloom::augment {

/// A label map's value for "nothing is known here".
inline constexpr std::uint8_t kUnlabelled = 255;

/// A picture in memory, a class for each of its pixels, and its instances.
struct LabelledPicture {
  cv::Mat pixels;  ///< 8-bit BGR
  cv::Mat labels;  ///< 8-bit classes, the size of `pixels`
  std::vector<Instance> instances;
};

/// What goes into `transformed`.
struct PictureParts {
  cv::Mat pixels;  ///< 8-bit BGR; not changed
  cv::Mat labels;  ///< 8-bit classes, the size of `pixels`; not changed
  std::span<const Instance* const> instances;
};

/// Does to pixels, label map and instances what the plan says, without a detour over files. The
/// label map is never interpolated; what comes from beyond the picture, or from another one, is
/// kUnlabelled.
/// `donors` may be null when no step mixes images.
/// @throws Error(kArgument) if picture or label map have not the plan's size; Error of the donors.
[[nodiscard]] LabelledPicture transformed(const Plan& plan,
                                          const PictureParts& parts,
                                          const Donors* donors,
                                          const FlipPairs& pairs,
                                          const RestoreOptions& options);

}  // namespace labelloom::augment
