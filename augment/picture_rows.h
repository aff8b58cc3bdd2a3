#pragma once

#include <optional>
#include <span>

#include <opencv2/core.hpp>

#include "augment/colour_pass.h"
#include "augment/row_sampler.h"

namespace labelloom::augment {

/// A picture resampled and recoloured a row at a time, so that a row goes through all of it while
/// it lies in the nearest cache. Belongs to one thread; the picture and the steps must outlive it.
class PictureRows {
 public:
  /// `resample` and `colours` may be null. @throws Error(kLimit), see RowSampler.
  PictureRows(const cv::Mat& bgr, const Resample* resample, const ColourPass* colours);

  [[nodiscard]] Size size() const { return size_; }
  /// Row `row` as words, as long as the row.
  void row(int row, std::span<std::uint32_t> words);

 private:
  const cv::Mat* source_;
  Size size_;
  std::optional<RowSampler> sampler_;
  std::optional<ColourRows> colours_;
};

/// All rows as an 8-bit BGR picture.
[[nodiscard]] cv::Mat to_picture(PictureRows& rows);

}  // namespace labelloom::augment
