// Several images in a grid, seen through one frame.

#include <algorithm>
#include <cmath>

#include "augment/donor_choice.h"
#include "augment/donors.h"
#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

struct Frame {
  double x = 0;
  double y = 0;
};

class Mosaic final : public Transform {
 public:
  struct Options {
    int grid_rows = 2;
    int grid_columns = 2;
    int target_height = 512;
    int target_width = 512;
    int cell_height = 512;
    int cell_width = 512;
    Range center_range{0.3, 0.7};
    std::string fit_mode = "cover";
    Rgb fill;

    template <typename Self, typename Visit>
    static void fields(Self& self, Visit&& visit) {
      const FieldSpec count{.doc = "cells of the grid (grid_yx)", .low = 1, .high = 8};
      const FieldSpec pixels{.doc = "of the picture made (target_size)", .low = 1, .high = 8192};
      const FieldSpec cell{.doc = "of a cell (cell_shape)", .low = 1, .high = 8192};
      visit("grid_rows", self.grid_rows, count);
      visit("grid_columns", self.grid_columns, count);
      visit("target_height", self.target_height, pixels);
      visit("target_width", self.target_width, pixels);
      visit("cell_height", self.cell_height, cell);
      visit("cell_width", self.cell_width, cell);
      visit("center_range",
            self.center_range,
            FieldSpec{.doc = "where the frame lies in the grid: 0 left or top, 1 right or bottom",
                      .low = 0,
                      .high = 1});
      visit("fit_mode",
            self.fit_mode,
            FieldSpec{.doc = "an image covers its cell, or is contained in it",
                      .choices = {"cover", "contain"}});
      visit("fill", self.fill, kFillSpec);
    }
  };

  explicit Mosaic(const Options& options) : options_(options) {}

  void draw(const Scene& scene, Random& random, Draw& draw) const override {
    const Frame frame{
        draw_origin(options_.grid_columns * options_.cell_width, options_.target_width, random),
        draw_origin(options_.grid_rows * options_.cell_height, options_.target_height, random)};
    Collage collage{{options_.target_width, options_.target_height}, options_.fill, {}};
    for (int row = 0; row < options_.grid_rows; ++row) {
      for (int column = 0; column < options_.grid_columns; ++column) {
        const PixelRect rect = visible_part(row, column, frame);
        if (rect.width > 0 && rect.height > 0) collage.cells.push_back({{}, rect});
      }
    }
    if (collage.cells.empty()) return;
    // The picture itself takes the cell of which most is seen; without other images it stands
    // alone.
    const auto own = std::ranges::max_element(collage.cells, {}, [](const Collage::Cell& cell) {
      return static_cast<std::int64_t>(cell.rect.width) * cell.rect.height;
    });
    std::swap(collage.cells.front(), *own);
    for (std::size_t i = 1; i < collage.cells.size(); ++i) {
      const auto donor = draw_donor(scene, random);
      if (!donor) {
        collage.cells.resize(1);
        break;
      }
      collage.cells[i].view.image = *donor;
    }
    const Fit mode = options_.fit_mode == "cover" ? Fit::kCover : Fit::kContain;
    for (Collage::Cell& cell : collage.cells) {
      const bool self = cell.view.image == View::kSelf;
      const Size size = self ? scene.size : scene.donors->size(cell.view.image);
      cell.view.out_from_in = fitted(size, cell.rect, mode);
    }
    draw.note("frame_x", frame.x);
    draw.note("frame_y", frame.y);
    draw.add(std::move(collage));
  }

 private:
  double draw_origin(int grid, int target, Random& random) const {
    const double at = random.uniform(options_.center_range.low, options_.center_range.high);
    return std::round(at * std::max(0, grid - target));
  }

  PixelRect visible_part(int row, int column, const Frame& frame) const {
    const int left = column * options_.cell_width - static_cast<int>(frame.x);
    const int top = row * options_.cell_height - static_cast<int>(frame.y);
    const int x = std::max(left, 0);
    const int y = std::max(top, 0);
    return {x,
            y,
            std::min(left + options_.cell_width, options_.target_width) - x,
            std::min(top + options_.cell_height, options_.target_height) - y};
  }

  Options options_;
};

void split_pair(Settings& settings, const char* pair, const char* first, const char* second) {
  const Setting value = settings.take(pair);
  const auto* list = value.as<Setting::List>();
  if (list == nullptr || list->size() != 2) {
    if (!value.is_null()) settings.set(first, value);  // told as what it is not
    return;
  }
  settings.set(first, list->front());
  settings.set(second, list->back());
}

void adapt(Settings& settings, Dialect /*dialect*/) {
  split_pair(settings, "grid_yx", "grid_rows", "grid_columns");
  split_pair(settings, "target_size", "target_height", "target_width");
  split_pair(settings, "cell_shape", "cell_height", "cell_width");
}

}  // namespace

TransformEntry mosaic() {
  return transform_entry<Mosaic>("Mosaic",
                                 "Puts the picture and others of the set into a grid.",
                                 TransformKind::kMultiImage,
                                 0.5,
                                 adapt);
}

}  // namespace labelloom::augment
