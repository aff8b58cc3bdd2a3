// Masks from polygons, from row runs and from bitmaps. All three find, column by column, the rows
// at which the mask changes, and never hold a bitmap of their own.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "formats/rle.h"

// A product and a sum contracted into one fused operation are rounded once, where pycocotools
// rounds twice: on machines that have the operation, one random polygon in a thousand would
// differ.
#if defined(__clang__)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

namespace labelloom {

namespace {

/// Gathers the changes of a mask by column: first announce them all (which sizes one array), then
/// put them, then take the runs. A change at row == height is the one at row 0 of the next column.
class ChangesByColumn {
 public:
  /// Changes may come in columns [first, last) only.
  ChangesByColumn(Size size, int first, int last)
      : height_(static_cast<std::uint32_t>(size.height)),
        size_(size),
        first_(first),
        ends_(static_cast<std::size_t>(std::max(last - first, 0)) + 1) {}

  /// One change in each of the columns [first, last).
  void announce(int first, int last) {
    ++ends_[index(first)];
    --ends_[index(last)];  // wraps; the running sum brings it back
  }

  /// @throws Error(kLimit) if too many changes were announced.
  void allocate() {
    std::uint32_t here = 0;
    std::uint64_t total = 0;
    for (std::uint32_t& end : ends_) {
      here += end;
      end = static_cast<std::uint32_t>(total);
      total += here;
      if (total <= kMaxMaskChanges) continue;
      throw Error(Errc::kLimit,
                  {},
                  fmt::format("a mask of {} x {} changes its value more than {} times",
                              size_.width,
                              size_.height,
                              kMaxMaskChanges));
    }
    positions_.reserve(total + 1);
    positions_.resize(total);
  }

  void put(int column, std::uint32_t row) {
    positions_[ends_[index(column)]++] = static_cast<std::uint32_t>(column) * height_ + row;
  }

  /// The runs; `sorted`: the rows of every column were put in ascending order.
  [[nodiscard]] Rle finish(bool sorted) && {
    if (!sorted) sort_columns();
    const std::uint32_t total = static_cast<std::uint32_t>(size_.width) * height_;
    // Two changes at one place are none. The positions ascend, so equal ones are neighbours.
    std::size_t kept = 0;
    for (const std::uint32_t position : positions_) {
      if (kept > 0 && positions_[kept - 1] == position) {
        --kept;
      } else {
        positions_[kept++] = position;
      }
    }
    if (kept > 0 && positions_[kept - 1] == total) --kept;
    positions_.resize(kept);
    positions_.push_back(total);
    for (std::size_t i = kept; i > 0; --i) positions_[i] -= positions_[i - 1];
    if (positions_.capacity() > 2 * positions_.size()) positions_.shrink_to_fit();
    return {.size = size_, .counts = std::move(positions_)};
  }

 private:
  [[nodiscard]] std::size_t index(int column) const {
    return static_cast<std::size_t>(column - first_);
  }

  void sort_columns() {
    std::uint32_t begin = 0;
    for (const std::uint32_t end : ends_) {
      if (end - begin == 2) {  // by far the most common
        if (positions_[begin] > positions_[begin + 1]) {
          std::swap(positions_[begin], positions_[begin + 1]);
        }
      } else {
        std::sort(positions_.begin() + begin, positions_.begin() + end);
      }
      begin = end;
    }
  }

  std::uint32_t height_;
  Size size_;
  int first_;
  std::vector<std::uint32_t> ends_;  // of every column's changes; while announcing: differences
  std::vector<std::uint32_t> positions_;
};

// --- polygons -----------------------------------------------------------------------------------
//
// The rule of pycocotools (Dollar and Lin's maskApi, rleFrPoly), which all COCO scores rest on:
// vertices are rounded to a grid of fifths of a pixel; edges are walked on that grid in unit steps
// along their longer axis, the other coordinate rounded; where a step leads from grid column 5c + 2
// to 5c + 3 or back, across the centre of pixel column c, the mask changes at the first row whose
// centre is not above the step. maskApi walks every step. Here the steps that matter are found by
// arithmetic, with the same floating-point expressions, so that the bits agree.

constexpr int kGrid = 5;
constexpr int kCentre = 2;  // the grid column left of a pixel's centre
constexpr double kMaxCoordinate = 1e6;

struct GridPoint {
  int x = 0;
  int y = 0;
};

constexpr int floor_div(int a, int b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Rounds as maskApi does: toward zero after adding a half, also left of the origin.
// NOLINTNEXTLINE(bugprone-incorrect-roundings): the same rounding is the point
int round_toward_zero(double value) { return static_cast<int>(value + 0.5); }

std::vector<GridPoint> to_grid(std::span<const Point2d> ring) {
  std::vector<GridPoint> grid(ring.size());
  for (std::size_t i = 0; i < ring.size(); ++i) {
    for (const double value : {ring[i].x, ring[i].y}) {
      if (std::abs(value) <= kMaxCoordinate) continue;
      throw Error(Errc::kInvalidData,
                  {},
                  fmt::format("polygon coordinate {} is not within +-{}", value, kMaxCoordinate));
    }
    grid[i] = {round_toward_zero(kGrid * ring[i].x), round_toward_zero(kGrid * ring[i].y)};
  }
  return grid;
}

/// An edge on the grid, turned so that it is walked upwards along its longer axis.
class Edge {
 public:
  Edge(GridPoint from, GridPoint to) {
    const int dx = std::abs(to.x - from.x);
    const int dy = std::abs(to.y - from.y);
    steep_ = dx < dy;
    if (steep_ ? from.y > to.y : from.x > to.x) std::swap(from, to);
    from_ = from;
    to_ = to;
    steps_ = std::max(dx, dy);
    if (steps_ > 0) slope_ = static_cast<double>(steep_ ? to.x - from.x : to.y - from.y) / steps_;
  }

  /// The pixel columns [first, last) below `width` whose centres the edge crosses.
  [[nodiscard]] std::pair<int, int> columns(int width) const {
    const auto [low, high] = std::minmax(from_.x, to_.x);
    const int first = std::max(0, floor_div(low - kCentre + kGrid - 1, kGrid));
    const int last = std::min(width, floor_div(high - 1 - kCentre, kGrid) + 1);
    return {first, std::max(first, last)};
  }

  /// The row at which the edge changes the mask in a column that it crosses.
  [[nodiscard]] std::uint32_t row(int column, int height) const {
    const int left = kGrid * column + kCentre;
    const int y = steep_ ? crossing_of_steep(left) : crossing_of_flat(left);
    return static_cast<std::uint32_t>(
        std::clamp(floor_div(y - kCentre + kGrid - 1, kGrid), 0, height));
  }

 private:
  /// The shorter axis' coordinate after `step` steps from `start`.
  [[nodiscard]] int at(int start, int step) const {
    return round_toward_zero(start + slope_ * step);
  }

  /// The lesser y of the step from grid column `left` to the one right of it.
  [[nodiscard]] int crossing_of_flat(int left) const {
    const int step = left - from_.x;
    return std::min(at(from_.y, step), at(from_.y, step + 1));
  }

  [[nodiscard]] int crossing_of_steep(int left) const {
    // The first step that lies beyond the centre: found nearly by division, then exactly.
    const auto beyond = [&](int step) { return (at(from_.x, step) > left) == (slope_ > 0); };
    const double estimate = std::ceil((left + 0.5 - from_.x) / slope_);
    int step = static_cast<int>(std::clamp(estimate, 1.0, static_cast<double>(steps_)));
    while (step > 1 && beyond(step - 1)) --step;
    while (step < steps_ && !beyond(step)) ++step;
    return from_.y + step - 1;
  }

  GridPoint from_;
  GridPoint to_;
  int steps_ = 0;
  double slope_ = 0;
  bool steep_ = false;
};

/// Unites many masks in pairs of like weight, as a binary counter adds: O(total log count), and no
/// more than log(count) masks are held.
class Union {
 public:
  void add(Rle mask) {
    std::size_t level = 0;
    for (; level < levels_.size() && levels_[level]; ++level) {
      mask = unite(*std::exchange(levels_[level], std::nullopt), mask);
    }
    if (level == levels_.size()) levels_.emplace_back();
    levels_[level] = std::move(mask);
  }

  /// The union of what was added since the last call, if anything was.
  [[nodiscard]] std::optional<Rle> take() {
    std::optional<Rle> all;
    for (std::optional<Rle>& level : std::exchange(levels_, {})) {
      if (!level) continue;
      all = all ? unite(*all, *level) : std::move(*level);
    }
    return all;
  }

 private:
  std::vector<std::optional<Rle>> levels_;
};

// --- rows ---------------------------------------------------------------------------------------

/// Calls `visit(first, last)` for the column ranges in which two rows' runs differ.
template <typename Visit>
void visit_differences(std::span<const RowRun> above, std::span<const RowRun> row, Visit visit) {
  const auto bound = [](std::span<const RowRun> runs, std::size_t i) {
    if (i == 2 * runs.size()) return std::numeric_limits<std::uint32_t>::max();
    return i % 2 == 0 ? runs[i / 2].first : runs[i / 2].last;
  };
  std::size_t i = 0;
  std::size_t j = 0;
  bool differ = false;
  std::uint32_t begin = 0;
  while (i < 2 * above.size() || j < 2 * row.size()) {
    const std::uint32_t a = bound(above, i);
    const std::uint32_t b = bound(row, j);
    ++(a <= b ? i : j);
    const std::uint32_t end = std::min(a, b);
    if (differ && end > begin) visit(static_cast<int>(begin), static_cast<int>(end));
    differ = !differ;
    begin = end;
  }
}

/// Calls `visit(first, last, row)` for the column ranges in which the mask changes at a row.
template <typename Visit>
void visit_changes(std::span<const RowRun> runs, Visit visit) {
  std::span<const RowRun> above;
  while (!runs.empty()) {
    const std::uint32_t row = runs.front().row;
    if (!above.empty() && above.front().row + 1 < row) {  // empty rows between
      const std::uint32_t end = above.front().row + 1;
      visit_differences(above, {}, [&](int first, int last) { visit(first, last, end); });
      above = {};
    }
    std::size_t count = 1;
    while (count < runs.size() && runs[count].row == row) ++count;
    visit_differences(
        above, runs.first(count), [&](int first, int last) { visit(first, last, row); });
    above = runs.first(count);
    runs = runs.subspan(count);
  }
  if (above.empty()) return;
  const std::uint32_t end = above.front().row + 1;
  visit_differences(above, {}, [&](int first, int last) { visit(first, last, end); });
}

void require_row_runs(std::span<const RowRun> runs, Size size) {
  const auto width = static_cast<std::uint32_t>(size.width);
  const auto height = static_cast<std::uint32_t>(size.height);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RowRun& run = runs[i];
    const bool inside = run.row < height && run.first <= run.last && run.last <= width;
    const bool sorted = i == 0 || runs[i - 1].row < run.row ||
                        (runs[i - 1].row == run.row && runs[i - 1].last <= run.first);
    if (inside && sorted) continue;
    throw Error(Errc::kArgument,
                {},
                fmt::format("row run {} (row {}, columns {} to {}) is {}",
                            i,
                            run.row,
                            run.first,
                            run.last,
                            inside ? "not sorted" : "not inside the image"));
  }
}

/// First byte from `from` on that is not zero (or `bytes.size()`), eight at a time.
std::size_t find_set(std::span<const std::uint8_t> bytes, std::size_t from) {
  while (from + sizeof(std::uint64_t) <= bytes.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + from, sizeof(word));
    if (word != 0) break;
    from += sizeof(word);
  }
  while (from < bytes.size() && bytes[from] == 0) ++from;
  return from;
}

std::size_t find_clear(std::span<const std::uint8_t> bytes, std::size_t from) {
  const void* hit = std::memchr(bytes.data() + from, 0, bytes.size() - from);
  if (hit == nullptr) return bytes.size();
  return static_cast<std::size_t>(static_cast<const std::uint8_t*>(hit) - bytes.data());
}

/// `row` ^= `above`, eight bytes at a time.
void change(std::span<std::uint8_t> row, std::span<const std::uint8_t> above) {
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= row.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::uint64_t other = 0;
    std::memcpy(&word, row.data() + i, sizeof(word));
    std::memcpy(&other, above.data() + i, sizeof(other));
    word ^= other;
    std::memcpy(row.data() + i, &word, sizeof(word));
  }
  for (; i < row.size(); ++i) row[i] ^= above[i];
}

}  // namespace

Rle rasterise_ring(std::span<const Point2d> ring, Size size) {
  validate_mask_size(size);
  const std::vector<GridPoint> grid = to_grid(ring);
  std::vector<Edge> edges;
  edges.reserve(grid.size());
  int first = size.width;
  int last = 0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const Edge edge(grid[i], grid[i + 1 < grid.size() ? i + 1 : 0]);
    const auto [begin, end] = edge.columns(size.width);
    if (begin == end) continue;
    edges.push_back(edge);
    first = std::min(first, begin);
    last = std::max(last, end);
  }
  ChangesByColumn changes(size, first, last);
  for (const Edge& edge : edges) {
    const auto [begin, end] = edge.columns(size.width);
    changes.announce(begin, end);
  }
  changes.allocate();
  for (const Edge& edge : edges) {
    const auto [begin, end] = edge.columns(size.width);
    for (int column = begin; column < end; ++column) {
      changes.put(column, edge.row(column, size.height));
    }
  }
  return std::move(changes).finish(false);
}

Rle rasterise(const Rings& rings, Size size) {
  validate_mask_size(size);
  Union parts;
  for (std::size_t i = 0; i < rings.size();) {
    Rle part = rasterise_ring(rings[i], size);
    Union holes;
    for (++i; i < rings.size() && rings.is_hole(i); ++i) holes.add(rasterise_ring(rings[i], size));
    if (const std::optional<Rle> cut = holes.take()) part = subtract(part, *cut);
    parts.add(std::move(part));
  }
  if (std::optional<Rle> all = parts.take()) return *std::move(all);
  return rasterise_ring({}, size);
}

Rle encode_rows(std::span<const RowRun> runs, Size size) {
  validate_mask_size(size);
  require_row_runs(runs, size);
  ChangesByColumn changes(size, 0, size.width);
  visit_changes(runs,
                [&](int first, int last, std::uint32_t /*row*/) { changes.announce(first, last); });
  changes.allocate();
  visit_changes(runs, [&](int first, int last, std::uint32_t row) {
    for (int column = first; column < last; ++column) changes.put(column, row);
  });
  return std::move(changes).finish(true);
}

Rle encode(std::span<const std::uint8_t> row_major, Size size) {
  validate_mask_size(size);
  const auto width = static_cast<std::size_t>(size.width);
  const auto height = static_cast<std::size_t>(size.height);
  if (row_major.size() != width * height) {
    throw Error(
        Errc::kArgument,
        {},
        fmt::format("a bitmap of {} bytes is not {} x {}", row_major.size(), width, height));
  }
  std::vector<RowRun> runs;
  for (std::size_t row = 0; row < height; ++row) {
    const std::span<const std::uint8_t> bytes = row_major.subspan(row * width, width);
    for (std::size_t first = find_set(bytes, 0); first < width;) {
      const std::size_t last = find_clear(bytes, first);
      runs.push_back({static_cast<std::uint32_t>(row),
                      static_cast<std::uint32_t>(first),
                      static_cast<std::uint32_t>(last)});
      first = find_set(bytes, last);
    }
  }
  return encode_rows(runs, size);
}

std::vector<std::uint8_t> decode(const Rle& rle) {
  const auto width = static_cast<std::size_t>(rle.size.width);
  const auto height = static_cast<std::size_t>(rle.size.height);
  std::vector<std::uint8_t> bytes(width * height);
  // First only the changes down every column, then each row is the one above it but for those. So
  // memory is written along rows, not down columns.
  std::size_t column = 0;
  std::size_t row = 0;
  for (std::size_t i = 0; i < rle.counts.size(); ++i) {
    const bool value = (i & 1U) != 0;
    for (std::size_t left = rle.counts[i]; left > 0;) {
      const std::size_t length = std::min(left, height - row);
      if (value) bytes[row * width + column] ^= 1U;
      row += length;
      left -= length;
      if (row < height) {
        if (value) bytes[row * width + column] ^= 1U;
      } else {
        row = 0;
        ++column;
      }
    }
  }
  for (std::size_t y = 1; y < height; ++y) {
    const std::span<std::uint8_t> line = std::span(bytes).subspan(y * width, width);
    change(line, std::span(bytes).subspan((y - 1) * width, width));
  }
  return bytes;
}

}  // namespace labelloom
