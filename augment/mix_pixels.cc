#include "augment/mix_pixels.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <opencv2/imgproc.hpp>

#include "augment/mask_window.h"
#include "augment/mix_labels.h"
#include "augment/resample.h"
#include "formats/rle.h"

namespace labelloom::augment {
namespace {

Resample to_frame(const Homography& out_from_in, Size in, Size out) {
  return {inverse(out_from_in), in, out, {}, {}};
}
Resample to_frame(const Homography& out_from_in, const cv::Mat& in, Size out) {
  return to_frame(out_from_in, Size{in.cols, in.rows}, out);
}

cv::Rect rect_of(const PixelRect& r) { return {r.x, r.y, r.width, r.height}; }

/// A donor's mask; nothing of it if it has not the size of its picture.
std::optional<MaskWindow> donated_mask(const Instance& instance, Size donor) {
  const Rle* mask = instance.mask();
  if (mask == nullptr) return std::nullopt;
  if (mask->size == donor) return mask_window(*mask);
  return MaskWindow{donor, {}, {}};
}

MaskWindow mask_in_cell(const MaskWindow& mask, const Collage::Cell& cell, Size out) {
  const Homography rect_from_in = translation(-cell.rect.x, -cell.rect.y) * cell.view.out_from_in;
  const Size size{cell.rect.width, cell.rect.height};
  MaskWindow moved = resample_mask(mask, to_frame(rect_from_in, mask.frame, size));
  moved.frame = out;
  moved.rect += rect_of(cell.rect).tl();
  return moved;
}

void add_masks(std::span<const Instance* const> instances,
               Size donor,
               const Homography& out_from_in,
               Size out,
               Canvas& canvas) {
  for (const Instance* instance : instances) {
    const auto mask = donated_mask(*instance, donor);
    if (mask) canvas.masks.push_back(resample_mask(*mask, to_frame(out_from_in, donor, out)));
  }
}

/// Where a donor's instance lands: its rings, moved and painted, or its mask, moved.
MaskWindow landing(const Instance& instance, Size donor, const Homography& out_from_in, Size out) {
  const auto mask = donated_mask(instance, donor);
  if (mask) return resample_mask(*mask, to_frame(out_from_in, donor, out));
  Rings rings = clip_to_frame(instance.rings, donor);  // no pixels beyond
  for (Point2d& point : rings.points()) point = out_from_in(point);
  return mask_window(rasterise(clip_to_frame(rings, out), out));
}

}  // namespace

void render(const Collage& effect, Canvas& canvas, const Donors& donors) {
  const cv::Scalar fill(effect.fill.b, effect.fill.g, effect.fill.r);
  cv::Mat out(effect.out.height, effect.out.width, CV_8UC3, fill);
  std::vector<MaskWindow> own(canvas.masks.size(), MaskWindow{effect.out, {}, {}});
  Canvas result{out, std::move(own)};
  for (const Collage::Cell& cell : effect.cells) {
    const bool self = cell.view.image == View::kSelf;
    const cv::Mat pixels = self ? canvas.pixels : donors.pixels(cell.view.image);
    // Cells that an image does not fill keep the fill colour.
    Resample step = to_frame(translation(-cell.rect.x, -cell.rect.y) * cell.view.out_from_in,
                             pixels,
                             {cell.rect.width, cell.rect.height});
    step.sampling.fill = effect.fill;
    resample(pixels, step).copyTo(out(rect_of(cell.rect)));
    if (self) {
      for (std::size_t i = 0; i < canvas.masks.size(); ++i) {
        result.masks[i] = mask_in_cell(canvas.masks[i], cell, effect.out);
      }
      continue;
    }
    for (const Instance* instance : donors.instances(cell.view.image)) {
      const auto mask = donated_mask(*instance, donors.size(cell.view.image));
      if (mask) result.masks.push_back(mask_in_cell(*mask, cell, effect.out));
    }
  }
  canvas = std::move(result);
}

void render(const Blend& effect, Canvas& canvas, const Donors& donors) {
  const Size out{canvas.pixels.cols, canvas.pixels.rows};
  const cv::Mat other = donors.pixels(effect.other.image);
  const cv::Mat moved = resample(other, to_frame(effect.other.out_from_in, other, out));
  cv::addWeighted(canvas.pixels, 1 - effect.share, moved, effect.share, 0, canvas.pixels);
  const Size donor = donors.size(effect.other.image);
  add_masks(donors.instances(effect.other.image), donor, effect.other.out_from_in, out, canvas);
}

void render(const Paste& effect, Canvas& canvas, const Donors& donors) {
  const Size out{canvas.pixels.cols, canvas.pixels.rows};
  const std::vector<const Instance*> instances = chosen(effect, donors);
  const Size donor = donors.size(effect.other.image);
  cv::Mat cover = cv::Mat::zeros(out.height, out.width, CV_8U);
  for (const Instance* instance : instances) {
    const MaskWindow landed = landing(*instance, donor, effect.other.out_from_in, out);
    if (!landed.rect.empty()) cover(landed.rect) |= landed.pixels;
  }
  const cv::Mat other = donors.pixels(effect.other.image);
  const cv::Mat moved = resample(other, to_frame(effect.other.out_from_in, other, out));
  if (effect.edge_sigma > 0) {
    cv::Mat soft;
    cv::GaussianBlur(cover, soft, {}, effect.edge_sigma);
    for (int row = 0; row < out.height; ++row) {
      auto* to = canvas.pixels.ptr<std::uint8_t>(row);
      const auto* from = moved.ptr<std::uint8_t>(row);
      const auto* share = soft.ptr<std::uint8_t>(row);
      for (int i = 0; i < 3 * out.width; ++i) {
        const int weight = share[i / 3];
        to[i] = static_cast<std::uint8_t>((to[i] * (255 - weight) + from[i] * weight + 127) / 255);
      }
    }
  } else {
    moved.copyTo(canvas.pixels, cover);
  }
  for (MaskWindow& mask : canvas.masks) {
    if (!mask.rect.empty()) mask.pixels.setTo(0, cover(mask.rect));
  }
  add_masks(instances, donor, effect.other.out_from_in, out, canvas);
}

}  // namespace labelloom::augment
