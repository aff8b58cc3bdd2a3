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

/// Which detections are kept.
struct DecodeOptions {
  double min_score = 0.3;
  double nms_iou = 0.5;  ///< between boxes of the same class
  int max_detections = 100;
  /// Key points below it are absent; where they would be is said all the same, for measures that
  /// want a place for each (OKS).
  double min_keypoint_score = 0.1;
};

}  // namespace labelloom::model
