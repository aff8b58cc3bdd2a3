#pragma once

#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/mask_window.h"
#include "augment/pixel_plan.h"
#include "augment/row_span.h"
#include "augment/sample_kernels.h"

namespace labelloom::augment {

/// A resampling, a band of output rows at a time: exact moves copy, nearest pixels are taken,
/// others mixed from the four around a position rounded to 1/128 pixel. What lies outside the
/// picture is filled. An object belongs to one thread; picture and step must outlive it.
///
/// A band is done in tiles: a turned row crosses many rows of the input, and the next one crosses
/// them again next to it, while they are still in the nearest cache.
class RowSampler {
 public:
  static constexpr int kBandRows = 16;  ///< enough rows at a time

  /// Whether a step can be done here: its border is constant, and no interpolation looks farther
  /// than the next pixel (kArea is kLinear unless it averages).
  [[nodiscard]] static bool can_do(const Resample& step);

  /// `source`: 8 bits, BGR.
  /// @throws Error(kLimit) when the picture has more bytes than 32 bits count.
  RowSampler(const cv::Mat& source, const Resample& step);
  /// A mask's frame is the picture.
  RowSampler(const MaskWindow& source, const Resample& step);

  /// Whole rows of the output from `first_row` on, one after the other, as many as `words` has room
  /// for (see sample_kernels.h). BGR only.
  void rows(int first_row, std::span<std::uint32_t> words);
  /// The pixels of a row that can show something of the mask's window.
  [[nodiscard]] RowSpan mask_span(int row) const;
  /// The pixels `columns` of a row of a mask: nearest pixels, and zeros outside.
  void mask_row(int row, RowSpan columns, std::span<std::uint8_t> levels);

 private:
  /// Which of a row's pixels show the picture at all, and which of them need no look at its edge.
  struct Spans {
    RowSpan seen;
    RowSpan inner;
  };
  RowSampler(const cv::Mat& pixels, const cv::Rect& rect, Size frame, const Resample& step);
  [[nodiscard]] Spans spans(int row) const;
  void sample(int row, const Spans& spans, std::uint32_t* words);
  [[nodiscard]] BlockMap block_map(int row, int column, int count) const;
  template <typename Use>
  void for_blocks(int row, RowSpan span, Use&& use);

  void copy(int row, RowSpan span, std::uint32_t* words);
  void take_nearest(int row, RowSpan span, std::uint32_t* words);
  void mix_inner(int row, RowSpan span, std::uint32_t* words);
  void mix_at_edge(int row, RowSpan span, std::uint32_t* words);

  const cv::Mat* source_;
  cv::Rect rect_;  ///< where `source_` lies in the frame
  Size frame_;
  const Resample* step_;
  bool linear_ = false;
  bool moves_rows_ = false;  ///< rows of the output are rows of the input, perhaps mirrored
  int width_ = 0;
  std::uint32_t fill_ = 0;
  Homography map_;  ///< from (column, row) to pixel centres (linear) or continuous coordinates
  std::vector<Spans> spans_;
  Block block_ = {};
};

}  // namespace labelloom::augment
