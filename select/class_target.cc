#include "select/class_target.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::select {
namespace {

void check(std::span<const float> probabilities, const ClassMap& map) {
  const std::size_t count = map.seg_of_class.size();
  if (probabilities.size() != count && probabilities.size() != count + 1) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("a detection has {} class probabilities; expected {}, or one more with "
                            "the background",
                            probabilities.size(),
                            count));
  }
  for (const float p : probabilities) {
    if (!std::isfinite(p) || p < 0) {
      throw Error(Errc::kInvalidData, {}, fmt::format("a class probability is {}", p));
    }
  }
}

}  // namespace

std::vector<std::uint8_t> detectable_classes(const ClassMap& map) {
  std::vector<std::uint8_t> detectable(static_cast<std::size_t>(map.seg_classes), 0);
  for (const int index : map.seg_of_class) {
    if (index < -1 || index >= map.seg_classes) {
      throw Error(
          Errc::kInvalidData,
          {},
          fmt::format(
              "class {} of the segmentation does not exist; there are {}", index, map.seg_classes));
    }
    if (index >= 0) detectable[static_cast<std::size_t>(index)] = 1;
  }
  return detectable;
}

std::vector<float> class_target(std::span<const float> class_probabilities,
                                const ClassMap& map,
                                const ScoringOptions& options) {
  check(class_probabilities, map);
  const std::vector<std::uint8_t> detectable = detectable_classes(map);
  const auto classes = detectable.size();
  const auto stuff = static_cast<double>(std::ranges::count(detectable, std::uint8_t{0}));
  const std::size_t count = map.seg_of_class.size();

  std::vector<double> q(classes, 0);
  double known = 0;
  for (std::size_t k = 0; k < count; ++k) {
    if (map.seg_of_class[k] < 0) continue;
    q[static_cast<std::size_t>(map.seg_of_class[k])] += class_probabilities[k];
    known += class_probabilities[k];
  }
  const double background = class_probabilities.size() > count ? class_probabilities[count] : 0;
  const bool to_stuff = options.background == Background::kToStuff && stuff > 0 && background > 0;
  const double total = known + (to_stuff ? background : 0);
  for (std::size_t k = 0; k < classes; ++k) {
    if (detectable[k] == 0) {
      q[k] = to_stuff ? background / stuff / total : 0;
    } else {
      q[k] = total > 0 ? q[k] / total : 1 / (static_cast<double>(classes) - stuff);
    }
  }
  const double left = std::max(0.0, 1 - (to_stuff ? 0 : stuff) * options.epsilon);
  for (double& value : q) value = std::max(left * value, options.epsilon);
  const double sum = std::accumulate(q.begin(), q.end(), 0.0);
  std::vector<float> target(classes);
  std::ranges::transform(
      q, target.begin(), [sum](double v) { return static_cast<float>(v / sum); });
  return target;
}

}  // namespace labelloom::select
