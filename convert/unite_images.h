#pragma once

#include <span>

#include "formats/dataset.h"

namespace labelloom {

/// Makes one entry of all images of the same file name, the first, and numbers the images anew from
/// 1. Instances, the data set's loose key points and `keypoints` follow.
void unite_images(Dataset& dataset, std::span<LooseKeypoint> keypoints);

}  // namespace labelloom
