#include "formats/mask_trace.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "formats/column_runs.h"

namespace labelloom {
namespace {

/// What pixels are that touch at a corner only.
enum class Corners { kJoin, kPart };

/// Follows pixel edges with the foreground on the right hand. Contours of OpenCV run through pixel
/// centres, which would make every mask half a pixel too small and thin ones vanish.
class MaskTracer {
 public:
  MaskTracer(std::span<const std::uint8_t> mask, Size size, Corners corners)
      : mask_(mask), size_(size), corners_(corners), visited_(mask.size(), false) {}

  std::vector<std::vector<Point2d>> trace() {
    std::vector<std::vector<Point2d>> loops;
    for (int y = 0; y < size_.height; ++y) {
      for (int x = 0; x < size_.width; ++x) {
        // Every loop, holes too, runs to the right along the top of some foreground pixel.
        if (inside(x, y) && !inside(x, y - 1) && !visited_[index(x, y)]) {
          loops.push_back(follow(x, y));
        }
      }
    }
    return loops;
  }

 private:
  enum Heading { kRight, kDown, kLeft, kUp };

  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width) +
           static_cast<std::size_t>(x);
  }
  [[nodiscard]] bool inside(int x, int y) const {
    return x >= 0 && y >= 0 && x < size_.width && y < size_.height && mask_[index(x, y)] != 0;
  }

  std::vector<Point2d> follow(int x0, int y0) {
    struct Offset {
      int x;
      int y;
    };
    static constexpr std::array<Offset, 4> kStep{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};
    // The pixels ahead of a corner, seen along each heading.
    static constexpr std::array<Offset, 4> kAheadRight{{{0, 0}, {-1, 0}, {-1, -1}, {0, -1}}};
    static constexpr std::array<Offset, 4> kAheadLeft{{{0, -1}, {0, 0}, {-1, 0}, {-1, -1}}};
    std::vector<Point2d> loop;
    int x = x0;
    int y = y0;
    std::size_t heading = kRight;
    do {
      if (heading == kRight) visited_[index(x, y)] = true;
      x += kStep[heading].x;
      y += kStep[heading].y;
      const std::size_t before = heading;
      const bool left = inside(x + kAheadLeft[heading].x, y + kAheadLeft[heading].y);
      const bool right = inside(x + kAheadRight[heading].x, y + kAheadRight[heading].y);
      if (left && (right || corners_ == Corners::kJoin)) {
        heading = (heading + 3) % 4;
      } else if (!right) {
        heading = (heading + 1) % 4;
      }
      if (heading != before) loop.push_back({static_cast<double>(x), static_cast<double>(y)});
    } while (x != x0 || y != y0 || heading != kRight);
    return loop;
  }

  std::span<const std::uint8_t> mask_;
  Size size_;
  Corners corners_;
  std::vector<bool> visited_;  // whether a loop has run along the top of the pixel
};

using Loop = std::vector<Point2d>;

/// A loop that comes through corners twice, as loops that do not.
void part_at_corners(const Loop& loop, std::vector<Loop>& parts) {
  constexpr double kColumns = 1 << 20;  // more than any mask has
  std::unordered_map<std::int64_t, std::size_t> places;
  const auto key = [](const Point2d& p) { return static_cast<std::int64_t>(p.y * kColumns + p.x); };
  Loop open;
  for (const Point2d& p : loop) {
    const auto [place, is_new] = places.try_emplace(key(p), open.size());
    if (!is_new) {
      const auto first = open.begin() + static_cast<std::ptrdiff_t>(place->second);
      parts.emplace_back(first, open.end());
      for (auto gone = first + 1; gone != open.end(); ++gone) places.erase(key(*gone));
      open.erase(first, open.end());
    }
    open.push_back(p);
  }
  parts.push_back(std::move(open));
}

/// Which runs hang together: those that lie beside each other in neighbouring columns do.
class RunJoiner {
 public:
  RunJoiner(std::span<const ColumnRun> runs, int height) : runs_(runs), owners_(runs.size()) {
    std::iota(owners_.begin(), owners_.end(), std::size_t{0});
    const auto next = static_cast<std::uint64_t>(height);  // the pixel in the next column
    for (std::size_t a = 0, b = 0; b < runs.size(); ++b) {
      while (runs[a].stop + next <= runs[b].first) ++a;
      for (std::size_t i = a; i < b && runs[i].first + next < runs[b].stop; ++i) join(i, b);
    }
    for (std::size_t& owner : owners_) owner = owners_[owner];  // these lie before it
  }

  /// A number for all pixels that hang together with `pixel`, which is in the foreground.
  [[nodiscard]] std::size_t owner(std::uint64_t pixel) const {
    const auto after = std::ranges::upper_bound(runs_, pixel, {}, &ColumnRun::first);
    return owners_[static_cast<std::size_t>(after - runs_.begin()) - 1];
  }

 private:
  std::size_t root(std::size_t run) {
    while (owners_[run] != run) run = owners_[run] = owners_[owners_[run]];
    return run;
  }
  void join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    owners_[std::max(a, b)] = std::min(a, b);
  }

  std::span<const ColumnRun> runs_;
  std::vector<std::size_t> owners_;  // never after their run
};

/// Column-major number of the pixel on the right hand of a loop's first edge.
std::uint64_t first_pixel(const Loop& loop, int height) {
  const Point2d& a = loop[0];
  const Point2d& b = loop[1];
  const double x = b.y > a.y || b.x < a.x ? a.x - 1 : a.x;
  const double y = b.x < a.x || b.y < a.y ? a.y - 1 : a.y;
  return static_cast<std::uint64_t>(x) * static_cast<std::uint64_t>(height) +
         static_cast<std::uint64_t>(y);
}

}  // namespace

std::vector<std::vector<Point2d>> trace_mask(std::span<const std::uint8_t> row_major, Size size) {
  return MaskTracer(row_major, size, Corners::kJoin).trace();
}

Rings mask_rings(const Rle& mask) {
  const Box box = extent(mask);
  const Size window{static_cast<int>(box.width), static_cast<int>(box.height)};
  const std::vector<ColumnRun> runs = column_runs(mask);
  const std::vector<std::uint8_t> pixels = pixels_within(runs, mask.size.height, box, 1);
  std::vector<Loop> loops;
  for (const Loop& loop : MaskTracer(pixels, window, Corners::kPart).trace()) {
    part_at_corners(loop, loops);
  }
  // Pixels that hang together have one outer border.
  const RunJoiner joined(runs, mask.size.height);
  struct Border {
    std::size_t owner = 0;
    bool hole = false;
    std::size_t loop = 0;
    auto operator<=>(const Border&) const = default;
  };
  std::vector<Border> borders;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    for (Point2d& p : loops[i]) p = {p.x + box.x, p.y + box.y};
    const std::size_t owner = joined.owner(first_pixel(loops[i], mask.size.height));
    borders.push_back({owner, signed_area(loops[i]) < 0, i});
  }
  std::ranges::sort(borders);
  Rings rings;
  for (const Border& border : borders) rings.add(loops[border.loop], border.hole);
  return rings;
}

}  // namespace labelloom
