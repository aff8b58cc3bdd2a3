#include "augment/mask_window.h"

#include <cstdint>
#include <span>

#include <opencv2/imgproc.hpp>

#include "augment/mask_pixels.h"
#include "formats/column_runs.h"

namespace labelloom::augment {

MaskWindow mask_window(const Rle& mask) {
  const Box box = extent(mask);
  const cv::Rect rect(static_cast<int>(box.x),
                      static_cast<int>(box.y),
                      static_cast<int>(box.width),
                      static_cast<int>(box.height));
  if (rect.empty()) return {mask.size, {}, {}};
  auto bytes = pixels_within(column_runs(mask), mask.size.height, box, 255);
  return {mask.size, rect, cv::Mat(rect.size(), CV_8U, bytes.data()).clone()};
}

MaskWindow mask_window(const cv::Mat& whole) {
  return {{whole.cols, whole.rows}, cv::Rect({}, whole.size()), whole};
}

cv::Mat whole_mask(const MaskWindow& mask) {
  const cv::Size frame(mask.frame.width, mask.frame.height);
  if (mask.rect.size() == frame) return mask.pixels;
  cv::Mat whole = cv::Mat::zeros(frame, CV_8U);
  if (!mask.rect.empty()) mask.pixels.copyTo(whole(mask.rect));
  return whole;
}

Rle mask_runs(const MaskWindow& mask) {
  Rle runs{mask.frame, {}};
  const auto height = static_cast<std::uint64_t>(mask.frame.height);
  const std::uint64_t all = height * static_cast<std::uint64_t>(mask.frame.width);
  std::uint64_t done = 0;
  const auto end_run = [&](std::uint64_t at) {
    runs.counts.push_back(static_cast<std::uint32_t>(at - done));
    done = at;
  };
  if (!mask.rect.empty()) {
    const Rle inner = mask_runs(mask.pixels);
    const std::uint64_t corner =
        static_cast<std::uint64_t>(mask.rect.x) * height + static_cast<std::uint64_t>(mask.rect.y);
    const auto inner_height = static_cast<std::uint64_t>(mask.rect.height);
    for (const ColumnRun& run : column_runs(inner)) {
      const std::uint64_t first =
          corner + run.first / inner_height * height + run.first % inner_height;
      // The foot of one column goes on with the head of the next.
      const bool goes_on = first == done && !runs.counts.empty();
      if (goes_on) {
        done -= runs.counts.back();
        runs.counts.pop_back();
      } else {
        end_run(first);
      }
      end_run(first + (run.stop - run.first));
    }
  }
  if (done < all || runs.counts.empty()) end_run(all);
  return runs;
}

MaskWindow tightened(const MaskWindow& mask) {
  if (mask.rect.empty()) return {mask.frame, {}, {}};
  const cv::Rect seen = cv::boundingRect(mask.pixels);
  if (seen.empty()) return {mask.frame, {}, {}};
  if (seen.size() == mask.rect.size()) return mask;
  return {mask.frame, seen + mask.rect.tl(), mask.pixels(seen).clone()};
}

}  // namespace labelloom::augment
