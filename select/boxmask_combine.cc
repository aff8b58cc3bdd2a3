#include "select/boxmask_combine.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "formats/error.h"
#include "select/mean_ranks.h"

namespace labelloom::select {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The mean of a sum over `cells` cells, in whatever its unit is.
double mean(std::int64_t sum, std::uint32_t cells) {
  return cells == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(kFixedOne) / cells;
}

double mean_divergence(const BoxComponents& box, const CombineOptions& options) {
  const std::uint32_t cells = box.summed_cells();
  if (options.divergence == Divergence::kJensenShannon) return mean(box.jensen_shannon, cells);
  const double nats = [&] {
    switch (options.divergence) {
      case Divergence::kPixelsFromBox:
        return mean(box.pixels_from_box, cells);
      case Divergence::kBoxFromPixels:
        return std::max(0.0, mean(2 * box.symmetric - box.pixels_from_box, cells));
      default:
        return mean(box.symmetric, cells);
    }
  }();
  return options.log_base == 0 ? nats : nats / std::log(options.log_base);
}

double greatest_divergence(const CombineOptions& options, double epsilon) {
  if (options.divergence == Divergence::kJensenShannon) return 1;
  const double nats = -std::log(epsilon);
  return options.log_base == 0 ? nats : nats / std::log(options.log_base);
}

BoxTerms terms_of(const BoxComponents& box, const CombineOptions& options, double epsilon) {
  BoxTerms terms;
  if (box.state == BoxState::kEmptyMask && options.empty_mask == EmptyMask::kMaximum) {
    terms.location = 1;
    terms.classes = greatest_divergence(options, epsilon);
  } else if (const std::uint32_t cells = box.summed_cells(); cells > 0) {
    terms.location = static_cast<double>(box.mislabelled_cells) / cells;
    terms.classes = mean_divergence(box, options);
  }
  if (box.keypoints > 0) {
    terms.keypoints = static_cast<double>(box.keypoints_outside) / box.keypoints;
  }
  terms.total = options.location_weight * terms.location + options.class_weight * terms.classes +
                options.keypoint_weight * terms.keypoints;
  return terms;
}

bool has_term(const BoxComponents& box, const CombineOptions& options) {
  return box.state == BoxState::kMasked ||
         (box.state == BoxState::kEmptyMask && options.empty_mask != EmptyMask::kSkip);
}

/// Of the totals of all boxes that have one; there is one at least.
double aggregate(std::vector<double> totals, const CombineOptions& options) {
  const auto sum_of = [&](std::size_t count) {
    return std::accumulate(
        totals.begin(), totals.begin() + static_cast<std::ptrdiff_t>(count), 0.0);
  };
  // Greatest first: sums do not depend on the order of boxes.
  std::ranges::sort(totals, std::greater<>());
  switch (options.aggregation) {
    case Aggregation::kMaximum:
      return totals.front();
    case Aggregation::kMean:
      return sum_of(totals.size()) / static_cast<double>(totals.size());
    case Aggregation::kSum:
      return sum_of(totals.size());
    case Aggregation::kTopMean:
      break;
  }
  const std::size_t count = std::min(totals.size(), static_cast<std::size_t>(options.top_boxes));
  return sum_of(count) / static_cast<double>(count);
}

/// Ranks of one term among the images that are open, of those that are finite.
std::vector<double> ranks(std::span<const TermPair> pool, double TermPair::*term) {
  std::vector<double> values;
  std::vector<bool> open;
  values.reserve(pool.size());
  for (const TermPair& image : pool) {
    values.push_back(image.finite ? image.*term : std::numeric_limits<double>::quiet_NaN());
    open.push_back(image.open);
  }
  return mean_ranks(values, open);
}

}  // namespace

ImageTerms terms_of(const ImageComponents& image, const CombineOptions& options, double epsilon) {
  if (options.divergence == Divergence::kJensenShannon && !image.has_jensen_shannon) {
    throw Error(Errc::kArgument,
                {},
                "Jensen-Shannon divergence is asked for, but was left out when images were scored");
  }
  ImageTerms terms;
  terms.finite = image.finite;
  if (!image.finite) {
    terms.each_box.resize(image.boxes.size());
    return terms;
  }
  terms.segmentation = options.outside == Outside::kProbability
                           ? mean(image.detectable_mass, image.outside_cells)
                           : mean(image.detectable_cells * kFixedOne, image.outside_cells);
  std::vector<double> totals;
  for (const BoxComponents& box : image.boxes) {
    const BoxTerms& of_box = terms.each_box.emplace_back(terms_of(box, options, epsilon));
    if (!has_term(box, options)) continue;
    if (totals.empty() ||
        of_box.total > terms.each_box[static_cast<std::size_t>(terms.blamed_box)].total) {
      terms.blamed_box = static_cast<int>(terms.each_box.size()) - 1;
    }
    totals.push_back(of_box.total);
  }
  if (!totals.empty()) {
    terms.boxes = aggregate(std::move(totals), options);
  }
  const bool boxes_count =
      options.location_weight > 0 || options.class_weight > 0 || options.keypoint_weight > 0;
  terms.top = image.boxes.empty() && options.no_detections == NoDetections::kTop && boxes_count;
  return terms;
}

std::vector<double> combine(std::span<const TermPair> pool, const CombineOptions& options) {
  const bool by_rank = options.combination == Combination::kRankMean;
  std::vector<double> by_boxes;
  std::vector<double> by_segmentation;
  if (by_rank) {
    by_boxes = ranks(pool, &TermPair::boxes);
    by_segmentation = ranks(pool, &TermPair::segmentation);
  }
  const double sum_of_weights = by_rank ? options.segmentation_weight + 1 : 1;
  const auto score = [&](std::size_t i, double boxes) {
    const double segmentation = by_rank ? by_segmentation[i] : pool[i].segmentation;
    return (options.segmentation_weight * segmentation + boxes) / sum_of_weights;
  };
  std::vector<double> scores(pool.size(), -kInfinity);
  double greatest = 0;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (!pool[i].finite || pool[i].top) continue;
    scores[i] = score(i, by_rank ? by_boxes[i] : pool[i].boxes);
    greatest = std::max(greatest, scores[i]);
  }
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (pool[i].finite && pool[i].top) scores[i] = greatest + 1 + score(i, 0);
  }
  return scores;
}

}  // namespace labelloom::select
