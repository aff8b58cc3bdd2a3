// Masks that are carried as the part of the frame they lie in: the same pixels as whole frames.

#include "augment/mask_window.h"

#include <cmath>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "augment/mask_pixels.h"
#include "augment/mask_warp.h"
#include "augment/resample.h"

namespace labelloom::augment {
namespace {

constexpr Size kFrame{300, 200};

/// A disc with a hole, at places up to the frame's corners.
cv::Mat disc(int number) {
  cv::Mat mask = cv::Mat::zeros(kFrame.height, kFrame.width, CV_8U);
  const cv::Point centre(number * 67 % 301, number * 41 % 201);
  cv::circle(mask, centre, 4 + number % 30, cv::Scalar(255), cv::FILLED);
  cv::circle(mask, centre, number % 7, cv::Scalar(0), cv::FILLED);
  return mask;
}

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

TEST(MaskWindow, HoldsTheMasksExtentOnly) {
  const Rle runs = mask_runs(disc(3));
  const MaskWindow mask = mask_window(runs);
  EXPECT_EQ(mask.rect.width, static_cast<int>(extent(runs).width));
  EXPECT_EQ(mask.pixels.size(), mask.rect.size());
  EXPECT_TRUE(same(whole_mask(mask), disc(3)));
}

TEST(MaskWindow, GivesTheRunsOfTheWholeFrame) {
  for (int number = 0; number < 60; ++number) {
    const cv::Mat whole = disc(number);
    const Rle expected = mask_runs(whole);
    EXPECT_EQ(mask_runs(mask_window(expected)), expected) << number;
    EXPECT_EQ(mask_runs(mask_window(whole)), expected) << number;
    EXPECT_EQ(mask_runs(tightened(mask_window(whole))), expected) << number;
  }
  for (const double value : {0.0, 255.0}) {
    const cv::Mat all(5, 4, CV_8U, cv::Scalar(value));
    EXPECT_EQ(mask_runs(mask_window(mask_runs(all))), mask_runs(all));
  }
}

TEST(MaskWindow, IsResampledToTheBitAsAWholeFrameIs) {
  const std::vector<Homography> maps{
      scaling(-1, 1) * translation(-kFrame.width, 0),
      {{0, 1, 0, 1, 0, 0, 0, 0, 1}},
      rotation(31) * translation(-20, 13),
      scaling(0.37, 0.61),
      scaling(2.3, 1.7) * rotation(-11),
      {{1.1, 0.2, -30, 0.1, 0.9, 5, 0.002, 0.001, 1}},
      {{1, 0.1, -9, -0.2, 1, 30, -0.004, 0.001, 1}},  // its horizon is in the frame
  };
  for (const Homography& map : maps) {
    Resample step{map, kFrame, {700, 350}, {}, {}};
    step.windows.push_back({translation(-100, -30), {400, 280}, {}});
    for (int number = 0; number < 60; ++number) {
      const cv::Mat whole = disc(number);
      const MaskWindow moved = resample_mask(mask_window(mask_runs(whole)), step);
      EXPECT_EQ(moved.frame, step.out);
      // The window of the whole frame is the frame.
      EXPECT_TRUE(same(whole_mask(moved), resample_mask(whole, step))) << number;
    }
  }
}

TEST(MaskWindow, IsWarpedToTheBitAsAWholeFrameIs) {
  cv::Mat x(kFrame.height, kFrame.width, CV_32F);
  cv::Mat y(kFrame.height, kFrame.width, CV_32F);
  for (int row = 0; row < x.rows; ++row) {
    for (int column = 0; column < x.cols; ++column) {
      // Many halves, which are rounded to even numbers.
      const double bend = std::round(8 * std::sin(row * 0.1) + 6 * std::cos(column * 0.07)) / 2;
      x.at<float>(row, column) = static_cast<float>(column + bend);
      y.at<float>(row, column) = static_cast<float>(row - bend * 1.37);
    }
  }
  const MaskWarp masks(x, y);
  for (int number = 0; number < 60; ++number) {
    const cv::Mat whole = disc(number);
    cv::Mat expected;
    cv::remap(whole, expected, x, y, cv::INTER_NEAREST, cv::BORDER_CONSTANT);
    EXPECT_TRUE(same(whole_mask(masks.warp(mask_window(mask_runs(whole)))), expected)) << number;
  }
}

}  // namespace
}  // namespace labelloom::augment
