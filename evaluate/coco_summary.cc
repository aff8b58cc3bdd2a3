#include "evaluate/coco_summary.h"

#include <algorithm>

#include <fmt/format.h>

namespace labelloom::evaluate {
namespace {

struct Wanted {
  const char* name;
  bool precision;
  double threshold;  // 0: all
  const char* area;
  int cut;  // index in max_detections, -1: the last
};

// clang-format off
constexpr Wanted kRegions[] = {
    {"AP", true, 0, "all", -1},           {"AP50", true, .5, "all", -1},
    {"AP75", true, .75, "all", -1},       {"AP_small", true, 0, "small", -1},
    {"AP_medium", true, 0, "medium", -1}, {"AP_large", true, 0, "large", -1},
    {"AR@1", false, 0, "all", 0},         {"AR@10", false, 0, "all", 1},
    {"AR@100", false, 0, "all", -1},      {"AR_small", false, 0, "small", -1},
    {"AR_medium", false, 0, "medium", -1}, {"AR_large", false, 0, "large", -1}};
constexpr Wanted kKeypoints[] = {
    {"AP", true, 0, "all", -1},           {"AP50", true, .5, "all", -1},
    {"AP75", true, .75, "all", -1},       {"AP_medium", true, 0, "medium", -1},
    {"AP_large", true, 0, "large", -1},   {"AR", false, 0, "all", -1},
    {"AR50", false, .5, "all", -1},       {"AR75", false, .75, "all", -1},
    {"AR_medium", false, 0, "medium", -1}, {"AR_large", false, 0, "large", -1}};
// clang-format on

SummaryLine line_of(const Wanted& wanted,
                    const CocoScores& scores,
                    std::optional<std::size_t> category) {
  SummaryLine line{.name = wanted.name, .precision = wanted.precision, .area = wanted.area};
  if (wanted.threshold > 0) line.threshold = wanted.threshold;
  const std::size_t last = scores.max_detections.size() - 1;
  const std::size_t cut = wanted.cut < 0 ? last : static_cast<std::size_t>(wanted.cut);
  const auto area = std::ranges::find(scores.areas, line.area, &AreaRange::name);
  if (cut > last || area == scores.areas.end()) return line;
  line.max_detections = scores.max_detections[cut];
  if (line.name.find('@') != std::string::npos) {
    line.name = fmt::format("AR@{}", line.max_detections);
  }
  const Choice choice{.threshold = line.threshold,
                      .area = static_cast<std::size_t>(area - scores.areas.begin()),
                      .detections = cut,
                      .category = category};
  line.value = line.precision ? scores.average_precision(choice) : scores.average_recall(choice);
  return line;
}

}  // namespace

std::vector<SummaryLine> summarise(const CocoScores& scores, std::optional<std::size_t> category) {
  const std::span<const Wanted> all =
      scores.task == Task::kKeypoints ? std::span<const Wanted>(kKeypoints) : kRegions;
  std::vector<SummaryLine> lines;
  for (const Wanted& wanted : all) lines.push_back(line_of(wanted, scores, category));
  return lines;
}

std::string pycocotools_line(const SummaryLine& line, const CocoScores& scores) {
  const std::string overlap =
      line.threshold
          ? fmt::format("{:.2f}", *line.threshold)
          : fmt::format("{:.2f}:{:.2f}", scores.thresholds.front(), scores.thresholds.back());
  return fmt::format(" {:<18} {} @[ IoU={:<9} | area={:>6} | maxDets={:>3} ] = {:.3f}",
                     line.precision ? "Average Precision" : "Average Recall",
                     line.precision ? "(AP)" : "(AR)",
                     overlap,
                     line.area,
                     line.max_detections,
                     line.value);
}

}  // namespace labelloom::evaluate
