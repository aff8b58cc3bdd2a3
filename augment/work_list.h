#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "augment/job.h"

namespace labelloom::augment {

/// What one part holds: all outputs of some images, or some of one image's.
struct WorkItem {
  std::size_t first_image = 0;
  std::size_t image_count = 1;
  std::uint32_t first_variant = 0;
  std::uint32_t variant_count = 1;  ///< of each image

  [[nodiscard]] std::size_t outputs() const { return image_count * variant_count; }
};

/// Indexes of images, `end` not among them.
struct ImageRun {
  std::size_t begin = 0;
  std::size_t end = 0;
};
/// Those of a shard, of `images` in all.
[[nodiscard]] ImageRun images_of(std::size_t images, const Shard& shard);

/// The outputs of a shard in the order of the final file, about kOutputsPerPart an item: large
/// enough that a part's file costs nothing, small enough that little is lost with a killed job.
/// Shards take runs of images, so that their files can be joined one after the other.
[[nodiscard]] std::vector<WorkItem> list_work(std::size_t images,
                                              const JobSettings& settings,
                                              const Shard& shard);
inline constexpr std::uint32_t kOutputsPerPart = 32;

/// "00000012.part": names sort as the parts do.
[[nodiscard]] std::string part_name(std::size_t index);

/// All outputs of all items, for those who want some of them evenly spread.
struct OutputIndex {
  std::size_t image = 0;
  std::uint32_t variant = 0;
};
/// At most `count` variants (no originals), evenly spread.
[[nodiscard]] std::vector<OutputIndex> spread_variants(std::size_t images,
                                                       const JobSettings& settings,
                                                       const Shard& shard,
                                                       std::size_t count);

}  // namespace labelloom::augment
