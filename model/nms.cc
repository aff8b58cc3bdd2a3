#include "model/nms.h"

#include <algorithm>

namespace labelloom::model {

double box_iou(const Box& a, const Box& b) {
  const double width = std::min(a.right(), b.right()) - std::max(a.x, b.x);
  const double height = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const double common = width * height;
  return common / (a.area() + b.area() - common);
}

std::vector<Candidate> suppress(std::vector<Candidate> candidates,
                                double max_iou,
                                std::size_t max_count) {
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.cell < b.cell;
  });
  std::vector<Candidate> kept;
  for (const Candidate& candidate : candidates) {
    if (kept.size() >= max_count) break;
    const bool covered = std::ranges::any_of(kept, [&](const Candidate& better) {
      return better.class_index == candidate.class_index &&
             box_iou(better.box, candidate.box) > max_iou;
    });
    if (!covered) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace labelloom::model
