#pragma once

// Which categories own which key point labels, and the slots that follow from it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "convert/group_keypoints.h"
#include "formats/dataset.h"

namespace labelloom {

/// A data set's loose key points by image and label. Borrows the data set.
class LooseKeypoints {
 public:
  /// Labels are numbered in the order of `label_order`, then by first appearance.
  LooseKeypoints(const Dataset& dataset, const std::vector<std::string>& label_order);

  [[nodiscard]] const std::vector<std::string>& labels() const { return labels_; }
  /// Number of a label; adds it when it is new.
  std::size_t label_index(const std::string& label);
  /// Label of the loose key point at `index`.
  [[nodiscard]] std::size_t label_of(std::size_t index) const { return label_of_[index]; }
  /// Indexes of the loose key points of the image at `image_index`, in file order.
  [[nodiscard]] std::span<const std::uint32_t> of_image(std::size_t image_index) const;
  /// Key points that can belong to nothing: of an unknown image, or not at a finite place.
  [[nodiscard]] const std::vector<std::uint32_t>& stray() const { return stray_; }
  /// Index in Dataset::instances of the instance that the source names as the owner, if that is an
  /// instance of the same image and no crowd.
  [[nodiscard]] std::optional<std::uint32_t> given_owner(std::size_t index) const;

 private:
  void sort_by_image();
  void find_given_owners();

  const Dataset& dataset_;
  std::vector<std::string> labels_;
  std::unordered_map<std::string, std::size_t> index_of_;
  std::vector<std::size_t> label_of_;
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint32_t> indexes_;
  std::vector<std::uint32_t> stray_;
  std::unordered_map<std::uint32_t, std::uint32_t> given_;
};

/// Stands for the category of an instance whose category does not exist.
inline constexpr auto kNoCategory = static_cast<std::uint32_t>(-1);

/// Category indexes (into Dataset::categories) for every label, the likeliest owner first.
using OwnersOfLabels = std::vector<std::vector<std::size_t>>;

/// Decides the owners: the user's map, else the statistics of the whole input.
///
/// Every key point votes for the category that explains it best: of the instances that it lies in
/// the smallest, else the nearest. A label belongs to the category with most votes, and to others
/// that have a good share of the votes or that carry it about as often as the first one does.
/// @param category_of index of the category of every instance, or kNoCategory.
/// @throws Error(kArgument) if the map names an unknown category.
[[nodiscard]] OwnersOfLabels find_owners(const Dataset& dataset,
                                         const InstancesByImage& instances_by_image,
                                         std::span<const std::uint32_t> category_of,
                                         LooseKeypoints& keypoints,
                                         const GroupingOptions& options);

}  // namespace labelloom
