#pragma once

// What is said about learning curves: how good a model is on all its tasks at once, and how many
// labels it takes to get there.

#include <optional>
#include <span>
#include <string>

namespace labelloom::evaluate {

/// A task's score, and the score of the same task when everything is labelled.
struct TaskScore {
  std::string name;
  double score = 0;
  double reference = 0;
};

/// mDSQ: the mean over the tasks of score / reference (BoxMask, Eq. 4, with two tasks: box AP and
/// mIoU; a third is taken alike). 1 is as good as with all labels; the paper shows it times 100.
/// @throws Error(kInvalidData) if there is no task, a reference is not above 0 or a score is
/// negative (COCO's -1: there was no truth), naming the task.
[[nodiscard]] double mean_dsq(std::span<const TaskScore> tasks);

/// A model's score after training with so many labels (images, objects, or a part of all).
struct CurvePoint {
  double labels = 0;
  double score = 0;
};

// A curve has its points by ascending labels; between them it is straight.
// @throws Error(kArgument) for an empty curve, labels that do not ascend, values that are not
// finite.

/// Where the curve first reaches `score`: the labels of its first point if that does, nothing if
/// no point does.
[[nodiscard]] std::optional<double> labels_to_reach(std::span<const CurvePoint> curve,
                                                    double score);
/// The paper's "labels to 95 %": where the curve first reaches `part` of `reference`, the score
/// with all labels.
[[nodiscard]] std::optional<double> labels_to_part(std::span<const CurvePoint> curve,
                                                   double reference,
                                                   double part = 0.95);
/// Area under the curve, divided by the range of its labels: the mean score. That of a single
/// point is its score.
[[nodiscard]] double mean_height(std::span<const CurvePoint> curve);

struct MeanAndSpread {
  double mean = 0;
  double deviation = 0;  ///< of the sample (n - 1); 0 for a single value
};
/// Over seeds. @throws Error(kArgument) when there are no values.
[[nodiscard]] MeanAndSpread mean_and_spread(std::span<const double> values);

}  // namespace labelloom::evaluate
