#include "select/predicted_shapes.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <boost/geometry.hpp>
#include <boost/geometry/geometries/point_xy.hpp>
#include <boost/geometry/geometries/ring.hpp>

#include "formats/mask_trace.h"

namespace labelloom::select {
namespace {

namespace bg = boost::geometry;
using BoostRing = bg::model::ring<bg::model::d2::point_xy<double>>;

/// Douglas-Peucker, in cells.
std::vector<Point2d> smoothed(const std::vector<Point2d>& loop) {
  constexpr double kTolerance = 0.75;
  BoostRing ring;
  for (const Point2d& p : loop) ring.emplace_back(p.x, p.y);
  ring.push_back(ring.front());  // closed, as Boost has them; its own order of points stays
  BoostRing fewer;
  bg::simplify(ring, fewer, kTolerance);
  std::vector<Point2d> points;
  for (std::size_t i = 0; i + 1 < fewer.size(); ++i) points.push_back({fewer[i].x(), fewer[i].y()});
  return ring_defect(points) == nullptr ? points : loop;
}

/// First pixel whose centre is not before this edge, in [0, side].
std::uint32_t first_pixel(double edge, int side) {
  return static_cast<std::uint32_t>(
      std::clamp(std::ceil(edge - 0.5), 0.0, static_cast<double>(side)));
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::optional<std::vector<Point2d>> mask_polygon(const CellRuns& mask,
                                                 const Grid2d& grid,
                                                 Size size) {
  if (mask.empty() || grid.cells() == 0) return std::nullopt;
  // Only the rows from the first to the last cell are laid out.
  const auto columns = static_cast<std::size_t>(grid.columns);
  std::size_t end = 0;
  for (const std::uint32_t run : mask) end += run;
  const std::size_t first_row = mask.front() / columns;
  const std::size_t rows = (end + columns - 1) / columns - first_row;
  CellRuns part = mask;
  part.front() -= static_cast<std::uint32_t>(first_row * columns);
  const std::vector<std::uint8_t> cells = cells_of(part, rows * columns);
  const auto loops = trace_mask(cells, {grid.columns, static_cast<int>(rows)});
  const auto largest =
      std::ranges::max_element(loops, {}, [](const auto& loop) { return signed_area(loop); });
  if (largest == loops.end()) return std::nullopt;
  std::vector<Point2d> polygon;
  for (const Point2d& p : smoothed(*largest)) {
    polygon.push_back(
        {std::clamp(grid.origin.x + p.x * grid.cell_width, 0.0, static_cast<double>(size.width)),
         std::clamp(grid.origin.y + (p.y + static_cast<double>(first_row)) * grid.cell_height,
                    0.0,
                    static_cast<double>(size.height))});
  }
  if (ring_defect(polygon) != nullptr) return std::nullopt;
  return polygon;
}

std::vector<RowRun> label_pixels(const PredictedSegmentation& segmentation, int label, Size size) {
  const Grid2d& grid = segmentation.grid;
  struct CellRun {
    int first;
    int last;
  };
  std::vector<std::vector<CellRun>> rows(static_cast<std::size_t>(grid.rows));
  std::uint64_t at = 0;
  const auto columns = static_cast<std::uint64_t>(grid.columns);
  for (const LabelRun& run : segmentation.labels) {
    const std::uint64_t end = at + run.cells;
    for (; run.label == label && at < end;) {
      const std::uint64_t stop = std::min(end, (at / columns + 1) * columns);
      rows[at / columns].push_back(
          {static_cast<int>(at % columns), static_cast<int>(at % columns + (stop - at))});
      at = stop;
    }
    at = end;
  }
  std::vector<RowRun> runs;
  for (int y = 0; y < size.height; ++y) {
    const double row = std::floor((y + 0.5 - grid.origin.y) / grid.cell_height);
    if (!(row >= 0 && row < grid.rows)) continue;
    for (const CellRun& cells : rows[static_cast<std::size_t>(row)]) {
      const std::uint32_t first =
          first_pixel(grid.origin.x + cells.first * grid.cell_width, size.width);
      const std::uint32_t last =
          first_pixel(grid.origin.x + cells.last * grid.cell_width, size.width);
      if (first >= last) continue;
      runs.push_back({static_cast<std::uint32_t>(y), first, last});
    }
  }
  return runs;
}

std::vector<int> stuff_classes(const ScoreHeader& header) {
  std::vector<int> stuff;
  for (int c = 0; c < static_cast<int>(header.seg_classes.size()); ++c) {
    const bool of_boxes =
        std::ranges::find(header.classes, c, &ScoreClass::seg_class) != header.classes.end();
    const std::string name = lower(header.seg_classes[static_cast<std::size_t>(c)]);
    if (!of_boxes && name != "background" && name != "void" && name != "unlabelled" &&
        name != "unlabeled")
      stuff.push_back(c);
  }
  return stuff;
}

}  // namespace labelloom::select
