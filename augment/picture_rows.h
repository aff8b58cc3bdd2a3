#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/colour_pass.h"
#include "augment/row_sampler.h"

namespace labelloom::augment {

/// A picture resampled and recoloured a few rows at a time, so that they go through all of it
/// while they lie in a near cache. Belongs to one thread; the picture and the steps must outlive
/// it.
class PictureRows {
 public:
  /// `resample` and `colours` may be null. @throws Error(kLimit), see RowSampler.
  PictureRows(const cv::Mat& bgr, const Resample* resample, const ColourPass* colours);

  [[nodiscard]] Size size() const { return size_; }
  /// Calls `use(words)` with each row in turn.
  template <typename Use>
  void for_each_row(Use&& use) {
    const auto width = static_cast<std::size_t>(size_.width);
    const std::span<std::uint32_t> rows =
        room(width * static_cast<std::size_t>(std::min(size_.height, RowSampler::kBandRows)));
    for (int first = 0; first < size_.height; first += RowSampler::kBandRows) {
      const int count = std::min(RowSampler::kBandRows, size_.height - first);
      const std::span<std::uint32_t> band = rows.first(width * static_cast<std::size_t>(count));
      fill(first, band);
      for (std::size_t at = 0; at < band.size(); at += width) use(band.subspan(at, width));
    }
  }

 private:
  /// For `count` words, from the beginning of a cache line on: vectors as wide as one would
  /// otherwise all lie across two.
  std::span<std::uint32_t> room(std::size_t count);
  void fill(int first_row, std::span<std::uint32_t> band);

  const cv::Mat* source_;
  Size size_;
  std::optional<RowSampler> sampler_;
  std::optional<ColourRows> colours_;
  std::vector<std::uint32_t> band_;
};

/// All rows as an 8-bit BGR picture.
[[nodiscard]] cv::Mat to_picture(PictureRows& rows);

}  // namespace labelloom::augment
