#include "augment/kernel.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "augment/rounded.h"

namespace labelloom::augment {
namespace {

cv::Mat with_margin(const cv::Mat& bgr, int x, int y) {
  cv::Mat wide;
  cv::copyMakeBorder(bgr, wide, y, y, x, x, cv::BORDER_REFLECT_101);
  return wide;
}

}  // namespace

int draw_odd(const IntRange& range, Random& random) {
  const std::int64_t low = std::max<std::int64_t>(3, range.low | 1);
  const std::int64_t high = std::max(low, range.high | 1);
  return static_cast<int>(low + 2 * random.integer(0, (high - low) / 2));
}

void spread(cv::Mat& bgr, std::span<const PixelOffset> offsets) {
  int reach_x = 0;
  int reach_y = 0;
  for (const PixelOffset& offset : offsets) {
    reach_x = std::max(reach_x, std::abs(offset.x));
    reach_y = std::max(reach_y, std::abs(offset.y));
  }
  const cv::Mat wide = with_margin(bgr, reach_x, reach_y);
  const auto count = static_cast<unsigned>(offsets.size());
  std::vector<std::uint16_t> sums(static_cast<std::size_t>(bgr.cols) * 3);
  for (int y = 0; y < bgr.rows; ++y) {
    std::ranges::fill(sums, std::uint16_t{0});
    for (const PixelOffset& offset : offsets) {
      const auto* from = wide.ptr<std::uint8_t>(y + reach_y - offset.y, reach_x - offset.x);
      for (std::size_t i = 0; i < sums.size(); ++i) {
        sums[i] = static_cast<std::uint16_t>(sums[i] + from[i]);
      }
    }
    std::ranges::transform(sums, bgr.ptr<std::uint8_t>(y), [count](unsigned sum) {
      return static_cast<std::uint8_t>((sum + count / 2) / count);
    });
  }
}

void correlate(cv::Mat& bgr, const std::array<double, 9>& kernel) {
  constexpr double kUnit = 4096;
  const double total = std::accumulate(kernel.begin(), kernel.end(), 0.0);
  cv::Matx33f weights;
  double left = std::round(total * kUnit);
  for (int i = 0; i < 9; ++i) {
    if (i == 4) continue;
    const double weight = std::round(kernel[static_cast<std::size_t>(i)] * kUnit);
    weights.val[i] = static_cast<float>(weight / kUnit);
    left -= weight;
  }
  weights.val[4] = static_cast<float>(left / kUnit);
  const cv::Mat in = bgr.clone();
  cv::filter2D(in, bgr, -1, weights, {-1, -1}, 0, cv::BORDER_REFLECT_101);
}

cv::Mat disc_mean(const cv::Mat& bgr, int radius) {
  const cv::Mat wide = with_margin(bgr, radius, radius);
  const std::size_t side = 2 * static_cast<std::size_t>(radius) + 1;
  std::vector<int> half(side);  // half the disc's width, by row
  int area = 0;
  for (std::size_t row = 0; row < side; ++row) {
    const int dy = static_cast<int>(row) - radius;
    const int width = static_cast<int>(std::sqrt(radius * radius - dy * dy));
    half[row] = width;
    area += 2 * width + 1;
  }
  // Sums of whole rows from the left, for the rows under the disc: a run of a row is a difference.
  const auto length = (static_cast<std::size_t>(wide.cols) + 1) * 3;
  std::vector<std::vector<std::int32_t>> ring(side, std::vector<std::int32_t>(length, 0));
  const auto sum_row = [&](int y) {
    std::vector<std::int32_t>& sums = ring[static_cast<std::size_t>(y) % side];
    const auto* from = wide.ptr<std::uint8_t>(y);
    for (std::size_t i = 3; i < length; ++i) sums[i] = sums[i - 3] + from[i - 3];
  };
  for (int y = 0; y < 2 * radius; ++y) sum_row(y);
  cv::Mat out(bgr.size(), CV_16UC3);
  std::vector<std::int32_t> sums(static_cast<std::size_t>(bgr.cols) * 3);
  const float scale = 256.0F / static_cast<float>(area);
  for (int y = 0; y < bgr.rows; ++y) {
    sum_row(y + 2 * radius);
    std::ranges::fill(sums, 0);
    for (std::size_t k = 0; k < side; ++k) {
      const auto& row = ring[(static_cast<std::size_t>(y) + k) % side];
      const std::int32_t* left = row.data() + std::ptrdiff_t{3} * (radius - half[k]);
      const std::int32_t* right = row.data() + std::ptrdiff_t{3} * (radius + half[k] + 1);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += right[i] - left[i];
    }
    std::ranges::transform(sums, out.ptr<std::uint16_t>(y), [scale](std::int32_t sum) {
      return rounded<std::uint16_t>(static_cast<float>(sum) * scale);
    });
  }
  return out;
}

}  // namespace labelloom::augment
