#pragma once

// Internal: which detections of a cell are right.

#include <cstdint>
#include <span>
#include <vector>

#include "evaluate/overlaps.h"

namespace labelloom::evaluate {

/// One bit a threshold.
using Bits = std::uint32_t;
inline constexpr std::size_t kMaxThresholds = 32;

/// What became of a detection in one area range.
struct Verdict {
  Bits matched = 0;
  Bits ignored = 0;
};

/// Whether a truth is ignored whatever its area.
[[nodiscard]] bool is_ignored(const Instance& instance, Task task);

/// Matches the detections of a cell one after the other, each with the truth it overlaps most of
/// those that are free (a crowd always is); ignored truth only if no other is left. Detections
/// without a match that are outside the area range are ignored.
/// `verdicts`: [detections], written.
void match(const Cell& cell,
           const Overlaps& overlaps,
           const Dataset& truth,
           std::span<const Detection> detections,
           const CocoOptions& options,
           const AreaRange& area,
           std::span<Verdict> verdicts);

}  // namespace labelloom::evaluate
