#include "apps/window_crops.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <torch/torch.h>

namespace labelloom::apps {
namespace {

namespace F = torch::nn::functional;
using select::Cells;
using select::Window;

torch::Tensor resized(const torch::Tensor& image, std::int64_t height, std::int64_t width) {
  return F::interpolate(image,
                        F::InterpolateFuncOptions()
                            .size(std::vector<std::int64_t>{height, width})
                            .mode(torch::kBilinear)
                            .align_corners(false));
}

/// [1,3,height,width] the window's pixels, zero outside the picture.
torch::Tensor cut(const torch::Tensor& images, int picture, const Cells& pixels) {
  const torch::Tensor image = images.narrow(0, picture, 1);
  const auto width = static_cast<int>(images.size(3));
  const auto height = static_cast<int>(images.size(2));
  const int left = std::max(pixels.x, 0);
  const int top = std::max(pixels.y, 0);
  const int right = std::min(pixels.right(), width);
  const int bottom = std::min(pixels.bottom(), height);
  torch::Tensor inside = image.narrow(2, top, bottom - top).narrow(3, left, right - left);
  if (inside.size(2) == pixels.height && inside.size(3) == pixels.width) return inside;
  torch::Tensor padded =
      torch::zeros({1, images.size(1), pixels.height, pixels.width}, images.options());
  padded.narrow(2, top - pixels.y, bottom - top)
      .narrow(3, left - pixels.x, right - left)
      .copy_(inside);
  return padded;
}

bool is_native(const Window& window) {
  return window.crop == Size{window.pixels.width, window.pixels.height};
}

/// The crops of one batch, [n,3,H,W], with as many empty ones behind them as it has room for.
torch::Tensor gathered(const torch::Tensor& images,
                       const select::CropBatch& batch,
                       std::span<const PictureWindow> windows,
                       std::int64_t max_pixels) {
  const std::int64_t area = std::int64_t{batch.size.width} * batch.size.height;
  torch::Tensor crops = torch::zeros({std::max<std::int64_t>(1, max_pixels / area),
                                      images.size(1),
                                      batch.size.height,
                                      batch.size.width},
                                     images.options());
  for (const select::Placed& placed : batch.crops) {
    const PictureWindow& own = windows[placed.window];
    const Size crop = own.window.crop;
    torch::Tensor pixels = cut(images, own.picture, own.window.pixels);
    if (!is_native(own.window)) pixels = resized(pixels, crop.height, crop.width);
    crops.narrow(0, placed.crop, 1)
        .narrow(2, 0, crop.height)
        .narrow(3, 0, crop.width)
        .copy_(pixels);
  }
  return crops;
}

/// The windows that differ, and for each window which of them it is.
struct Distinct {
  std::vector<PictureWindow> windows;
  std::vector<std::size_t> index;

  explicit Distinct(std::span<const PictureWindow> all) {
    std::map<std::tuple<int, int, int, int, int>, std::size_t> known;
    for (const PictureWindow& window : all) {
      const Cells& px = window.window.pixels;
      const auto [found, is_new] = known.emplace(
          std::tuple(window.picture, px.x, px.y, px.width, px.height), windows.size());
      if (is_new) windows.push_back(window);
      index.push_back(found->second);
    }
  }
};

}  // namespace

CroppedLogits segment_windows(FixedBatches& model,
                              const torch::Tensor& images,
                              const torch::Tensor& logits,
                              int stride,
                              std::span<const PictureWindow> windows,
                              int alignment) {
  const Distinct distinct(windows);
  const Cells whole{0, 0, static_cast<int>(images.size(3)), static_cast<int>(images.size(2))};
  CroppedLogits result;
  result.batches.push_back(logits);
  std::vector<CropPlace> places(distinct.windows.size());
  std::vector<PictureWindow> cropped;
  std::vector<std::size_t> numbers;  // of `cropped` among the distinct ones
  for (std::size_t i = 0; i < distinct.windows.size(); ++i) {
    const PictureWindow& own = distinct.windows[i];
    places[i].window = select::window_cells(own.window, stride);
    if (own.window.pixels == whole && is_native(own.window)) {
      places[i].crop = own.picture;
      continue;
    }
    cropped.push_back(own);
    numbers.push_back(i);
  }
  std::vector<Window> sizes;
  sizes.reserve(cropped.size());
  for (const PictureWindow& own : cropped) sizes.push_back(own.window);
  result.crops = cropped.size();
  const std::int64_t max_pixels = model.crop_pixels();
  for (const select::CropBatch& batch : select::batch_crops(sizes, alignment, max_pixels)) {
    const torch::Tensor segmented =
        model.predictor().segment(gathered(images, batch, cropped, max_pixels));
    const auto number = static_cast<int>(result.batches.size());
    bool is_used = false;
    for (const select::Placed& placed : batch.crops) {
      CropPlace& place = places[numbers[placed.window]];
      const Window& window = sizes[placed.window];
      if (is_native(window)) {
        place.batch = number;
        place.crop = placed.crop;
        is_used = true;
      }
    }
    if (is_used)
      result.batches.push_back(
          segmented.narrow(0, 0, static_cast<std::int64_t>(batch.crops.size())));
    for (const select::Placed& placed : batch.crops) {
      const Window& window = sizes[placed.window];
      if (is_native(window)) continue;
      // Logits are brought back to the window's cells, not masks: those would have ragged edges.
      CropPlace& place = places[numbers[placed.window]];
      const torch::Tensor own = segmented.narrow(0, placed.crop, 1)
                                    .narrow(2, 0, window.crop.height / stride)
                                    .narrow(3, 0, window.crop.width / stride);
      place.batch = static_cast<int>(result.batches.size());
      result.batches.push_back(resized(own, place.window.height, place.window.width));
    }
  }
  for (const std::size_t index : distinct.index) result.places.push_back(places[index]);
  return result;
}

}  // namespace labelloom::apps
