#pragma once

// What one thread does for one step of a grid, without CUDA; boxmask_cuda.cu adds threads,
// reductions and atomics.

#include <cstdint>

#include "select/boxmask_cuda.h"
#include "select/boxmask_math.h"

namespace labelloom::select::steps {

/// Logits at a step: `column`, `row` steps behind the corner of `width` x `height` cells.
template <typename T>
class StepLogits {
 public:
  constexpr StepLogits(const LabelloomLogits& logits,
                       int index,
                       const int* corner,  // x, y in cells
                       const int* size,    // width, height in cells
                       int scale,
                       int column,
                       int row)
      : first_(static_cast<const T*>(logits.data) + index * logits.image_stride +
               corner[1] * logits.row_stride + corner[0] * logits.column_stride),
        class_stride_(logits.class_stride),
        blended_(scale > 1) {
    const math::Tap x = blended_ ? math::tap_of(column, size[0], scale) : math::Tap{column, column};
    const math::Tap y = blended_ ? math::tap_of(row, size[1], scale) : math::Tap{row, row};
    top_left_ = y.from * logits.row_stride + x.from * logits.column_stride;
    top_right_ = y.from * logits.row_stride + x.to * logits.column_stride;
    bottom_left_ = y.to * logits.row_stride + x.from * logits.column_stride;
    bottom_right_ = y.to * logits.row_stride + x.to * logits.column_stride;
    x_weight_ = x.weight;
    y_weight_ = y.weight;
  }

  constexpr float operator()(int k) const {
    const T* plane = first_ + k * class_stride_;
    const auto top_left = static_cast<float>(plane[top_left_]);
    if (!blended_) return top_left;
    return math::interpolated(top_left,
                              static_cast<float>(plane[top_right_]),
                              static_cast<float>(plane[bottom_left_]),
                              static_cast<float>(plane[bottom_right_]),
                              x_weight_,
                              y_weight_);
  }

 private:
  const T* first_;
  long long class_stride_;
  bool blended_;
  long long top_left_ = 0;
  long long top_right_ = 0;
  long long bottom_left_ = 0;
  long long bottom_right_ = 0;
  float x_weight_ = 0;
  float y_weight_ = 0;
};

template <typename T>
constexpr StepLogits<T> of_image(const LabelloomBatch& batch, int image, int x, int y) {
  const LabelloomImage& part = batch.image_parts[image];
  return {batch.images,
          image,
          part.cells,
          part.cells + 2,
          batch.scale,
          x - part.valid[0],
          y - part.valid[1]};
}

template <typename T>
constexpr StepLogits<T> of_crop(const LabelloomBatch& batch,
                                const LabelloomBox& box,
                                int x,
                                int y) {
  constexpr int kCorner[2] = {0, 0};
  return {batch.crops[box.crop_batch],
          box.crop,
          kCorner,
          box.crop_cells,
          batch.scale,
          x - box.window[0],
          y - box.window[1]};
}

/// Whether the step is in the box's BoxMask; `finite` becomes false if a logit is not a number.
template <typename T>
constexpr bool in_mask(
    const LabelloomBatch& batch, const LabelloomBox& box, int x, int y, bool& finite) {
  const StepLogits<T> logit = of_crop<T>(batch, box, x, y);
  const math::Top top = math::top_of(logit, batch.classes);
  finite = top.finite;
  return math::above(logit, batch.classes, top.logit, box.seg_class, batch.tau);
}

/// Adds a step of box `index` to its sums.
template <typename T>
constexpr void add_box_step(
    const LabelloomBatch& batch, int index, int x, int y, LabelloomBoxSums& sums) {
  const LabelloomBox& box = batch.boxes[index];
  const StepLogits<T> logit = of_image<T>(batch, box.image, x, y);
  const math::Top top = math::top_of(logit, batch.classes);
  const long long first = static_cast<long long>(index) * batch.classes;
  const math::Distances d = math::distances(logit,
                                            batch.classes,
                                            top.logit,
                                            batch.q + first,
                                            batch.log_q + first,
                                            batch.q_log_q + first,
                                            batch.jensen_shannon != 0);
  sums.mislabelled_cells += top.label != box.seg_class ? 1U : 0U;
  sums.symmetric += math::fixed(d.symmetric);
  sums.pixels_from_box += math::fixed(d.pixels_from_box);
  sums.jensen_shannon += math::fixed(d.jensen_shannon);
}

/// Adds a step of an image, which BoxMasks cover or not, to its sums.
template <typename T>
constexpr void add_image_step(
    const LabelloomBatch& batch, int image, int x, int y, bool covered, LabelloomImageSums& sums) {
  const StepLogits<T> logit = of_image<T>(batch, image, x, y);
  const math::Top top = math::top_of(logit, batch.classes);
  sums.not_finite += top.finite ? 0U : 1U;
  const long long ignored = batch.image_parts[image].ignored;
  const long long cell =
      static_cast<long long>(y / batch.scale) * (batch.columns / batch.scale) + x / batch.scale;
  if (covered || (ignored >= 0 && batch.ignored[ignored + cell] != 0)) return;
  sums.outside_cells += 1;
  sums.detectable_cells += batch.detectable[top.label] != 0 ? 1U : 0U;
  sums.detectable_mass +=
      math::fixed(math::detectable_share(logit, batch.classes, top.logit, batch.detectable));
}

/// Whether no step of the key point's neighbourhood is in the BoxMask.
template <typename T>
constexpr bool is_outside(const LabelloomBatch& batch, const LabelloomKeypoint& point) {
  bool finite = true;
  for (int y = point.near[1]; y < point.near[1] + point.near[3]; ++y) {
    for (int x = point.near[0]; x < point.near[0] + point.near[2]; ++x) {
      if (in_mask<T>(batch, batch.boxes[point.box], x, y, finite)) return false;
    }
  }
  return true;
}

/// Where a step's bit is in an image's union.
constexpr long long bit_of(const LabelloomBatch& batch, int x, int y) {
  return static_cast<long long>(y) * batch.columns + x;
}

}  // namespace labelloom::select::steps
