#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "evaluate/coco_evaluation.h"
#include "evaluate/segmentation.h"

namespace labelloom::apps {

void add_evaluate(CLI::App& app);

/// What `labelloom evaluate` found out.
struct Evaluation {
  std::vector<evaluate::CocoScores> coco;  ///< one a task
  std::optional<evaluate::SegmentationScores> segmentation;
  std::optional<double> mdsq;
};

/// mDSQ of the evaluation: box AP, mIoU and key point AP, those that it has, against the same
/// numbers of a file that `labelloom evaluate --json` wrote.
/// @throws Error naming the file for what is no such file, or has other tasks than the evaluation.
[[nodiscard]] double mdsq_against(const std::string& file, const Evaluation& evaluation);

void print_evaluation(const Evaluation& evaluation, bool per_class);
void print_evaluation_json(const Evaluation& evaluation, bool per_class);

}  // namespace labelloom::apps
