#include "augment/mask_warp.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace labelloom::augment {

MaskWarp::MaskWarp(const cv::Mat& x, const cv::Mat& y) : x_(x), y_(y) {
  constexpr int kSide = 32;
  const cv::Rect all({}, x.size());
  for (int row = 0; row < x.rows; row += kSide) {
    for (int column = 0; column < x.cols; column += kSide) {
      Tile tile{cv::Rect(column, row, kSide, kSide) & all};
      cv::minMaxLoc(x(tile.rect), &tile.left, &tile.right);
      cv::minMaxLoc(y(tile.rect), &tile.top, &tile.bottom);
      tiles_.push_back(tile);
    }
  }
}

MaskWindow MaskWarp::warp(const MaskWindow& mask) const {
  MaskWindow out{{x_.cols, x_.rows}, {}, {}};
  const cv::Rect& seen = mask.rect;
  if (seen.empty()) return out;
  for (const Tile& tile : tiles_) {
    const bool apart = tile.right < seen.x - 1 || tile.left > seen.br().x ||
                       tile.bottom < seen.y - 1 || tile.top > seen.br().y;
    if (!apart) out.rect |= tile.rect;
  }
  if (out.rect.empty()) return out;
  // Halves are rounded to even numbers: those must stay even.
  const cv::Point corner(seen.x - seen.x % 2, seen.y - seen.y % 2);
  cv::Mat in;
  const cv::Point more = seen.tl() - corner;
  cv::copyMakeBorder(mask.pixels, in, more.y, 0, more.x, 0, cv::BORDER_CONSTANT);
  cv::remap(in,
            out.pixels,
            x_(out.rect) - corner.x,
            y_(out.rect) - corner.y,
            cv::INTER_NEAREST,
            cv::BORDER_CONSTANT);
  return tightened(out);
}

}  // namespace labelloom::augment
