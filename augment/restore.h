#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "augment/point_set.h"
#include "formats/dataset.h"
#include "formats/rle.h"

namespace labelloom::augment {

/// For every category, where each key point slot goes when the picture is mirrored.
class FlipPairs {
 public:
  FlipPairs() = default;
  /// Finds pairs by name: left_eye and right_eye, eye_l and eye_r, LeftEye and RightEye; every side
  /// word is turned. A slot whose other side is missing, or is not its alone, stays where it is.
  explicit FlipPairs(std::span<const Category> categories);

  /// The slot whose key point stands in slot `slot` after mirroring.
  [[nodiscard]] std::size_t source_slot(std::int64_t category_id, std::size_t slot) const;
  /// The pairs found, by name, each once.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& pairs() const {
    return pairs_;
  }
  /// Names with a side word that stay where they are, each once.
  [[nodiscard]] const std::vector<std::string>& unpaired() const { return unpaired_; }

 private:
  std::map<std::int64_t, std::vector<std::size_t>> slots_;
  std::vector<std::pair<std::string, std::string>> pairs_;
  std::vector<std::string> unpaired_;
};

/// What the box of an instance with rings or a mask becomes.
enum class BoxFrom : std::uint8_t {
  kShape,    ///< extent of the rings or mask that are left; the outline where there are none
  kOutline,  ///< extent of the moved box outline, as Albumentations does
};

struct RestoreOptions {
  BoxFrom box_from = BoxFrom::kShape;
  double min_area = 1;        ///< square pixels; instances with less go
  double min_visibility = 0;  ///< instances with a smaller share of their area left go
};

/// A warped mask of Labels::instances[instance].
struct RestoredMask {
  std::uint32_t instance = 0;
  Rle mask;
};

/// Makes instances of points again: rings and mask as they are left, boxes and areas computed anew
/// (the area of a shape that is what it was stays the source's), key point slots kept (absent ones
/// are zeros), left and right swapped after mirroring; category, iscrowd, score and unknown members
/// as in the source. Instances with nothing left go. Ids are the source's.
[[nodiscard]] std::vector<Instance> restore(const Labels& labels,
                                            std::span<const RestoredMask> masks,
                                            const FlipPairs& pairs,
                                            const RestoreOptions& options);

}  // namespace labelloom::augment
