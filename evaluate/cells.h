#pragma once

// Internal: truth and detections of one image and category together.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "formats/coco_results.h"
#include "formats/dataset.h"
#include "formats/error.h"

namespace labelloom::evaluate {

struct Cell {
  std::uint32_t category = 0;                 ///< index by ascending id
  std::uint32_t image = 0;                    ///< index in Dataset::images
  std::span<const std::uint32_t> truths;      ///< in file order
  std::span<const std::uint32_t> detections;  ///< by descending score, at most so many
  std::size_t first = 0;                      ///< of the detections, among those of all cells
};

/// All cells that are not empty, by ascending category id, then image id.
class Cells {
 public:
  /// Keeps the `most` best detections of every cell.
  /// @throws Error(kInvalidData) with `place` for a detection of an unknown image.
  Cells(const Dataset& truth,
        std::span<const Detection> detections,
        std::size_t most,
        const std::function<Where(std::size_t)>& place);

  [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }
  /// Cells of a category.
  [[nodiscard]] std::span<const Cell> of_category(std::size_t category) const {
    return std::span(cells_).subspan(starts_[category], starts_[category + 1] - starts_[category]);
  }
  /// Indexes in Dataset::categories, by ascending id.
  [[nodiscard]] const std::vector<std::uint32_t>& categories() const { return categories_; }
  [[nodiscard]] std::size_t kept_detections() const { return kept_; }
  [[nodiscard]] std::size_t unknown_category() const { return unknown_category_; }

 private:
  struct Entry {
    std::uint64_t key = 0;  // category, then rank of the image
    std::uint32_t index = 0;
  };
  void make_cells(const std::vector<Entry>& truths, const std::vector<Entry>& detections);

  std::vector<std::uint32_t> categories_;
  std::vector<std::uint32_t> images_;  // by ascending id
  std::vector<std::uint32_t> truth_indexes_;
  std::vector<std::uint32_t> detection_indexes_;
  std::vector<Cell> cells_;
  std::vector<std::size_t> starts_;  // of the categories' cells, [categories + 1]
  std::size_t kept_ = 0;
  std::size_t unknown_category_ = 0;
};

/// The place of a detection, as the options say it.
[[nodiscard]] Where place_of(const std::function<Where(std::size_t)>& place, std::size_t detection);

}  // namespace labelloom::evaluate
