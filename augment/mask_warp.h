#pragma once

#include <vector>

#include <opencv2/core.hpp>

#include "augment/mask_window.h"

namespace labelloom::augment {

/// Looks masks up where each output pixel comes from: what `cv::remap` does to a whole frame, done
/// only where it can show the mask.
class MaskWarp {
 public:
  /// Columns and rows of the input, counted between pixel centres [output], CV_32F. Borrowed.
  MaskWarp(const cv::Mat& x, const cv::Mat& y);

  [[nodiscard]] MaskWindow warp(const MaskWindow& mask) const;

 private:
  /// A square of the output, and where its pixels come from.
  struct Tile {
    cv::Rect rect;
    double left = 0;
    double right = 0;
    double top = 0;
    double bottom = 0;
  };

  const cv::Mat& x_;
  const cv::Mat& y_;
  std::vector<Tile> tiles_;
};

}  // namespace labelloom::augment
