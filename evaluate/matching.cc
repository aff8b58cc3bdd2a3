#include "evaluate/matching.h"

#include <limits>

namespace labelloom::evaluate {
namespace {

struct TruthState {
  bool ignored = false;
  bool crowd = false;
  bool counts = true;  // a match with it is one
  Bits taken = 0;
};

bool is_inside(double value, const AreaRange& range) {
  return value >= range.least && value <= range.most;
}

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// The best free truth among the candidates that are ignored, or are not. Of equal overlaps the
/// last one wins.
std::size_t best(std::span<const Candidate> candidates,
                 std::span<const TruthState> truths,
                 Bits bit,
                 double needed,
                 bool ignored) {
  std::size_t found = kNone;
  for (const Candidate& candidate : candidates) {
    const TruthState& truth = truths[candidate.truth];
    if (truth.ignored != ignored || candidate.overlap < needed) continue;
    if ((truth.taken & bit) != 0 && !truth.crowd) continue;
    needed = candidate.overlap;
    found = candidate.truth;
  }
  return found;
}

}  // namespace

bool is_ignored(const Instance& instance, Task task) {
  return instance.iscrowd || (task == Task::kKeypoints && labelled_count(instance.keypoints) == 0);
}

void match(const Cell& cell,
           const Overlaps& overlaps,
           const Dataset& truth,
           std::span<const Detection> detections,
           const CocoOptions& options,
           const AreaRange& area,
           std::span<Verdict> verdicts) {
  std::vector<TruthState> truths;
  truths.reserve(cell.truths.size());
  for (const std::uint32_t index : cell.truths) {
    const Instance& instance = truth.instances[index];
    truths.push_back(
        {.ignored = is_ignored(instance, options.task) || !is_inside(instance.area, area),
         .crowd = instance.iscrowd,
         .counts = instance.id != 0 || !options.zero_id_never_matches});
  }
  const std::size_t thresholds = options.thresholds.size();
  const Bits all = ~Bits{0} >> (kMaxThresholds - thresholds);
  for (std::size_t d = 0; d < cell.detections.size(); ++d) {
    Verdict verdict;
    const std::span<const Candidate> candidates = overlaps[d];
    for (std::size_t t = 0; t < thresholds && !candidates.empty(); ++t) {
      const Bits bit = Bits{1} << t;
      const double needed = needed_overlap(options.thresholds[t]);
      std::size_t found = best(candidates, truths, bit, needed, false);
      if (found == kNone) found = best(candidates, truths, bit, needed, true);
      if (found == kNone) continue;
      truths[found].taken |= bit;
      if (truths[found].counts) verdict.matched |= bit;
      if (truths[found].ignored) verdict.ignored |= bit;
    }
    if (!is_inside(detections[cell.detections[d]].area, area)) {
      verdict.ignored |= all & ~verdict.matched;
    }
    verdicts[d] = verdict;
  }
}

}  // namespace labelloom::evaluate
