#include "augment/render.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "augment/colour_pass.h"
#include "augment/mask_warp.h"
#include "augment/mix_pixels.h"
#include "augment/picture_rows.h"
#include "augment/random.h"
#include "augment/resample.h"
#include "augment/row_steps.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

cv::Scalar bgr(Rgb colour) {
  return {
      static_cast<double>(colour.b), static_cast<double>(colour.g), static_cast<double>(colour.r)};
}

cv::Mat warp(const cv::Mat& in, const cv::Mat& x, const cv::Mat& y, const Sampling& sampling) {
  cv::Mat out;
  // Averages are of meaning for shrinking only.
  const bool area = sampling.interpolation == Interpolation::kArea;
  cv::remap(in,
            out,
            x,
            y,
            area ? cv::INTER_LINEAR : static_cast<int>(sampling.interpolation),
            static_cast<int>(sampling.border),
            bgr(sampling.fill));
  return out;
}

void do_step(const Resample& step, Canvas& canvas, const Donors* /*donors*/) {
  canvas.pixels = resample(canvas.pixels, step);
  for (MaskWindow& mask : canvas.masks) mask = resample_mask(mask, step);
}

void do_step(const Warp& step, Canvas& canvas, const Donors* /*donors*/) {
  const cv::Size size = canvas.pixels.size();
  cv::Mat x(size, CV_32F);
  cv::Mat y(size, CV_32F);
  const auto width = static_cast<std::size_t>(size.width);
  for (int row = 0; row < size.height; ++row) {
    step.field->row(row, {x.ptr<float>(row), width}, {y.ptr<float>(row), width});
  }
  x -= 0.5F;  // OpenCV's whole numbers are pixel centres
  y -= 0.5F;
  canvas.pixels = warp(canvas.pixels, x, y, step.sampling);
  if (canvas.masks.empty()) return;
  const MaskWarp masks(x, y);
  for (MaskWindow& mask : canvas.masks) mask = masks.warp(mask);
}

void do_step(const ColourPass& step, Canvas& canvas, const Donors* /*donors*/) {
  apply(step, canvas.pixels);
}

void do_step(const Filter& step, Canvas& canvas, const Donors* /*donors*/) {
  step.apply(canvas.pixels);
}

/// Noise of one rectangle: each row has numbers of its own, so that nothing depends on threads.
void fill_with_noise(std::uint64_t key, std::size_t rect_index, cv::Mat rect) {
  for (int row = 0; row < rect.rows; ++row) {
    Random random({.seed = key, .image = rect_index, .variant = static_cast<std::uint32_t>(row)});
    auto* pixel = rect.ptr<std::uint8_t>(row);
    for (int column = 0; column < rect.cols; ++column, pixel += 3) {
      const std::uint32_t bits = random.bits();
      for (unsigned i = 0; i < 3; ++i) pixel[i] = static_cast<std::uint8_t>(bits >> (8 * i));
    }
  }
}

void do_step(const Erase& step, Canvas& canvas, const Donors* /*donors*/) {
  const cv::Rect frame({}, canvas.pixels.size());
  for (std::size_t i = 0; i < step.rects.size(); ++i) {
    const PixelRect& r = step.rects[i];
    const cv::Rect inside = cv::Rect(r.x, r.y, r.width, r.height) & frame;
    if (inside.empty()) continue;
    cv::Mat rect = canvas.pixels(inside);
    if (step.fills.empty()) {
      fill_with_noise(step.noise_key, i, rect);
    } else {
      rect.setTo(bgr(step.fills[std::min(i, step.fills.size() - 1)]));
    }
  }
}

template <typename Mix>
void do_mix(const Mix& step, Canvas& canvas, const Donors* donors) {
  if (donors == nullptr) throw Error(Errc::kArgument, {}, "there are no other images to mix with");
  render(step, canvas, *donors);
}

void do_step(const Collage& step, Canvas& canvas, const Donors* donors) {
  do_mix(step, canvas, donors);
}
void do_step(const Blend& step, Canvas& canvas, const Donors* donors) {
  do_mix(step, canvas, donors);
}
void do_step(const Paste& step, Canvas& canvas, const Donors* donors) {
  for (MaskWindow& mask : canvas.masks) mask.pixels = mask.pixels.clone();
  do_mix(step, canvas, donors);
}

/// Steps of this kind change the pixels where they lie.
bool changes_in_place(const PixelStep& step) {
  return std::holds_alternative<ColourPass>(step) || std::holds_alternative<Filter>(step) ||
         std::holds_alternative<Erase>(step) || std::holds_alternative<Blend>(step) ||
         std::holds_alternative<Paste>(step);
}

}  // namespace

void check_size(const PixelPlan& plan, const Canvas& source) {
  if (source.pixels.cols != plan.in.width || source.pixels.rows != plan.in.height) {
    throw Error(Errc::kArgument, {}, "the picture has not the size that was planned for");
  }
}

Canvas render(const PixelPlan& plan, const Canvas& source, const Donors* donors) {
  check_size(plan, source);
  return render(std::span(plan.steps), source, donors);
}

Canvas render(std::span<const PixelStep> steps, const Canvas& source, const Donors* donors) {
  Canvas canvas = source;
  bool shared = true;  // the pixels are still the source's
  while (!steps.empty()) {
    const RowSteps rows = leading_row_steps(steps);
    if (rows.resample != nullptr || (rows.colours != nullptr && shared)) {
      PictureRows picture(canvas.pixels, rows.resample, rows.colours);
      canvas.pixels = to_picture(picture);
      if (rows.resample != nullptr) {
        for (MaskWindow& mask : canvas.masks) mask = resample_mask(mask, *rows.resample);
      }
      steps = steps.subspan(rows.count);
    } else {
      if (shared && changes_in_place(steps.front())) canvas.pixels = canvas.pixels.clone();
      std::visit([&](const auto& one) { do_step(one, canvas, donors); }, steps.front());
      steps = steps.subspan(1);
    }
    shared = false;
  }
  return canvas;
}

}  // namespace labelloom::augment
