#pragma once

#include <vector>

#include "select/boxmask.h"
#include "select/boxmask_kernels.h"
#include "select/boxmask_math.h"

namespace labelloom::select {

/// The logits of one picture or crop as rows of an image's grid. Rows that are not in memory as the
/// kernels want them are copied, or interpolated (Grid::kPixels).
class LogitRows {
 public:
  /// Picture `index` of `logits`, of which `cells` count; their top left corner is at (x, y) of the
  /// grid, which has `scale` steps a cell.
  LogitRows(const LogitBatch& logits, int index, const Cells& cells, int x, int y, int scale);

  /// Steps [from, from + count) of the grid's row, which lie inside `cells`; valid until the next
  /// call.
  [[nodiscard]] LogitRow row(int row, int from, int count);

 private:
  void copy(const float* first, int count);
  void interpolate(int row, int from, int count);

  const LogitBatch& logits_;
  const float* corner_;  // of `cells`
  Cells cells_;
  int x_;
  int y_;
  int scale_;
  std::vector<float> copied_;      // [classes, count]
  std::vector<math::Tap> across_;  // [count]
};

}  // namespace labelloom::select
