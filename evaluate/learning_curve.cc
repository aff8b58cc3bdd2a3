#include "evaluate/learning_curve.h"

#include <cmath>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::evaluate {
namespace {

void check(std::span<const CurvePoint> curve) {
  const auto fail = [](const char* message) { throw Error(Errc::kArgument, {}, message); };
  if (curve.empty()) fail("the learning curve has no points");
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (!std::isfinite(curve[i].labels) || !std::isfinite(curve[i].score)) {
      fail("the learning curve has a point that is not finite");
    }
    if (i > 0 && !(curve[i - 1].labels < curve[i].labels)) {
      fail("the labels of the learning curve do not ascend");
    }
  }
}

}  // namespace

double mean_dsq(std::span<const TaskScore> tasks) {
  if (tasks.empty()) throw Error(Errc::kInvalidData, {}, "mDSQ: there is no task to compare");
  double sum = 0;
  for (const TaskScore& task : tasks) {
    if (!(task.reference > 0) || !std::isfinite(task.reference)) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("mDSQ: the reference's {} is {}, expected a score above 0",
                              task.name,
                              task.reference));
    }
    if (!(task.score >= 0) || !std::isfinite(task.score)) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("mDSQ: {} is {}: there was no truth of it", task.name, task.score));
    }
    sum += task.score / task.reference;
  }
  return sum / static_cast<double>(tasks.size());
}

std::optional<double> labels_to_reach(std::span<const CurvePoint> curve, double score) {
  check(curve);
  if (curve.front().score >= score) return curve.front().labels;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const CurvePoint& a = curve[i - 1];
    const CurvePoint& b = curve[i];
    if (b.score < score) continue;
    return a.labels + (b.labels - a.labels) * ((score - a.score) / (b.score - a.score));
  }
  return std::nullopt;
}

std::optional<double> labels_to_part(std::span<const CurvePoint> curve,
                                     double reference,
                                     double part) {
  if (!(reference > 0)) {
    throw Error(Errc::kArgument, {}, fmt::format("the reference {} is not above 0", reference));
  }
  return labels_to_reach(curve, part * reference);
}

double mean_height(std::span<const CurvePoint> curve) {
  check(curve);
  if (curve.size() == 1) return curve.front().score;
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    area += (curve[i].labels - curve[i - 1].labels) * (curve[i].score + curve[i - 1].score) / 2;
  }
  return area / (curve.back().labels - curve.front().labels);
}

MeanAndSpread mean_and_spread(std::span<const double> values) {
  if (values.empty()) throw Error(Errc::kArgument, {}, "there are no values to take the mean of");
  const auto count = static_cast<double>(values.size());
  MeanAndSpread result;
  for (const double value : values) result.mean += value / count;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  if (values.size() > 1) result.deviation = std::sqrt(squares / (count - 1));
  return result;
}

}  // namespace labelloom::evaluate
