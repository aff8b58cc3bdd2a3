#pragma once

// Rows of cells in vectors; the arithmetic is that of boxmask_math.h. Bits stand for the cells of a
// row, the first in the lowest bit of the first word.

#include <cstddef>
#include <cstdint>

namespace labelloom::select {

/// The logits of `count` neighbouring cells: class k of cell i is logits[k * class_stride + i].
struct LogitRow {
  const float* logits = nullptr;
  std::ptrdiff_t class_stride = 0;
  std::size_t count = 0;
  int classes = 0;
};

/// How many floats the kernels need to work in.
[[nodiscard]] constexpr std::size_t kernel_room(int classes) {
  constexpr std::size_t kMostLanes = 64;
  return 2 * kMostLanes * static_cast<std::size_t>(classes);
}

/// bits: where p_c > tau. @returns whether all logits are numbers (math::Top::finite).
[[nodiscard]] bool mask_row(
    const LogitRow& row, int seg_class, float tau, float* room, std::uint64_t* bits);

/// The box's class distribution, [classes] each, and for `label`: 1 for the box's class, else 0.
struct RowTarget {
  const float* q = nullptr;
  const float* log_q = nullptr;
  const float* q_log_q = nullptr;
  const float* label = nullptr;
};

/// What boxmask.h's BoxComponents sums.
struct DistanceSums {
  std::uint32_t labelled = 0;  ///< cells with the box's label
  std::int64_t symmetric = 0;
  std::int64_t pixels_from_box = 0;
  std::int64_t jensen_shannon = 0;
};

/// Adds the cells whose bit is set. `room`: see kernel_room.
void add_distances(const LogitRow& row,
                   const RowTarget& target,
                   const std::uint64_t* bits,
                   bool jensen_shannon,
                   float* room,
                   DistanceSums& sums);

struct OutsideSums {
  bool finite = true;
  std::uint32_t detectable_cells = 0;
  std::int64_t detectable_mass = 0;
};

/// Adds the cells whose bit is set; looks at all of them for what is not a number. `detectable`:
/// [classes] 1 or 0.
void add_outside(const LogitRow& row,
                 const float* detectable,
                 const std::uint64_t* bits,
                 float* room,
                 OutsideSums& sums);

}  // namespace labelloom::select
