#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "formats/dataset.h"

namespace labelloom {

/// Points of a distribution: the smallest, the largest, and the values below which 5, 25, 50, 75
/// and 95 per cent lie (interpolated linearly between neighbours, as NumPy does). All zeros for
/// none.
struct Quantiles {
  double minimum = 0;
  double q05 = 0;
  double q25 = 0;
  double median = 0;
  double q75 = 0;
  double q95 = 0;
  double maximum = 0;
  friend bool operator==(const Quantiles&, const Quantiles&) = default;
};

/// What one class, or all together, consists of. An instance counts under every heading that fits.
struct ClassStatistics {
  std::int64_t category_id = 0;  ///< 0 for the total
  std::string name;
  std::uint64_t instances = 0;
  std::uint64_t images = 0;  ///< images with at least one instance

  std::uint64_t box_only = 0;  ///< neither rings nor mask
  std::uint64_t polygons = 0;
  std::uint64_t multi_part = 0;  ///< polygons of several outer rings
  std::uint64_t with_holes = 0;
  std::uint64_t masks = 0;
  std::uint64_t crowds = 0;
  std::uint64_t with_keypoints = 0;  ///< at least one that is labelled

  // COCO's buckets by `area`: below 32^2, below 96^2, the rest.
  std::uint64_t small = 0;
  std::uint64_t medium = 0;
  std::uint64_t large = 0;

  Quantiles area;  ///< square pixels
  Quantiles side;  ///< of a square as large as the box: sqrt(width * height), pixels
};

/// How often a key point of a category is labelled, over the instances that carry key points.
struct KeypointStatistics {
  std::int64_t category_id = 0;
  std::string category;
  std::string name;
  std::uint64_t absent = 0;
  std::uint64_t hidden = 0;
  std::uint64_t visible = 0;
};

struct Statistics {
  std::uint64_t images = 0;
  std::uint64_t images_without_instances = 0;
  ClassStatistics total;
  std::vector<ClassStatistics> classes;  ///< in the order of Dataset::categories
  std::vector<KeypointStatistics> keypoints;
  /// Number of instances on an image -> number of such images.
  std::map<std::uint64_t, std::uint64_t> instances_per_image;
  /// Width and height -> number of such images, the most frequent first.
  std::vector<std::pair<Size, std::uint64_t>> image_sizes;
};

/// Counts what a data set holds. Instances of unknown categories count in the total only.
[[nodiscard]] Statistics statistics(const Dataset& dataset);

}  // namespace labelloom
