#include "augment/mask_pixels.h"

#include <algorithm>
#include <span>
#include <vector>

namespace labelloom::augment {

cv::Mat mask_pixels(const Rle& mask) {
  cv::Mat columns = cv::Mat::zeros(mask.size.width, mask.size.height, CV_8U);  // as runs go
  unsigned char* at = columns.data;
  bool foreground = false;
  for (const std::uint32_t run : mask.counts) {
    if (foreground) std::fill_n(at, run, std::uint8_t{255});
    at += run;
    foreground = !foreground;
  }
  cv::Mat pixels;
  cv::transpose(columns, pixels);
  return pixels;
}

Rle mask_runs(const cv::Mat& pixels) {
  const cv::Mat whole = pixels.isContinuous() ? pixels : pixels.clone();
  return encode(std::span<const std::uint8_t>(whole.data, whole.total()), {whole.cols, whole.rows});
}

}  // namespace labelloom::augment
