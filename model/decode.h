#pragma once

#include <vector>

#include "formats/geometry.h"
#include "model/dense_map.h"
#include "model/detection.h"
#include "model/model_config.h"

namespace labelloom::model {

/// The outputs for one picture that objects are read from, all on one grid of h x w cells. See
/// Outputs for what the channels mean. Scores may be logits or already probabilities.
struct DenseOutputs {
  DenseMap center;     ///< [1,h,w]
  DenseMap classes;    ///< [K,h,w]
  DenseMap box;        ///< [4,h,w] cells
  DenseMap keypoints;  ///< [P,h,w]; empty without that head
  DenseMap offsets;    ///< [2P,h,w] cells
  Size input;          ///< pixels the grid covers; a multiple of its size
  bool center_is_probability = false;
  bool classes_are_probabilities = false;
  bool keypoints_are_probabilities = false;
};

/// Objects from dense outputs (CenterNet: Zhou, Wang, Krahenbuhl, "Objects as points", 2019, with
/// FCOS's distances to the four sides):
/// - a cell is a candidate where `center` is the largest of its 3x3 neighbours;
/// - score = sigmoid(center) * max softmax(classes); box = cell's centre -+ distances, clipped to
///   the input; boxes without area are dropped;
/// - the best candidates (kCandidatesPerDetection times as many as are asked for) go through
///   class-wise greedy NMS;
/// - a key point of the object's class is where `offsets` says, drawn to the cell of the best heat
///   map peak nearby (see find_keypoints); others are absent.
/// In the total order (score descending, cell ascending), so that equal inputs give equal results.
/// @throws Error(kInvalidData) naming the output that has NaN or infinite values, another number of
/// channels than `config` says, or another grid.
[[nodiscard]] std::vector<Detection> decode(const DenseOutputs& outputs,
                                            const ModelConfig& config,
                                            const DecodeOptions& options);

inline constexpr int kCandidatesPerDetection = 10;

/// 1 / (1 + e^-x)
[[nodiscard]] double sigmoid(double x);
/// Probabilities of logits; of probabilities that need not sum to 1, their shares (all zero: even
/// shares).
[[nodiscard]] std::vector<float> class_distribution(std::vector<float> values,
                                                    bool are_probabilities);

}  // namespace labelloom::model
