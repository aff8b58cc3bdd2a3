#pragma once

#include <span>
#include <vector>

namespace labelloom::select {

/// What a detector says about its own certainty: the greatest of the boxes, 0 without any.
struct BoxStatistics {
  double entropy = 0;           ///< of the class distribution, nats
  double margin = 0;            ///< 1 - (p_1 - p_2)
  double least_confidence = 0;  ///< 1 - p_1
  /// [K] mean class distribution, weighted with entropies (all certain: plain mean); zeros without
  /// boxes. CDAL's descriptor.
  std::vector<float> profile;
};

/// `distributions`: [K] each, sum 1.
[[nodiscard]] BoxStatistics box_statistics(std::span<const std::vector<float>> distributions,
                                           int classes);

}  // namespace labelloom::select
