#include "model/keypoint_search.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <utility>

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
  double weight = 0;
};

std::vector<Peak> find_peaks(const HeatMap& heat, Point2d expected, const Box& box) {
  const double cell = std::max(heat.cell_width, heat.cell_height);
  const double near = std::max(kNearCells * cell, kNearShare * std::hypot(box.width, box.height));
  const double left = box.x - heat.cell_width;
  const double right = box.right() + heat.cell_width;
  const double top = box.y - heat.cell_height;
  const double bottom = box.bottom() + heat.cell_height;
  std::vector<Peak> peaks;
  const int last_row = cell_of(bottom, heat.cell_height, heat.height);
  const int last_column = cell_of(right, heat.cell_width, heat.width);
  for (int row = cell_of(top, heat.cell_height, heat.height); row <= last_row; ++row) {
    const double y = (row + 0.5) * heat.cell_height;
    if (y < top || y > bottom) continue;
    for (int c = cell_of(left, heat.cell_width, heat.width); c <= last_column; ++c) {
      const double x = (c + 0.5) * heat.cell_width;
      if (x < left || x > right || !is_peak(heat, row, c)) continue;
      const double score = probability(heat, row, c);
      if (score < kLowestPeak) continue;
      const double distance = std::hypot(x - expected.x, y - expected.y) / near;
      peaks.push_back({row, c, score, score * score / (1 + distance * distance)});
    }
  }
  return peaks;
}

bool touch(const Peak& a, const Peak& b) {
  return std::abs(a.row - b.row) <= 1 && std::abs(a.column - b.column) <= 1;
}

/// The best peak of each slot, or none: the most certain slot chooses first.
std::vector<std::optional<Peak>> choose(std::vector<std::vector<Peak>> peaks) {
  std::vector<std::optional<Peak>> chosen(peaks.size());
  for (;;) {
    std::size_t slot = peaks.size();
    Peak best;
    for (std::size_t i = 0; i < peaks.size(); ++i) {
      for (const Peak& peak : peaks[i]) {
        if (peak.weight <= best.weight) continue;
        best = peak;
        slot = i;
      }
    }
    if (slot == peaks.size()) return chosen;
    chosen[slot] = best;
    peaks[slot].clear();
    for (std::vector<Peak>& others : peaks) {
      for (Peak& peak : others) {
        if (touch(peak, best)) peak.weight *= kTakenShare;
      }
    }
  }
}

FoundKeypoint place(const HeatMap& heat, const Peak& peak) {
  const std::size_t cell = index_of(heat, peak.row, peak.column);
  const auto coordinate = [](int number, float offset, double size) {
    return (number + 0.5 + std::clamp(static_cast<double>(offset), -kReach, kReach)) * size;
  };
  return {{coordinate(peak.column, heat.offset_x[cell], heat.cell_width),
           coordinate(peak.row, heat.offset_y[cell], heat.cell_height)},
          peak.score};
}

}  // namespace

std::vector<FoundKeypoint> find_keypoints(std::span<const ExpectedKeypoint> slots, const Box& box) {
  std::vector<std::vector<Peak>> peaks;
  std::vector<Point2d> expected;
  for (const ExpectedKeypoint& slot : slots) {
    const HeatMap& heat = slot.heat;
    expected.push_back({std::clamp(slot.point.x, 0.0, heat.width * heat.cell_width),
                        std::clamp(slot.point.y, 0.0, heat.height * heat.cell_height)});
    peaks.push_back(find_peaks(heat, expected.back(), box));
  }
  const std::vector<std::optional<Peak>> chosen = choose(std::move(peaks));
  std::vector<FoundKeypoint> found;
  found.reserve(slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const HeatMap& heat = slots[i].heat;
    if (chosen[i]) {
      found.push_back(place(heat, *chosen[i]));
    } else {
      found.push_back({expected[i],
                       probability(heat,
                                   cell_of(expected[i].y, heat.cell_height, heat.height),
                                   cell_of(expected[i].x, heat.cell_width, heat.width))});
    }
  }
  return found;
}

}  // namespace labelloom::model
