#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "select/mean_ranks.h"
#include "select/strategy.h"

namespace labelloom::select {
namespace {

/// The part of an image's score that is greatest, and where it comes from.
std::string reason_of(const PoolTable& table,
                      const CombineOptions& options,
                      bool by_rank,
                      double segmentation,
                      double boxes,
                      std::size_t index) {
  const PoolImage& image = table.images[index];
  if (!image.terms.finite) return "not finite";
  if (image.terms.top) return "no detections";
  const double location = options.location_weight * image.blamed.location;
  const double classes = options.class_weight * image.blamed.classes;
  const double keypoints = options.keypoint_weight * image.blamed.keypoints;
  const double of_boxes = by_rank ? boxes : std::max({location, classes, keypoints});
  if (image.blamed_box < 0 || options.segmentation_weight * segmentation > of_boxes) {
    if (image.terms.segmentation <= 0)
      return image.boxes == 0 ? "no detections" : "nothing to blame";
    return fmt::format("S_seg outside the boxes ({:.0f} %)", 100 * image.terms.segmentation);
  }
  std::string_view term = "S_loc";
  if (classes > location && classes >= keypoints) term = "S_cls";
  if (keypoints > location && keypoints > classes) term = "S_kp";
  return fmt::format("{} box {} ({})",
                     term,
                     image.blamed_box + 1,
                     table.classes.at(static_cast<std::size_t>(image.blamed_class)).name);
}

}  // namespace

Ranking rank_boxmask(const Strategy&, const PoolTable& table, const RankOptions& options) {
  std::vector<TermPair> pool;
  std::vector<double> segmentation;
  std::vector<double> boxes;
  std::vector<bool> open;
  for (const PoolImage& image : table.images) {
    pool.push_back(image.terms);
    pool.back().open = image.open();
    segmentation.push_back(image.terms.segmentation);
    boxes.push_back(image.terms.boxes);
    open.push_back(image.open());
  }
  const bool by_rank = options.combine.combination == Combination::kRankMean;
  if (by_rank) {
    segmentation = mean_ranks(segmentation, open);
    boxes = mean_ranks(boxes, open);
  }
  Ranking ranking = by_score(combine(pool, options.combine));
  ranking.reason =
      [&table, combine = options.combine, by_rank, segmentation, boxes](std::size_t image) {
        return reason_of(table, combine, by_rank, segmentation[image], boxes[image], image);
      };
  return ranking;
}

}  // namespace labelloom::select
