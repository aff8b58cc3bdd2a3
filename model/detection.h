#pragma once

#include <vector>

#include "formats/dataset.h"
#include "formats/geometry.h"

namespace labelloom::model {

/// An object the network found, in input coordinates.
struct Detection {
  Box box;
  int class_index = 0;
  double score = 0;
  std::vector<float> class_probabilities;  ///< [K], sum 1
  /// One a slot of ModelConfig::keypoints; slots of other classes are absent. Empty: no such head.
  std::vector<Keypoint> keypoints;
  std::vector<float> keypoint_scores;  ///< as long as `keypoints`
};

}  // namespace labelloom::model
