#include "augment/resample.h"

#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace labelloom::augment {
namespace {

cv::Scalar bgr_scalar(Rgb colour) {
  return {
      static_cast<double>(colour.b), static_cast<double>(colour.g), static_cast<double>(colour.r)};
}

cv::Matx33d matrix(const Homography& map) { return cv::Matx33d(map.m.data()); }

/// Paints what lies outside the window: pixels whose centre is not in the frame.
void paint_outside(const Window& window, const cv::Scalar& fill, cv::Mat& pixels) {
  cv::Mat keep(pixels.size(), CV_8U);
  const auto& m = window.frame_from_out.m;
  for (int row = 0; row < keep.rows; ++row) {
    auto* line = keep.ptr<std::uint8_t>(row);
    for (int column = 0; column < keep.cols; ++column) {
      const double w = m[6] * (column + 0.5) + m[7] * (row + 0.5) + m[8];
      const Point2d p = window.frame_from_out({column + 0.5, row + 0.5});
      const bool inside =
          w > 0 && p.x >= 0 && p.y >= 0 && p.x < window.frame.width && p.y < window.frame.height;
      line[column] = inside ? 0 : 255;
    }
  }
  pixels.setTo(fill, keep);
}

/// A signed permutation of the axes with whole shifts: transpose, flip, then crop and pad.
cv::Mat move_exactly(const cv::Mat& in,
                     const Resample& step,
                     Border border,
                     const cv::Scalar& fill) {
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
  const cv::Rect there = wanted & cv::Rect({}, turned.size());
  if (there == wanted) return turned(there).clone();
  cv::Mat out;
  if (there.empty()) {
    out = cv::Mat(step.out.height, step.out.width, in.type(), fill);
    if (border == Border::kConstant) return out;
  }
  const cv::Rect kept = border == Border::kConstant ? there : cv::Rect({}, turned.size());
  const cv::Rect around = kept | wanted;
  cv::copyMakeBorder(turned(kept),
                     out,
                     kept.y - around.y,
                     around.br().y - kept.br().y,
                     kept.x - around.x,
                     around.br().x - kept.br().x,
                     static_cast<int>(border) | cv::BORDER_ISOLATED,
                     fill);
  return out(wanted - around.tl()).clone();
}

cv::Mat run(const cv::Mat& in, const Resample& step, const Sampling& sampling) {
  const cv::Scalar fill = in.channels() == 3 ? bgr_scalar(sampling.fill) : cv::Scalar(0);
  cv::Mat out;
  if (is_exact_move(step)) {
    out = move_exactly(in, step, sampling.border, fill);
  } else if (sampling.interpolation == Interpolation::kArea && averages(step)) {
    cv::resize(in, out, {step.out.width, step.out.height}, 0, 0, cv::INTER_AREA);
  } else {
    const cv::Size size(step.out.width, step.out.height);
    int flags = static_cast<int>(sampling.interpolation);
    if (sampling.interpolation == Interpolation::kArea) flags = cv::INTER_LINEAR;
    flags |= cv::WARP_INVERSE_MAP;
    const cv::Matx33d map = matrix(to_pixel_centres(step.in_from_out));
    const int border = static_cast<int>(sampling.border);
    if (step.in_from_out.is_affine()) {
      cv::warpAffine(in, out, map.get_minor<2, 3>(0, 0), size, flags, border, fill);
    } else {
      cv::warpPerspective(in, out, map, size, flags, border, fill);
    }
  }
  for (const Window& window : step.windows) {
    paint_outside(window, in.channels() == 3 ? bgr_scalar(window.fill) : cv::Scalar(0), out);
  }
  return out;
}

}  // namespace

cv::Mat resample(const cv::Mat& bgr, const Resample& step) { return run(bgr, step, step.sampling); }

cv::Mat resample_mask(const cv::Mat& mask, const Resample& step) {
  return run(mask, step, {Interpolation::kNearest, Border::kConstant, {}});
}

}  // namespace labelloom::augment
