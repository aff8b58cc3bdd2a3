// COCO's own settings, and averages over the settings.

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "evaluate/coco_evaluation.h"

namespace labelloom::evaluate {
namespace {

constexpr double kSmall = 32 * 32;
constexpr double kMedium = 96 * 96;
constexpr double kHuge = 1e5 * 1e5;

/// numpy.linspace, bit for bit.
std::vector<double> linspace(double first, double last, int count) {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(count));
  const double step = (last - first) / (count - 1);
  for (int i = 0; i < count; ++i) values.push_back(i * step + first);
  values.back() = last;
  return values;
}

/// A range of indexes: one, or all.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Range range_of(const std::optional<std::size_t>& index, std::size_t size) {
  if (!index) return {0, size};
  if (*index >= size) throw Error(Errc::kArgument, {}, fmt::format("no index {}", *index));
  return {*index, *index + 1};
}

Range thresholds_of(const std::optional<double>& threshold, const std::vector<double>& all) {
  constexpr double kSame = 1e-9;
  if (!threshold) return {0, all.size()};
  for (std::size_t t = 0; t < all.size(); ++t) {
    if (std::fabs(all[t] - *threshold) < kSame) return {t, t + 1};
  }
  return {};
}

/// Mean of [thresholds, inner, categories, areas, max_detections], where it is not -1.
double mean(const CocoScores& scores,
            const std::vector<double>& values,
            std::size_t inner,
            const Choice& choice) {
  const std::size_t categories = scores.categories.size();
  const std::size_t areas = scores.areas.size();
  const std::size_t settings = scores.max_detections.size();
  const Range t = thresholds_of(choice.threshold, scores.thresholds);
  const Range k = range_of(choice.category, categories);
  const std::size_t a = range_of(choice.area, areas).begin;
  const std::size_t m = range_of(choice.detections.value_or(settings - 1), settings).begin;
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = t.begin * inner; i < t.end * inner; ++i) {
    for (std::size_t c = k.begin; c < k.end; ++c) {
      const double value = values[((i * categories + c) * areas + a) * settings + m];
      if (value <= -1) continue;
      sum += value;
      ++count;
    }
  }
  return count == 0 ? -1 : sum / static_cast<double>(count);
}

}  // namespace

std::string_view name(Task task) {
  if (task == Task::kBoxes) return "bbox";
  return task == Task::kMasks ? "segm" : "keypoints";
}

std::vector<double> coco_thresholds() { return linspace(0.5, 0.95, 10); }

std::vector<double> coco_recalls() { return linspace(0, 1, 101); }

std::vector<AreaRange> coco_areas(Task task) {
  std::vector<AreaRange> areas = {{"all", 0, kHuge}};
  if (task != Task::kKeypoints) areas.push_back({"small", 0, kSmall});
  areas.push_back({"medium", kSmall, kMedium});
  areas.push_back({"large", kMedium, kHuge});
  return areas;
}

std::vector<int> coco_max_detections(Task task) {
  return task == Task::kKeypoints ? std::vector<int>{20} : std::vector<int>{1, 10, 100};
}

std::vector<double> coco_sigmas(std::size_t keypoints) {
  constexpr std::array kTenfold = {
      .26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07, 1.07, .87, .87, .89, .89};
  if (keypoints != kTenfold.size()) return std::vector<double>(keypoints, kDefaultSigma);
  std::vector<double> sigmas;
  sigmas.reserve(kTenfold.size());
  for (const double tenfold : kTenfold) sigmas.push_back(tenfold / 10);
  return sigmas;
}

double CocoScores::average_precision(const Choice& choice) const {
  return mean(*this, precision, recalls.size(), choice);
}

double CocoScores::average_recall(const Choice& choice) const {
  return mean(*this, recall, 1, choice);
}

}  // namespace labelloom::evaluate
