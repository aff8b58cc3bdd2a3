#include "select/window.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::select {
namespace {

struct Interval {
  double low = 0;
  double high = 0;
};

struct Span {
  int from = 0;
  int to = 0;
  [[nodiscard]] int length() const { return to - from; }
};

int rounded_up(int value, int step) { return (value + step - 1) / step * step; }

/// One side of a window: `box` with its margins in an input of `limit` pixels.
Span side(Interval box, int limit, const WindowOptions& options) {
  const double length = box.high - box.low;
  const double wanted =
      std::max((1 + 2 * options.margin) * length, static_cast<double>(options.min_size));
  const double middle = (box.low + box.high) / 2;
  Interval region{middle - wanted / 2, middle + wanted / 2};
  if (options.border == WindowBorder::kShift) {
    const double shift =
        region.low < 0 ? -region.low : std::min(0.0, static_cast<double>(limit) - region.high);
    region = {region.low + shift, region.high + shift};
  }
  const int step = options.alignment;
  if (options.border != WindowBorder::kPad) {
    region = {std::max(region.low, 0.0), std::min(region.high, static_cast<double>(limit))};
  }
  return {static_cast<int>(std::floor(region.low / step)) * step,
          static_cast<int>(std::ceil(region.high / step)) * step};
}

/// The part of the box inside; its nearest point when it is outside.
Interval inside(double low, double high, int limit) {
  const auto end = static_cast<double>(limit);
  const double first = std::isnan(low) ? 0 : std::clamp(low, 0.0, end);
  const double last = std::isnan(high) ? 0 : std::clamp(high, first, end);
  // A line on the far border belongs to the last pixel.
  return {std::min(first, end - 1), std::max(last, std::min(first, end - 1))};
}

Size crop_size(const Span& x, const Span& y, const WindowOptions& options) {
  if (options.crop_size > 0) {
    const int size = rounded_up(options.crop_size, options.alignment);
    return {size, size};
  }
  const double longest = std::max(x.length(), y.length());
  const double zoom =
      std::clamp(options.min_size * options.max_zoom / longest, 1.0, options.max_zoom);
  const auto enlarged = [&](int length) {
    return rounded_up(static_cast<int>(std::lround(length * zoom)), options.alignment);
  };
  return {enlarged(x.length()), enlarged(y.length())};
}

int bucket_side(int length, int alignment) {
  constexpr std::array kSides{64, 96, 128, 192, 256, 384, 512};
  const auto* const found =
      std::ranges::find_if(kSides, [&](int side) { return rounded_up(side, alignment) >= length; });
  return rounded_up(found == kSides.end() ? length : *found, alignment);
}

Size bucket_of(Size crop, int alignment) {
  Size bucket{bucket_side(crop.width, alignment), bucket_side(crop.height, alignment)};
  // Long thin crops share the buckets of 1:2 and 2:1.
  bucket.width = std::max(bucket.width, rounded_up(bucket.height / 2, alignment));
  bucket.height = std::max(bucket.height, rounded_up(bucket.width / 2, alignment));
  return bucket;
}

}  // namespace

Window window_of(const Box& box, Size input, const WindowOptions& options) {
  const int step = options.alignment;
  if (input.width < 1 || input.height < 1 || input.width % step != 0 || input.height % step != 0) {
    throw Error(Errc::kArgument,
                {},
                fmt::format("an input of {} x {} pixels; expected multiples of {}",
                            input.width,
                            input.height,
                            step));
  }
  const Span x = side(inside(box.x, box.right(), input.width), input.width, options);
  const Span y = side(inside(box.y, box.bottom(), input.height), input.height, options);
  return {{x.from, y.from, x.length(), y.length()}, crop_size(x, y, options)};
}

Cells window_cells(const Window& window, int stride) {
  const Cells& px = window.pixels;
  if (stride < 1 || px.x % stride != 0 || px.y % stride != 0 || px.width % stride != 0 ||
      px.height % stride != 0) {
    throw Error(
        Errc::kArgument, {}, fmt::format("a stride of {} does not divide a window", stride));
  }
  return {px.x / stride, px.y / stride, px.width / stride, px.height / stride};
}

std::vector<CropBatch> batch_crops(std::span<const Window> windows,
                                   int alignment,
                                   std::int64_t max_pixels) {
  std::map<std::pair<int, int>, CropBatch> open;
  std::vector<CropBatch> batches;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const Size size = bucket_of(windows[i].crop, alignment);
    CropBatch& batch = open[{size.width, size.height}];
    batch.size = size;
    batch.crops.push_back({i, static_cast<int>(batch.crops.size())});
    const std::int64_t next = static_cast<std::int64_t>(batch.crops.size()) + 1;
    if (next * size.width * size.height > max_pixels) {
      batches.push_back(std::exchange(batch, {}));
    }
  }
  for (auto& [size, batch] : open) {
    if (!batch.crops.empty()) batches.push_back(std::move(batch));
  }
  return batches;
}

}  // namespace labelloom::select
