#include "model/label_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::model {
namespace {

/// Where the pixels of one axis lie between cells: between `first` and `first + 1` (or on `first`
/// where it is the last), `share` of the way.
struct Axis {
  std::vector<std::uint32_t> first;
  std::vector<float> share;

  Axis(int pixels, int input, int cells, double scale, double offset)
      : first(static_cast<std::size_t>(pixels)), share(first.size()) {
    const double cell = static_cast<double>(input) / cells;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const double at = (scale * (static_cast<double>(i) + 0.5) + offset) / cell - 0.5;
      const double inside = std::clamp(at, 0.0, cells - 1.0);
      first[i] = static_cast<std::uint32_t>(inside);
      share[i] = static_cast<float>(inside - std::floor(inside));
    }
  }
  /// One past the last pixel that lies between the same cells as pixel `begin`.
  [[nodiscard]] std::size_t end_of_group(std::size_t begin) const {
    std::size_t end = begin + 1;
    while (end < first.size() && first[end] == first[begin]) ++end;
    return end;
  }
};

/// The largest channel of every cell, the lower one when equal.
std::vector<std::uint8_t> winners(const DenseMap& logits) {
  std::vector<std::uint8_t> winner(logits.cells(), 0);
  const std::span<const float> bottom = logits.channel(0);
  std::vector<float> highest(bottom.begin(), bottom.end());
  for (int k = 1; k < logits.channels; ++k) {
    const std::span<const float> values = logits.channel(k);
    const auto label = static_cast<std::uint8_t>(k);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool higher = values[i] > highest[i];
      winner[i] = higher ? label : winner[i];
      highest[i] = higher ? values[i] : highest[i];
    }
  }
  return winner;
}

/// The values of one class at the four cells around a group of pixels: top left, top right, bottom
/// left, bottom right.
struct Corners {
  std::uint8_t label = 0;
  std::array<float, 4> values{};
};

/// Whether `b` wins nowhere between the cells as `a` is there.
bool beats(const Corners& a, const Corners& b) {
  bool reaches = true;
  bool exceeds = true;
  for (std::size_t i = 0; i < 4; ++i) {
    reaches = reaches && a.values[i] >= b.values[i];
    exceeds = exceeds && a.values[i] > b.values[i];
  }
  return exceeds || (reaches && a.label < b.label);
}

class Painter {
 public:
  Painter(const DenseMap& logits, Size input, const Placement& placement)
      : logits_(logits),
        columns_(placement.original.width,
                 input.width,
                 logits.width,
                 placement.scale,
                 placement.offset.x),
        rows_(placement.original.height,
              input.height,
              logits.height,
              placement.scale,
              placement.offset.y),
        winner_(winners(logits)) {
    map_.size = placement.original;
    map_.values.resize(rows_.first.size() * columns_.first.size());
    for (std::size_t x = 0; x < columns_.first.size(); x = columns_.end_of_group(x)) {
      groups_.push_back(x);
    }
    groups_.push_back(columns_.first.size());
  }

  [[nodiscard]] LabelMap paint() && {
    for (std::size_t top = 0; top < rows_.first.size();) {
      const std::size_t bottom = rows_.end_of_group(top);
      for (std::size_t g = 0; g + 1 < groups_.size(); ++g) {
        paint_block({top, bottom, groups_[g], groups_[g + 1]});
      }
      top = bottom;
    }
    return std::move(map_);
  }

 private:
  /// Pixels between the same four cells.
  struct Block {
    std::size_t top, bottom, left, right;
  };

  void paint_block(const Block& block) {
    const std::size_t row = rows_.first[block.top];
    const std::size_t column = columns_.first[block.left];
    const auto width = static_cast<std::size_t>(logits_.width);
    const std::size_t below = row + 1 < static_cast<std::size_t>(logits_.height) ? width : 0;
    const std::size_t beside = column + 1 < width ? 1 : 0;
    const std::size_t cell = row * width + column;
    const std::array<std::size_t, 4> cells = {
        cell, cell + beside, cell + below, cell + below + beside};
    const std::uint8_t label = winner_[cell];
    if (winner_[cells[1]] == label && winner_[cells[2]] == label && winner_[cells[3]] == label) {
      for (std::size_t y = block.top; y < block.bottom; ++y) {
        std::fill(pixel(y, block.left), pixel(y, block.right), label);
      }
      return;
    }
    gather_rivals(cells);
    for (std::size_t y = block.top; y < block.bottom; ++y) paint_row(y, block.left, block.right);
  }

  /// The classes that may win somewhere between these cells, the lowest first.
  void gather_rivals(const std::array<std::size_t, 4>& cells) {
    const auto corners_of = [&](std::uint8_t label) {
      const std::span<const float> values = logits_.channel(label);
      return Corners{label,
                     {values[cells[0]], values[cells[1]], values[cells[2]], values[cells[3]]}};
    };
    std::array<Corners, 4> best;
    for (std::size_t i = 0; i < 4; ++i) best[i] = corners_of(winner_[cells[i]]);
    rivals_.clear();
    for (int k = 0; k < logits_.channels; ++k) {
      const Corners corners = corners_of(static_cast<std::uint8_t>(k));
      if (std::ranges::none_of(best, [&](const Corners& b) { return beats(b, corners); })) {
        rivals_.push_back(corners);
      }
    }
  }

  void paint_row(std::size_t y, std::size_t left, std::size_t right) {
    const float down = rows_.share[y];
    std::uint8_t* const out = pixel(y, 0);
    const std::size_t count = right - left;
    highest_.resize(count);
    for (std::size_t r = 0; r < rivals_.size(); ++r) {
      const auto& [label, v] = rivals_[r];
      const float begin = v[0] + down * (v[2] - v[0]);
      const float rise = v[1] + down * (v[3] - v[1]) - begin;
      for (std::size_t i = 0; i < count; ++i) {
        const float value = begin + columns_.share[left + i] * rise;
        const bool higher = r == 0 || value > highest_[i];
        out[left + i] = higher ? label : out[left + i];
        highest_[i] = higher ? value : highest_[i];
      }
    }
  }

  std::uint8_t* pixel(std::size_t y, std::size_t x) {
    return map_.values.data() + y * columns_.first.size() + x;
  }

  const DenseMap& logits_;
  Axis columns_;
  Axis rows_;
  std::vector<std::uint8_t> winner_;
  std::vector<std::size_t> groups_;  // first pixels of the blocks, and the end
  std::vector<Corners> rivals_;
  std::vector<float> highest_;
  LabelMap map_;
};

}  // namespace

LabelMap label_map(const DenseMap& logits, Size input, const Placement& placement) {
  if (logits.channels < 1 || logits.channels > 255) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("a segmentation of {} classes, expected 1 to 255", logits.channels));
  }
  expect_channels(logits, "segmentation", static_cast<std::size_t>(logits.channels));
  expect_finite(logits, "segmentation");
  const Size size = placement.original;
  if (size.width < 1 || size.height < 1 ||
      static_cast<std::int64_t>(size.width) * size.height > kMaxValueMapPixels) {
    throw Error(Errc::kLimit,
                {},
                fmt::format("a picture of {}x{} pixels; expected 1 to {} pixels",
                            size.width,
                            size.height,
                            kMaxValueMapPixels));
  }
  return Painter(logits, input, placement).paint();
}

}  // namespace labelloom::model
