#pragma once

#include <opencv2/core.hpp>

#include "apps/doubtful.h"
#include "apps/overlay.h"

namespace labelloom::apps {

inline constexpr int kCutoutSide = 420;

/// Colours of the two candidates in a cut-out; different even when their category is the same.
inline constexpr Colour kOwnerColour{0x56, 0xB4, 0xE9};
inline constexpr Colour kOtherColour{0xFF, 0x9D, 0x1E};

/// A square picture around a doubtful key point: the point under a cross-hair, its
/// candidates (either may be null) outlined and named.
/// @param pixels the decoded image, 8-bit BGR, perhaps smaller than `image_size`, which is the
/// size that annotations refer to
[[nodiscard]] cv::Mat draw_cutout(const cv::Mat& pixels,
                                  Size image_size,
                                  const DoubtfulKeypoint& keypoint,
                                  const Instance* owner,
                                  const Instance* other,
                                  const CategoryTable& categories);

}  // namespace labelloom::apps
