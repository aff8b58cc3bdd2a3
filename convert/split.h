#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/dataset.h"
#include "formats/source_stem.h"

namespace labelloom {

enum class Side : std::uint8_t { kTrain, kVal, kTest };
inline constexpr std::size_t kSideCount = 3;

/// "train", "val", "test".
[[nodiscard]] const char* name(Side side);

struct SplitOptions {
  double val_share = 0.2;  ///< of the images
  double test_share = 0;
  std::uint64_t seed = 0;
};

/// How a data set is to be divided.
struct SplitPlan {
  std::vector<Side> side_of_image;  ///< [images]
  std::size_t group_count = 0;      ///< sources, whose images stay together
  std::size_t largest_group = 0;    ///< in images
  std::array<std::uint64_t, kSideCount> images = {};
  std::array<std::uint64_t, kSideCount> instances = {};
  /// [categories], in the order of Dataset::categories
  std::vector<std::array<std::uint64_t, kSideCount>> category_instances;
};

/// Divides the images so that no picture is on two sides in different guises.
///
/// *Groups.* Images that were made from one source stay together: those with the same
/// `source_image_id`, and the image that has this id itself and no source of its own. Without such
/// a member, images with the same path but for the extension, and but for the `.rf.<hash>` that
/// Roboflow puts before it; nothing else is guessed from names.
///
/// *Balance.* After Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label Data"
/// (2011), with groups instead of images: the category that the fewest undecided groups have is
/// next, and each of these groups goes to the side that still lacks most of the category's
/// instances. So rare categories are divided while all sides have room. A side takes a group only
/// while that brings its number of images nearer to what was asked; the numbers are exact to half
/// the largest group for val and test. Groups without instances fill up what is left. At last,
/// groups of one size change places where that brings the categories nearer to their shares.
///
/// *Order.* Groups are taken in the order of a 64-bit hash of seed and group name: the same input
/// and seed give the same split on every machine, and a group that is added moves few others.
/// @throws Error(kArgument) unless both shares are in [0, 1) and their sum is below 1.
[[nodiscard]] SplitPlan plan_split(const Dataset& dataset, const SplitOptions& options);

/// The three parts, ids kept. Instances of unknown images are left out.
[[nodiscard]] std::array<Dataset, kSideCount> apply_split(Dataset dataset, const SplitPlan& plan);

}  // namespace labelloom
