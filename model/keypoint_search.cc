#include "model/keypoint_search.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "model/decode.h"

namespace labelloom::model {
namespace {

std::size_t index_of(const HeatMap& heat, int row, int column) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(heat.width) +
         static_cast<std::size_t>(column);
}

float at(const HeatMap& heat, int row, int column) {
  return heat.values[index_of(heat, row, column)];
}

bool is_peak(const HeatMap& heat, int row, int column) {
  const float value = at(heat, row, column);
  for (int r = std::max(row - 1, 0); r <= std::min(row + 1, heat.height - 1); ++r) {
    for (int c = std::max(column - 1, 0); c <= std::min(column + 1, heat.width - 1); ++c) {
      if (at(heat, r, c) > value) return false;
    }
  }
  return true;
}

double probability(const HeatMap& heat, int row, int column) {
  const double value = at(heat, row, column);
  return heat.is_probability ? value : sigmoid(value);
}

/// The cell a coordinate lies in; the nearest one for those outside.
int cell_of(double coordinate, double cell_size, int count) {
  return static_cast<int>(std::clamp(std::floor(coordinate / cell_size), 0.0, count - 1.0));
}

struct Peak {
  int row = 0;
  int column = 0;
  double score = 0;
};

std::optional<Peak> best_peak(const HeatMap& heat, Point2d expected, const Box& box) {
  const double cell = std::max(heat.cell_width, heat.cell_height);
  const double near = std::max(kNearCells * cell, kNearShare * std::hypot(box.width, box.height));
  const double left = box.x - heat.cell_width;
  const double right = box.right() + heat.cell_width;
  const double top = box.y - heat.cell_height;
  const double bottom = box.bottom() + heat.cell_height;
  std::optional<Peak> best;
  double best_weight = 0;
  const int last_row = cell_of(bottom, heat.cell_height, heat.height);
  const int last_column = cell_of(right, heat.cell_width, heat.width);
  for (int row = cell_of(top, heat.cell_height, heat.height); row <= last_row; ++row) {
    const double y = (row + 0.5) * heat.cell_height;
    if (y < top || y > bottom) continue;
    for (int c = cell_of(left, heat.cell_width, heat.width); c <= last_column; ++c) {
      const double x = (c + 0.5) * heat.cell_width;
      if (x < left || x > right || !is_peak(heat, row, c)) continue;
      const double score = probability(heat, row, c);
      const double distance = std::hypot(x - expected.x, y - expected.y) / near;
      const double weight = score * score / (1 + distance * distance);
      if (score >= kLowestPeak && weight > best_weight) {
        best = Peak{row, c, score};
        best_weight = weight;
      }
    }
  }
  return best;
}

}  // namespace

FoundKeypoint find_keypoint(const HeatMap& heat, Point2d expected, const Box& box) {
  expected = {std::clamp(expected.x, 0.0, heat.width * heat.cell_width),
              std::clamp(expected.y, 0.0, heat.height * heat.cell_height)};
  const std::optional<Peak> peak = best_peak(heat, expected, box);
  if (!peak) {
    return {expected,
            probability(heat,
                        cell_of(expected.y, heat.cell_height, heat.height),
                        cell_of(expected.x, heat.cell_width, heat.width))};
  }
  const std::size_t cell = index_of(heat, peak->row, peak->column);
  const auto place = [](int number, float offset, double size) {
    return (number + 0.5 + std::clamp(static_cast<double>(offset), -kReach, kReach)) * size;
  };
  return {{place(peak->column, heat.offset_x[cell], heat.cell_width),
           place(peak->row, heat.offset_y[cell], heat.cell_height)},
          peak->score};
}

}  // namespace labelloom::model
