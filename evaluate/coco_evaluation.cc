#include "evaluate/coco_evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include "evaluate/matching.h"

namespace labelloom::evaluate {
namespace {

/// The options with COCO's defaults filled in.
CocoOptions completed(const CocoOptions& given) {
  CocoOptions options = given;
  if (options.areas.empty()) options.areas = coco_areas(options.task);
  if (options.max_detections.empty()) options.max_detections = coco_max_detections(options.task);
  const auto require = [](bool fine, const char* message) {
    if (!fine) throw Error(Errc::kArgument, {}, message);
  };
  require(!options.thresholds.empty() && options.thresholds.size() <= kMaxThresholds &&
              std::ranges::is_sorted(options.thresholds),
          "expected 1 to 32 thresholds in ascending order");
  require(options.thresholds.front() > 0, "a threshold must be above 0");
  require(!options.recalls.empty() && std::ranges::is_sorted(options.recalls),
          "expected recalls in ascending order");
  require(options.max_detections.front() > 0 && std::ranges::is_sorted(options.max_detections),
          "expected numbers of detections above 0 in ascending order");
  return options;
}

/// A detection of a category, on its way through the scores.
struct Ranked {
  double score = 0;
  std::uint32_t rank = 0;  // within its cell
  std::size_t kept = 0;    // index among the verdicts
};

class Accumulator {
 public:
  Accumulator(const CocoOptions& options,
              const Cells& cells,
              const Dataset& truth,
              std::span<const Detection> detections,
              const std::vector<std::vector<Verdict>>& verdicts,
              CocoScores& scores)
      : options_(options),
        cells_(cells),
        truth_(truth),
        detections_(detections),
        verdicts_(verdicts),
        scores_(scores) {}

  void category(std::size_t k) const {
    std::vector<Ranked> order;
    for (const Cell& cell : cells_.of_category(k)) {
      for (std::uint32_t d = 0; d < cell.detections.size(); ++d) {
        order.push_back({detections_[cell.detections[d]].score, d, cell.first + d});
      }
    }
    std::ranges::stable_sort(order, std::greater<>{}, &Ranked::score);
    const std::size_t areas = options_.areas.size();
    const std::size_t most = options_.max_detections.size();
    std::vector<std::size_t> truths(areas);
    for (std::size_t a = 0; a < areas; ++a) truths[a] = count_truth(k, options_.areas[a]);
    tbb::parallel_for(
        std::size_t{0}, areas * most * options_.thresholds.size(), [&](std::size_t i) {
          const std::size_t t = i / (areas * most);
          const std::size_t a = i / most % areas;
          if (truths[a] > 0) setting(order, k, t, a, i % most, truths[a]);
        });
  }

 private:
  [[nodiscard]] std::size_t count_truth(std::size_t k, const AreaRange& area) const {
    std::size_t count = 0;
    for (const Cell& cell : cells_.of_category(k)) {
      for (const std::uint32_t index : cell.truths) {
        const Instance& instance = truth_.instances[index];
        if (!is_ignored(instance, options_.task) && instance.area >= area.least &&
            instance.area <= area.most) {
          ++count;
        }
      }
    }
    return count;
  }

  /// Precision at every recall, and the largest recall. Both change for the better only where a
  /// detection is right, so that only those places are looked at.
  void setting(const std::vector<Ranked>& order,
               std::size_t k,
               std::size_t t,
               std::size_t a,
               std::size_t m,
               std::size_t truths) const {
    const Bits bit = Bits{1} << t;
    const auto most = static_cast<std::uint32_t>(options_.max_detections[m]);
    std::vector<double> precision;  // at every right detection
    double right = 0;
    double wrong = 0;
    for (const Ranked& ranked : order) {
      if (ranked.rank >= most) continue;
      const Verdict& verdict = verdicts_[a][ranked.kept];
      if ((verdict.ignored & bit) != 0) continue;
      if ((verdict.matched & bit) == 0) {
        ++wrong;
        continue;
      }
      ++right;
      precision.push_back(right / (wrong + right + std::numeric_limits<double>::epsilon()));
    }
    for (std::size_t i = precision.size(); i-- > 1;) {
      precision[i - 1] = std::max(precision[i - 1], precision[i]);
    }
    const std::size_t categories = scores_.categories.size();
    const std::size_t areas = options_.areas.size();
    const std::size_t settings = options_.max_detections.size();
    const auto total = static_cast<double>(truths);
    scores_.recall[((t * categories + k) * areas + a) * settings + m] = right / total;
    std::size_t i = 0;
    for (std::size_t r = 0; r < options_.recalls.size(); ++r) {
      while (i < precision.size() && static_cast<double>(i + 1) / total < options_.recalls[r]) ++i;
      const std::size_t place =
          (((t * options_.recalls.size() + r) * categories + k) * areas + a) * settings + m;
      scores_.precision[place] = i < precision.size() ? precision[i] : 0;
    }
  }

  const CocoOptions& options_;
  const Cells& cells_;
  const Dataset& truth_;
  std::span<const Detection> detections_;
  const std::vector<std::vector<Verdict>>& verdicts_;  // [areas][kept detections]
  CocoScores& scores_;
};

}  // namespace

CocoScores evaluate_coco(const Dataset& truth,
                         std::span<const Detection> detections,
                         const CocoOptions& given) {
  const CocoOptions options = completed(given);
  const Cells cells(
      truth, detections, static_cast<std::size_t>(options.max_detections.back()), options.place);
  const OverlapMeasure measure(truth, detections, options, cells.categories());
  std::vector<std::vector<Verdict>> verdicts(options.areas.size(),
                                             std::vector<Verdict>(cells.kept_detections()));
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, cells.cells().size()),
                    [&](const tbb::blocked_range<std::size_t>& range) {
                      for (std::size_t i = range.begin(); i < range.end(); ++i) {
                        const Cell& cell = cells.cells()[i];
                        const Overlaps overlaps = measure.measure(cell);
                        for (std::size_t a = 0; a < options.areas.size(); ++a) {
                          match(cell,
                                overlaps,
                                truth,
                                detections,
                                options,
                                options.areas[a],
                                std::span(verdicts[a]).subspan(cell.first, cell.detections.size()));
                        }
                      }
                    });

  CocoScores scores;
  scores.task = options.task;
  scores.thresholds = options.thresholds;
  scores.recalls = options.recalls;
  scores.areas = options.areas;
  scores.max_detections = options.max_detections;
  scores.images = truth.images.size();
  scores.unknown_category = cells.unknown_category();
  for (const std::uint32_t index : cells.categories()) {
    scores.categories.push_back({truth.categories[index].id, truth.categories[index].name});
  }
  const std::size_t settings = scores.thresholds.size() * scores.categories.size() *
                               scores.areas.size() * scores.max_detections.size();
  scores.recall.assign(settings, -1);
  scores.precision.assign(settings * scores.recalls.size(), -1);
  const Accumulator accumulator(options, cells, truth, detections, verdicts, scores);
  tbb::parallel_for(
      std::size_t{0}, scores.categories.size(), [&](std::size_t k) { accumulator.category(k); });
  return scores;
}

}  // namespace labelloom::evaluate
