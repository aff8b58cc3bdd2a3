#pragma once

#include "formats/png_values.h"
#include "model/dense_map.h"
#include "model/sample.h"

namespace labelloom::model {

/// The class of every pixel of the original picture: logits [C,h,w] that cover `input` pixels are
/// interpolated bilinearly at the pixel's centre (align_corners = false: a cell's value is that of
/// its centre; cells at the border reach to the edge), and the largest wins, the lower class when
/// equal. O(C h w) and a byte a pixel where the four cells around agree: there, interpolation being
/// a convex combination, no other class can win.
/// @throws Error(kInvalidData) if there are more than 255 classes or a value is NaN or infinite;
/// Error(kLimit) if the original is larger than kMaxValueMapPixels.
[[nodiscard]] LabelMap label_map(const DenseMap& logits, Size input, const Placement& placement);

}  // namespace labelloom::model
