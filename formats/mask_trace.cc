#include "formats/mask_trace.h"

#include <array>

namespace labelloom {
namespace {

/// Follows pixel edges with the foreground on the right hand. Contours
/// of OpenCV run through pixel
/// centres, which would make every mask half a pixel too small and thin ones vanish.
class MaskTracer {
 public:
  MaskTracer(std::span<const std::uint8_t> mask, Size size)
      : mask_(mask), size_(size), visited_(mask.size(), false) {}

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
      if (inside(x + kAheadLeft[heading].x, y + kAheadLeft[heading].y)) {
        heading = (heading + 3) % 4;
      } else if (!inside(x + kAheadRight[heading].x, y + kAheadRight[heading].y)) {
        heading = (heading + 1) % 4;
      }
      if (heading != before) loop.push_back({static_cast<double>(x), static_cast<double>(y)});
    } while (x != x0 || y != y0 || heading != kRight);
    return loop;
  }

  std::span<const std::uint8_t> mask_;
  Size size_;
  std::vector<bool> visited_;  // whether a loop has run along the top of the pixel
};

}  // namespace

std::vector<std::vector<Point2d>> trace_mask(std::span<const std::uint8_t> row_major, Size size) {
  return MaskTracer(row_major, size).trace();
}

}  // namespace labelloom
