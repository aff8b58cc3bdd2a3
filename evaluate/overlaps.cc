#include "evaluate/overlaps.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace labelloom::evaluate {
namespace {

/// Intersection over union; over the detection's own area where the truth is a crowd.
double box_overlap(const Box& detection, const Box& truth, bool crowd) {
  const double width = std::min(detection.right(), truth.right()) - std::max(detection.x, truth.x);
  const double height =
      std::min(detection.bottom(), truth.bottom()) - std::max(detection.y, truth.y);
  if (width <= 0 || height <= 0) return 0;
  const double common = width * height;
  const double all = crowd ? detection.area() : detection.area() + truth.area() - common;
  return common / all;
}

/// A mask with what is asked of it again and again.
struct Region {
  const Rle* mask = nullptr;
  Rle own = {};  // when the mask had to be made
  Box extent;
  double area = 0;

  void finish() {
    if (mask == nullptr) mask = &own;
    extent = labelloom::extent(*mask);
    area = static_cast<double>(pixel_count(*mask));
  }
};

/// Number of pixels that both masks have; they are of one size.
std::uint64_t common_pixels(const Rle& a, const Rle& b) {
  std::uint64_t common = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  std::uint64_t a_end = a.counts.empty() ? 0 : a.counts[0];
  std::uint64_t b_end = b.counts.empty() ? 0 : b.counts[0];
  std::uint64_t at = 0;
  while (i < a.counts.size() && j < b.counts.size()) {
    const std::uint64_t end = std::min(a_end, b_end);
    if ((i & j & 1U) != 0) common += end - at;
    at = end;
    if (a_end == end && ++i < a.counts.size()) a_end += a.counts[i];
    if (b_end == end && ++j < b.counts.size()) b_end += b.counts[j];
  }
  return common;
}

double mask_overlap(const Region& detection, const Region& truth, bool crowd) {
  if (box_overlap(detection.extent, truth.extent, crowd) <= 0) return 0;
  const auto common = static_cast<double>(common_pixels(*detection.mask, *truth.mask));
  return common / (crowd ? detection.area : detection.area + truth.area - common);
}

/// The box as pycocotools makes a polygon of it.
Rle box_mask(const Box& box, Size image) {
  return rasterise(Rings({{box.x, box.y},
                          {box.x, box.bottom()},
                          {box.right(), box.bottom()},
                          {box.right(), box.y}}),
                   image);
}

std::vector<double> sigmas_of(const Category& category, const CocoOptions& options) {
  const auto given = options.sigmas.find(category.name);
  if (given == options.sigmas.end()) return coco_sigmas(category.keypoints.size());
  const std::vector<double>& sigmas = given->second;
  if (sigmas.size() != category.keypoints.size()) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("{} sigmas for category {}, which has {} key points",
                            sigmas.size(),
                            labelloom::quoted(category.name),
                            category.keypoints.size()));
  }
  for (const double sigma : sigmas) {
    if (!(sigma > 0) || !std::isfinite(sigma)) {
      throw Error(Errc::kArgument, {}, fmt::format("sigma {} is not above 0", sigma));
    }
  }
  return sigmas;
}

}  // namespace

double needed_overlap(double threshold) { return std::min(threshold, 1 - 1e-10); }

OverlapMeasure::OverlapMeasure(const Dataset& truth,
                               std::span<const Detection> detections,
                               const CocoOptions& options,
                               const std::vector<std::uint32_t>& categories)
    : truth_(&truth),
      detections_(detections),
      options_(&options),
      lowest_(needed_overlap(options.thresholds.front())),
      shift_(truth.keypoint_origin == KeypointOrigin::kPixelCentre ? 0.5 : 0) {
  if (options.task != Task::kKeypoints) return;
  for (const std::uint32_t index : categories) {
    std::vector<double> variances = sigmas_of(truth.categories[index], options);
    for (double& v : variances) v = (v * 2) * (v * 2);
    variances_.push_back(std::move(variances));
  }
}

Overlaps OverlapMeasure::measure(const Cell& cell) const {
  if (options_->task == Task::kBoxes) return boxes(cell);
  return options_->task == Task::kMasks ? masks(cell) : keypoints(cell);
}

/// `overlap(d, t)` of the places in the cell.
template <typename Overlap>
Overlaps OverlapMeasure::collect(const Cell& cell, const Overlap& overlap) const {
  Overlaps result;
  result.starts.push_back(0);
  for (std::uint32_t d = 0; d < cell.detections.size(); ++d) {
    for (std::uint32_t t = 0; t < cell.truths.size(); ++t) {
      const double value = overlap(d, t);
      if (value >= lowest_) result.candidates.push_back({t, value});
    }
    result.starts.push_back(static_cast<std::uint32_t>(result.candidates.size()));
  }
  return result;
}

Overlaps OverlapMeasure::boxes(const Cell& cell) const {
  return collect(cell, [&](std::uint32_t d, std::uint32_t t) {
    const Instance& instance = truth_->instances[cell.truths[t]];
    return box_overlap(detections_[cell.detections[d]].bbox, instance.bbox, instance.iscrowd);
  });
}

Overlaps OverlapMeasure::masks(const Cell& cell) const {
  if (cell.truths.empty() || cell.detections.empty()) {
    return collect(cell, [](std::uint32_t, std::uint32_t) { return 0.0; });
  }
  const Size size = truth_->images[cell.image].size;
  std::vector<Region> truths(cell.truths.size());
  for (std::size_t t = 0; t < truths.size(); ++t) {
    const Instance& instance = truth_->instances[cell.truths[t]];
    truths[t].mask = instance.mask();
    if (instance.mask() == nullptr && instance.rings.empty()) {
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("annotation {} has neither polygons nor a mask, which comparing "
                              "masks needs",
                              instance.id));
    }
    if (instance.mask() == nullptr) truths[t].own = rasterise(instance.rings, size);
    truths[t].finish();
  }
  std::vector<Region> found(cell.detections.size());
  for (std::size_t d = 0; d < found.size(); ++d) {
    const Detection& detection = detections_[cell.detections[d]];
    if (detection.mask) {
      found[d].mask = &*detection.mask;
    } else {
      found[d].own = detection.rings.empty() ? box_mask(detection.bbox, size)
                                             : rasterise(detection.rings, size);
    }
    found[d].finish();
    for (const Region& truth : truths) {
      if (truth.mask->size == found[d].mask->size) continue;
      const Size a = found[d].mask->size;
      const Size b = truth.mask->size;
      throw Error(Errc::kInvalidData,
                  place_of(options_->place, cell.detections[d]),
                  fmt::format("the mask is {} x {}, those of the ground truth of image {} are "
                              "{} x {}",
                              a.width,
                              a.height,
                              detection.image_id,
                              b.width,
                              b.height));
    }
  }
  return collect(cell, [&](std::uint32_t d, std::uint32_t t) {
    return mask_overlap(found[d], truths[t], truth_->instances[cell.truths[t]].iscrowd);
  });
}

Overlaps OverlapMeasure::keypoints(const Cell& cell) const {
  return collect(cell, [&](std::uint32_t d, std::uint32_t t) {
    return similarity(cell, truth_->instances[cell.truths[t]], cell.detections[d]);
  });
}

/// OKS: the mean of exp(-d^2 / (2 area (2 sigma)^2)) over the labelled key points. Without any,
/// d is the distance to the box made twice as large on every side.
double OverlapMeasure::similarity(const Cell& cell,
                                  const Instance& instance,
                                  std::uint32_t detection) const {
  const std::vector<double>& variances = variances_[cell.category];
  const std::vector<DetectedKeypoint>& found = detections_[detection].keypoints;
  if (found.size() != variances.size()) {
    throw Error(Errc::kInvalidData,
                place_of(options_->place, detection),
                fmt::format("{} key points, but category {} of the ground truth has {}",
                            found.size(),
                            detections_[detection].category_id,
                            variances.size()));
  }
  const bool labelled = labelled_count(instance.keypoints) > 0;
  const Box& box = instance.bbox;
  const double left = box.x - box.width;
  const double right = box.x + box.width * 2;
  const double top = box.y - box.height;
  const double bottom = box.y + box.height * 2;
  const double area = instance.area + std::numeric_limits<double>::epsilon();
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t k = 0; k < found.size(); ++k) {
    // As the file has them, so that the last bits are pycocotools'.
    const Point2d at{found[k].point.x - shift_, found[k].point.y - shift_};
    double dx = 0;
    double dy = 0;
    if (labelled) {
      const Keypoint& wanted = instance.keypoints[k];
      if (wanted.visibility == Visibility::kAbsent) continue;
      dx = at.x - (wanted.point.x - shift_);
      dy = at.y - (wanted.point.y - shift_);
    } else {
      dx = std::max(0.0, left - at.x) + std::max(0.0, at.x - right);
      dy = std::max(0.0, top - at.y) + std::max(0.0, at.y - bottom);
    }
    sum += std::exp(-((dx * dx + dy * dy) / variances[k] / area / 2));
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace labelloom::evaluate
