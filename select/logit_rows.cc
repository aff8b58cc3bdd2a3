#include "select/logit_rows.h"

namespace labelloom::select {

LogitRows::LogitRows(
    const LogitBatch& logits, int index, const Cells& cells, int x, int y, int scale)
    : logits_(logits),
      corner_(logits.data + index * logits.image_stride + cells.y * logits.row_stride +
              cells.x * logits.column_stride),
      cells_(cells),
      x_(x),
      y_(y),
      scale_(scale) {}

LogitRow LogitRows::row(int row, int from, int count) {
  LogitRow result{.count = static_cast<std::size_t>(count), .classes = logits_.classes};
  if (scale_ == 1) {
    const float* first =
        corner_ + (row - y_) * logits_.row_stride + (from - x_) * logits_.column_stride;
    if (logits_.column_stride == 1) {
      result.logits = first;
      result.class_stride = logits_.class_stride;
      return result;
    }
    copy(first, count);
  } else {
    interpolate(row, from, count);
  }
  result.logits = copied_.data();
  result.class_stride = count;
  return result;
}

void LogitRows::copy(const float* first, int count) {
  copied_.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(logits_.classes));
  float* to = copied_.data();
  for (int k = 0; k < logits_.classes; ++k) {
    const float* from = first + k * logits_.class_stride;
    for (int i = 0; i < count; ++i) *to++ = from[i * logits_.column_stride];
  }
}

void LogitRows::interpolate(int row, int from, int count) {
  copied_.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(logits_.classes));
  across_.clear();
  for (int i = 0; i < count; ++i) {
    across_.push_back(math::tap_of(from + i - x_, cells_.width, scale_));
  }
  const math::Tap down = math::tap_of(row - y_, cells_.height, scale_);
  float* to = copied_.data();
  for (int k = 0; k < logits_.classes; ++k) {
    const float* plane = corner_ + k * logits_.class_stride;
    const float* above = plane + down.from * logits_.row_stride;
    const float* below = plane + down.to * logits_.row_stride;
    for (const math::Tap& tap : across_) {
      const std::ptrdiff_t left = tap.from * logits_.column_stride;
      const std::ptrdiff_t right = tap.to * logits_.column_stride;
      *to++ = math::interpolated(
          above[left], above[right], below[left], below[right], tap.weight, down.weight);
    }
  }
}

}  // namespace labelloom::select
