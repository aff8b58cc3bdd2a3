#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "formats/geometry.h"

namespace labelloom {

/// Finds edges of a ring that truly cross. Rings that only touch themselves (repeated points,
/// edges that run back over others) are left alone: their area and their pixels are well defined,
/// and hand-drawn data is full of them. Sorts the edges along the ring's longer side and compares
/// only those that overlap there: a ring of 100,000 points takes milliseconds. Keeps its memory
/// between calls; not for several threads.
class RingCrossing {
 public:
  enum class Result : std::uint8_t { kNone, kFound, kNotChecked };
  struct Found {
    Result result = Result::kNone;
    std::size_t first_edge = 0;  ///< index of the point an edge starts at, when found
    std::size_t second_edge = 0;
  };

  /// Coordinates must be finite. Gives up (kNotChecked) after `kMaxComparisons` pairs of edges.
  [[nodiscard]] Found find(std::span<const Point2d> ring);

  static constexpr std::size_t kMaxComparisons = 4'000'000;

 private:
  struct Edge {
    double low = 0;  // along the axis of the sweep
    double high = 0;
    std::uint32_t index = 0;
  };
  std::vector<Edge> edges_;
  std::vector<Edge> active_;
};

}  // namespace labelloom
