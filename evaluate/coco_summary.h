#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluate/coco_evaluation.h"

namespace labelloom::evaluate {

/// One of the numbers that COCO reports.
struct SummaryLine {
  std::string name;  ///< "AP", "AP50", "AR@10", "AR_small", ...
  bool precision = true;
  std::optional<double> threshold = {};  ///< all when not given
  std::string area;
  int max_detections = 0;
  double value = -1;  ///< -1: there is no truth of that kind
};

/// COCO's twelve numbers, ten for key points, in COCO's order; of one category when an index is
/// given. Numbers whose threshold, area range or cut the scores do not have are -1.
[[nodiscard]] std::vector<SummaryLine> summarise(const CocoScores& scores,
                                                 std::optional<std::size_t> category = {});

/// The line as pycocotools prints it, without its end.
[[nodiscard]] std::string pycocotools_line(const SummaryLine& line, const CocoScores& scores);

}  // namespace labelloom::evaluate
