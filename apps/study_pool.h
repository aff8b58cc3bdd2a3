#pragma once

// What of a pool's images is labelled, beyond their number: the rare class, and pictures of the
// same thing.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/dataset.h"

namespace labelloom::apps {

struct PoolShares {
  double rare = 0;        ///< of the rare class's objects, how many are in labelled images
  double duplicates = 0;  ///< of the labelled images, how many repeat another labelled one
  friend bool operator==(const PoolShares&, const PoolShares&) = default;
};

/// Knows a data set's rare class and near duplicates.
class PoolAttributes {
 public:
  /// @param rare_class its name; empty: the class with the fewest objects, the first of equals.
  /// Images repeat each other if their record's `duplicate_of` names the same image, or one names
  /// the other. @throws Error(kArgument) for a class that is not there or has no objects.
  PoolAttributes(const Dataset& dataset, const std::string& rare_class);

  [[nodiscard]] const std::string& rare_class() const { return rare_class_; }
  [[nodiscard]] std::size_t rare_objects() const { return rare_total_; }
  /// How many images repeat one that comes before them.
  [[nodiscard]] std::size_t duplicates() const { return group_.size() - groups_; }
  /// `labelled`: indexes of images, each at most once.
  [[nodiscard]] PoolShares shares(std::span<const std::size_t> labelled) const;

 private:
  std::string rare_class_;
  std::size_t rare_total_ = 0;
  std::vector<std::size_t> rare_;   // objects of the rare class, [images]
  std::vector<std::size_t> group_;  // [images]
  std::size_t groups_ = 0;
};

}  // namespace labelloom::apps
