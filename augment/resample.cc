#include "augment/resample.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "augment/picture_rows.h"
#include "augment/row_sampler.h"
#include "augment/row_span.h"

namespace labelloom::augment {
namespace {

cv::Scalar bgr_scalar(Rgb colour) {
  return {
      static_cast<double>(colour.b), static_cast<double>(colour.g), static_cast<double>(colour.r)};
}

cv::Matx33d matrix(const Homography& map) { return cv::Matx33d(map.m.data()); }

/// Paints what lies outside the window: pixels whose centre is not in the frame.
void paint_outside(const Window& window, const cv::Scalar& fill, cv::Mat& pixels) {
  for (int row = 0; row < pixels.rows; ++row) {
    const RowSpan seen = inside(window, row, pixels.cols);
    cv::Mat line = pixels.row(row);
    if (seen.empty()) {
      line.setTo(fill);
    } else {
      line.colRange(0, seen.first).setTo(fill);
      line.colRange(seen.last, pixels.cols).setTo(fill);
    }
  }
}

/// A signed permutation of the axes with whole shifts, and a border that goes on with the picture:
/// transpose, flip, then crop and pad.
cv::Mat move_exactly(const cv::Mat& in, const Resample& step) {
  const auto& m = step.in_from_out.m;
  cv::Mat turned = in;
  const bool swaps = std::abs(m[1]) > 0.5;
  if (swaps) cv::transpose(in, turned);
  // Now out axes run along the axes of `turned`, each forwards or backwards.
  const double x_step = swaps ? m[3] : m[0];
  const double y_step = swaps ? m[1] : m[4];
  double x_at = swaps ? m[5] : m[2];  // where output 0 lies in `turned`
  double y_at = swaps ? m[2] : m[5];
  if (x_step < 0 || y_step < 0) {
    cv::Mat flipped;
    cv::flip(turned, flipped, x_step < 0 && y_step < 0 ? -1 : (x_step < 0 ? 1 : 0));
    if (x_step < 0) x_at = turned.cols - x_at;
    if (y_step < 0) y_at = turned.rows - y_at;
    turned = flipped;
  }
  const int left = static_cast<int>(std::lround(x_at));
  const int top = static_cast<int>(std::lround(y_at));
  const cv::Rect wanted(left, top, step.out.width, step.out.height);
  const cv::Rect all({}, turned.size());
  if ((wanted & all) == wanted) return turned(wanted).clone();
  const cv::Rect around = all | wanted;
  cv::Mat out;
  cv::copyMakeBorder(turned,
                     out,
                     -around.y,
                     around.br().y - all.br().y,
                     -around.x,
                     around.br().x - all.br().x,
                     static_cast<int>(step.sampling.border));
  return out(wanted - around.tl()).clone();
}

}  // namespace

cv::Mat resample(const cv::Mat& bgr, const Resample& step) {
  if (RowSampler::can_do(step)) {
    PictureRows rows(bgr, &step, nullptr);
    return to_picture(rows);
  }
  const Sampling& sampling = step.sampling;
  cv::Mat out;
  if (is_exact_move(step)) {
    out = move_exactly(bgr, step);
  } else if (averages(step)) {
    cv::resize(bgr, out, {step.out.width, step.out.height}, 0, 0, cv::INTER_AREA);
  } else {
    const cv::Size size(step.out.width, step.out.height);
    int flags = static_cast<int>(sampling.interpolation);
    if (sampling.interpolation == Interpolation::kArea) flags = cv::INTER_LINEAR;
    flags |= cv::WARP_INVERSE_MAP;
    const cv::Matx33d map = matrix(to_pixel_centres(step.in_from_out));
    const int border = static_cast<int>(sampling.border);
    if (step.in_from_out.is_affine()) {
      cv::warpAffine(
          bgr, out, map.get_minor<2, 3>(0, 0), size, flags, border, bgr_scalar(sampling.fill));
    } else {
      cv::warpPerspective(bgr, out, map, size, flags, border, bgr_scalar(sampling.fill));
    }
  }
  for (const Window& window : step.windows) paint_outside(window, bgr_scalar(window.fill), out);
  return out;
}

MaskWindow resample_mask(const MaskWindow& mask, const Resample& step) {
  MaskWindow out{step.out, {}, {}};
  if (mask.rect.empty()) return out;
  RowSampler sampler(mask, step);
  RowSpan columns{step.out.width, 0};
  RowSpan rows{step.out.height, 0};
  for (int row = 0; row < step.out.height; ++row) {
    const RowSpan span = sampler.mask_span(row);
    if (span.empty()) continue;
    columns = {std::min(columns.first, span.first), std::max(columns.last, span.last)};
    rows = {std::min(rows.first, row), row + 1};
  }
  if (columns.empty()) return out;
  out.rect = {columns.first, rows.first, columns.last - columns.first, rows.last - rows.first};
  out.pixels.create(out.rect.size(), CV_8U);
  for (int row = 0; row < out.rect.height; ++row) {
    sampler.mask_row(rows.first + row,
                     columns,
                     {out.pixels.ptr<std::uint8_t>(row), static_cast<std::size_t>(out.rect.width)});
  }
  return tightened(out);
}

cv::Mat resample_mask(const cv::Mat& mask, const Resample& step) {
  return whole_mask(resample_mask(mask_window(mask), step));
}

}  // namespace labelloom::augment
