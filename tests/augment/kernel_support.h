#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "tests/support/every_target.h"

namespace labelloom::augment {

/// Whole numbers that look like noise and are the same every time.
class Noise {
 public:
  explicit Noise(std::uint32_t seed) : state_(seed * 2654435761U + 1U) {}
  std::uint32_t operator()() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return state_;
  }
  int below(int limit) { return static_cast<int>((*this)() % static_cast<std::uint32_t>(limit)); }
  double in(double low, double high) { return low + (high - low) * ((*this)() / 4294967296.0); }

 private:
  std::uint32_t state_;
};

/// A picture whose memory ends with its last pixel, so that a sanitizer sees who reads on.
struct TightPicture {
  std::vector<std::uint8_t> bytes;
  cv::Mat mat;

  TightPicture(int width, int height, int type, std::uint32_t seed)
      : bytes(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
              static_cast<std::size_t>(CV_MAT_CN(type))),
        mat(height, width, type, bytes.data()) {
    Noise noise(seed);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(noise());
  }
};

/// Slow waves of colour, as photographs are made of.
inline cv::Mat smooth_picture(int width, int height) {
  cv::Mat bgr(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      bgr.at<cv::Vec3b>(y, x) = {
          cv::saturate_cast<std::uint8_t>(128 + 90 * std::sin(x / 17.0)),
          cv::saturate_cast<std::uint8_t>(128 + 90 * std::cos(y / 23.0)),
          cv::saturate_cast<std::uint8_t>((x + 2 * y) * 255 / (width + 2 * height))};
    }
  }
  return bgr;
}

/// The greatest difference of any channel of any pixel.
inline int greatest_difference(const cv::Mat& a, const cv::Mat& b) {
  EXPECT_EQ(a.size(), b.size());
  return static_cast<int>(cv::norm(a, b, cv::NORM_INF));
}

inline std::vector<std::uint8_t> bytes_of(const cv::Mat& mat) {
  std::vector<std::uint8_t> bytes;
  for (int row = 0; row < mat.rows; ++row) {
    const auto* line = mat.ptr<std::uint8_t>(row);
    bytes.insert(bytes.end(), line, line + static_cast<std::size_t>(mat.cols) * mat.elemSize());
  }
  return bytes;
}

}  // namespace labelloom::augment
