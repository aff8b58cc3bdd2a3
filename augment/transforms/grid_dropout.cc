// A hole in every cell of a grid.

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "augment/holes.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

constexpr int kMostCells = 512;  // an axis

/// Albumentations 1 has a name for each number, and moves the grid as a whole if at all.
void adapt(Settings& settings, Dialect dialect) {
  join_range(settings, "unit_size_min", "unit_size_max", "unit_size_range", 2);
  join_settings(settings, {"holes_number_x", "holes_number_y"}, "holes_number_xy", 10);
  join_settings(settings, {"shift_x", "shift_y"}, "shift_xy", 0);
  adapt_hole_fill(settings);
  if (dialect != Dialect::kAlbumentations1) return;
  if (!settings.has("random_offset")) settings.set("random_offset", {false});
  if (!settings.has("offset_each")) settings.set("offset_each", {false});
}

class GridDropout final : public Transform {
 public:
  struct Options {
    double ratio = 0.5;
    bool random_offset = true;
    bool offset_each = true;
    std::optional<IntRange> unit_size_range;
    std::optional<std::vector<double>> holes_number_xy;
    std::vector<double> shift_xy{0, 0};
    HoleFill fill;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("ratio",
            self.ratio,
            FieldSpec{.doc = "side of a hole, of the side of its cell", .low = 0, .high = 1});
      visit("random_offset",
            self.random_offset,
            FieldSpec{.doc = "holes lie anywhere in their cells; else where shift_xy says"});
      visit("offset_each",
            self.offset_each,
            FieldSpec{.doc = "each hole has a random offset of its own; else all share one"});
      visit("unit_size_range",
            self.unit_size_range,
            FieldSpec{.doc = "side of a cell, pixels", .low = 2, .high = 32767});
      visit("holes_number_xy",
            self.holes_number_xy,
            FieldSpec{.doc = "cells across and down; 10 each if no size is given either",
                      .low = 1,
                      .high = kMostCells});
      visit(
          "shift_xy",
          self.shift_xy,
          FieldSpec{.doc = "offset of the holes in their cells, pixels", .low = 0, .high = 32767});
      hole_fill_fields(self.fill, visit);
    }
  };

  explicit GridDropout(const Options& options)
      : options_(options), shift_(two_integers(options.shift_xy, "GridDropout: shift_xy")) {
    if (options.holes_number_xy) {
      counts_ = two_integers(*options.holes_number_xy, "GridDropout: holes_number_xy");
    }
  }

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const Size size = scene.size;
    const auto [columns, rows] = cells(size, random);
    // Not whole cells are spread evenly: cell i of n is [i side / n, (i + 1) side / n).
    const double shared_x = random.uniform();
    const double shared_y = random.uniform();
    std::vector<PixelRect> rects;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        PixelRect rect;
        std::tie(rect.x, rect.width) = hole(size.width, column, columns, 0, shared_x, random);
        std::tie(rect.y, rect.height) = hole(size.height, row, rows, 1, shared_y, random);
        rects.push_back(rect);
      }
    }
    draw.note("columns", columns);
    draw.note("rows", rows);
    draw.add(erase(std::move(rects), options_.fill, random));
  }

 private:
  /// Numbers of cells across and down. Albumentations 2.0 confuses the two.
  std::pair<int, int> cells(Size size, Random& random) const {
    const auto count = [](int side, double unit) {
      return std::clamp(static_cast<int>(side / unit), 1, kMostCells);
    };
    if (options_.unit_size_range) {
      const double unit = static_cast<double>(
          random.integer(options_.unit_size_range->low, options_.unit_size_range->high));
      return {count(size.width, unit), count(size.height, unit)};
    }
    if (counts_) {
      return {std::min(size.width, counts_->front()), std::min(size.height, counts_->back())};
    }
    return {count(size.width, std::max(2, size.width / 10)),
            count(size.height, std::max(2, size.height / 10))};
  }

  /// First pixel and length of the hole of cell `index` of `count` along an axis.
  std::pair<int, int> hole(
      int side, int index, int count, std::size_t axis, double shared, Random& random) const {
    const auto edge = [&](int i) { return static_cast<int>(std::int64_t{side} * i / count); };
    const int cell = edge(index + 1) - edge(index);
    const int length = std::min(std::max(1, static_cast<int>(cell * options_.ratio)), cell - 1);
    const int room = cell - length;
    int offset = std::min(room, shift_[axis]);
    if (options_.random_offset) {
      offset = options_.offset_each ? static_cast<int>(random.integer(0, room))
                                    : static_cast<int>(shared * (room + 1));
    }
    return {edge(index) + offset, length};
  }

  Options options_;
  std::array<int, 2> shift_;
  std::optional<std::array<int, 2>> counts_;
};

}  // namespace

TransformEntry grid_dropout() {
  return transform_entry<GridDropout>("GridDropout",
                                      "Paints a rectangle over in every cell of a grid.",
                                      TransformKind::kErase,
                                      0.5,
                                      adapt);
}

}  // namespace labelloom::augment
