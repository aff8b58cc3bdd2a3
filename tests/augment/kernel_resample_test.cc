// Resampling by rows against an obvious one, a pixel at a time in double precision.

#include <cmath>
#include <optional>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "augment/pixel_plan.h"
#include "augment/resample.h"
#include "tests/augment/kernel_support.h"

namespace labelloom::augment {
namespace {

constexpr Rgb kFill{200, 100, 50};

Resample resampling(const Homography& in_from_out,
                    Size in,
                    Size out,
                    Interpolation interpolation = Interpolation::kLinear) {
  return {in_from_out, in, out, {interpolation, Border::kConstant, kFill}, {}};
}

double depth(const Homography& map, Point2d p) {
  return map.m[6] * p.x + map.m[7] * p.y + map.m[8];
}

std::array<double, 3> pixel_or_fill(const cv::Mat& bgr, double x, double y) {
  const bool in = x >= 0 && y >= 0 && x < bgr.cols && y < bgr.rows;
  if (!in) return {double(kFill.b), double(kFill.g), double(kFill.r)};
  const auto& p = bgr.at<cv::Vec3b>(static_cast<int>(y), static_cast<int>(x));
  return {double(p[0]), double(p[1]), double(p[2])};
}

/// The mixture of four pixels about `p` (continuous coordinates).
std::array<double, 3> mixture(const cv::Mat& bgr, Point2d p) {
  const double left = std::floor(p.x - 0.5);
  const double top = std::floor(p.y - 0.5);
  const double right_part = p.x - 0.5 - left;
  const double lower_part = p.y - 0.5 - top;
  std::array<double, 3> sum{};
  for (int dy = 0; dy < 2; ++dy) {
    for (int dx = 0; dx < 2; ++dx) {
      const double share =
          (dx == 1 ? right_part : 1 - right_part) * (dy == 1 ? lower_part : 1 - lower_part);
      const auto pixel = pixel_or_fill(bgr, left + dx, top + dy);
      for (std::size_t c = 0; c < 3; ++c) sum[c] += share * pixel[c];
    }
  }
  return sum;
}

/// Compares all pixels that are well on this side of the horizon. Positions are rounded to 1/128
/// pixel and then mixtures to whole levels: `tolerance` is for neighbours that differ by 255.
void expect_mixtures(const cv::Mat& in, const Resample& step, double tolerance) {
  const cv::Mat out = resample(in, step);
  ASSERT_EQ(out.cols, step.out.width);
  ASSERT_EQ(out.rows, step.out.height);
  for (int row = 0; row < out.rows; ++row) {
    for (int column = 0; column < out.cols; ++column) {
      const Point2d centre{column + 0.5, row + 0.5};
      if (depth(step.in_from_out, centre) < 0.05) continue;
      const auto expected = mixture(in, step.in_from_out(centre));
      const auto& pixel = out.at<cv::Vec3b>(row, column);
      for (int c = 0; c < 3; ++c) {
        ASSERT_NEAR(pixel[c], expected[static_cast<std::size_t>(c)], tolerance)
            << "at " << column << ", " << row;
      }
    }
  }
}

std::vector<Homography> maps() {
  const Homography tilted{{1.1, 0.1, -3, -0.05, 0.9, 2, 0.002, -0.001, 1}};
  return {
      about({30, 20}, rotation(17)),
      about({30, 20}, rotation(-123) * scaling(1.7, 0.4)),
      translation(0.5, 0.25),
      translation(-7.3, 11.9),
      scaling(-0.9, 1) * translation(-60, 0),
      scaling(0.01, 0.02) * translation(100, 70),
      scaling(9, 13),
      tilted,
      tilted * about({10, 10}, rotation(170)),
      {{1, 0, 0, 0, 1, 0, -0.03, 0, 1}},  // the horizon crosses the picture
  };
}

TEST(ResampleKernel, MixesTheFourPixelsAroundAPosition) {
  const TightPicture in(61, 43, CV_8UC3, 1);
  for (const Homography& map : maps()) {
    expect_mixtures(in.mat, resampling(map, {61, 43}, {300, 50}), 2.7);
  }
}

TEST(ResampleKernel, IsWithinOneLevelOnSmoothPictures) {
  const cv::Mat in = smooth_picture(320, 200);
  for (const double angle : {3.0, 40.0, 200.0}) {
    const Homography map = about({160, 100}, rotation(angle) * scaling(0.8, 0.7));
    Resample step = resampling(map, {320, 200}, {320, 200});
    const cv::Mat out = resample(in, step);
    for (int row = 0; row < out.rows; ++row) {
      for (int column = 0; column < out.cols; ++column) {
        const Point2d p = map({column + 0.5, row + 0.5});
        if (p.x < 1 || p.y < 1 || p.x > 319 || p.y > 199) continue;
        const auto expected = mixture(in, p);
        const auto& pixel = out.at<cv::Vec3b>(row, column);
        for (int c = 0; c < 3; ++c) {
          ASSERT_NEAR(pixel[c], expected[static_cast<std::size_t>(c)], 0.6);
        }
      }
    }
  }
}

TEST(ResampleKernel, AgreesWithOpenCvOnSmoothPictures) {
  const cv::Mat in = smooth_picture(640, 480);
  const Homography map = about({320, 240}, rotation(12) * scaling(1.1, 0.9));
  const Homography centred = to_pixel_centres(map);
  Resample step = resampling(map, {640, 480}, {640, 480});
  cv::Mat expected;
  cv::warpAffine(in,
                 expected,
                 cv::Matx33d(centred.m.data()).get_minor<2, 3>(0, 0),
                 in.size(),
                 cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_CONSTANT,
                 cv::Scalar(kFill.b, kFill.g, kFill.r));
  cv::Mat difference;
  cv::absdiff(resample(in, step), expected, difference);
  // At the picture's edge the fill is a sharp step, and OpenCV rounds positions to 1/32.
  cv::Mat inner(in.size(), CV_8U, cv::Scalar(255));
  step.sampling.fill = {};
  inner = resample_mask(inner, step);
  cv::erode(inner, inner, cv::Mat::ones(5, 5, CV_8U));
  cv::Mat shown;
  difference.copyTo(shown, inner);
  EXPECT_LE(cv::norm(shown, cv::NORM_INF), 2);
  EXPECT_LE(cv::mean(difference)[0], 0.3);
}

TEST(ResampleKernel, TakesTheNearestPixel) {
  const TightPicture in(61, 43, CV_8UC3, 2);
  const TightPicture mask(61, 43, CV_8U, 3);
  for (const Homography& map : maps()) {
    const Resample step = resampling(map, {61, 43}, {290, 50}, Interpolation::kNearest);
    const cv::Mat out = resample(in.mat, step);
    const cv::Mat out_mask = resample_mask(mask.mat, step);
    for (int row = 0; row < out.rows; ++row) {
      for (int column = 0; column < out.cols; ++column) {
        const Point2d centre{column + 0.5, row + 0.5};
        if (depth(map, centre) < 0.05) continue;
        const Point2d p = map(centre);
        const double to_edge =
            std::min(std::abs(p.x - std::round(p.x)), std::abs(p.y - std::round(p.y)));
        if (to_edge < 1e-3) continue;  // either pixel is right
        const auto expected = pixel_or_fill(in.mat, p.x, p.y);
        const auto& pixel = out.at<cv::Vec3b>(row, column);
        for (int c = 0; c < 3; ++c) {
          ASSERT_EQ(pixel[c], expected[static_cast<std::size_t>(c)]) << column << ", " << row;
        }
        const bool inside = p.x >= 0 && p.y >= 0 && p.x < 61 && p.y < 43;
        ASSERT_EQ(
            out_mask.at<std::uint8_t>(row, column),
            inside ? mask.mat.at<std::uint8_t>(static_cast<int>(p.y), static_cast<int>(p.x)) : 0);
      }
    }
  }
}

TEST(ResampleKernel, ShowsFillBeyondTheHorizon) {
  const TightPicture in(50, 40, CV_8UC3, 4);
  const Homography map{{1, 0, 0, 0, 1, 0, -0.05, 0, 1}};  // w = 0 at x = 20
  const cv::Mat out = resample(in.mat, resampling(map, {50, 40}, {50, 40}));
  for (int column = 20; column < 50; ++column) {
    EXPECT_EQ(out.at<cv::Vec3b>(10, column), cv::Vec3b(kFill.b, kFill.g, kFill.r));
  }
}

TEST(ResampleKernel, ExactMovesAreOpenCvsFlipsAndTurns) {
  const TightPicture in(37, 300, CV_8UC3, 5);
  const auto moved = [&](const Homography& in_from_out, Size out) {
    return resample(in.mat, resampling(in_from_out, {37, 300}, out));
  };
  cv::Mat expected;
  cv::flip(in.mat, expected, 1);
  EXPECT_EQ(greatest_difference(moved({{-1, 0, 37, 0, 1, 0, 0, 0, 1}}, {37, 300}), expected), 0);
  cv::flip(in.mat, expected, 0);
  EXPECT_EQ(greatest_difference(moved({{1, 0, 0, 0, -1, 300, 0, 0, 1}}, {37, 300}), expected), 0);
  cv::flip(in.mat, expected, -1);
  EXPECT_EQ(greatest_difference(moved({{-1, 0, 37, 0, -1, 300, 0, 0, 1}}, {37, 300}), expected), 0);
  cv::transpose(in.mat, expected);
  EXPECT_EQ(greatest_difference(moved({{0, 1, 0, 1, 0, 0, 0, 0, 1}}, {300, 37}), expected), 0);
  cv::rotate(in.mat, expected, cv::ROTATE_90_CLOCKWISE);
  EXPECT_EQ(greatest_difference(moved({{0, 1, 0, -1, 0, 300, 0, 0, 1}}, {300, 37}), expected), 0);
  cv::copyMakeBorder(in.mat(cv::Rect(0, 7, 30, 293)),
                     expected,
                     0,
                     4,
                     5,
                     0,
                     cv::BORDER_CONSTANT,
                     cv::Scalar(kFill.b, kFill.g, kFill.r));
  EXPECT_EQ(greatest_difference(moved(translation(-5, 7), {35, 297}), expected), 0);
}

TEST(ResampleKernel, ExactMovesContinueOtherBordersAsOpenCvDoes) {
  const TightPicture in(20, 10, CV_8UC3, 6);
  for (const Border border : {Border::kReplicate, Border::kReflect, Border::kReflect101}) {
    Resample step = resampling(translation(-4, -3), {20, 10}, {27, 15});
    step.sampling.border = border;
    cv::Mat expected;
    cv::copyMakeBorder(in.mat, expected, 3, 2, 4, 3, static_cast<int>(border));
    EXPECT_EQ(greatest_difference(resample(in.mat, step), expected), 0);
  }
}

TEST(ResampleKernel, PaintsWhatIsOutsideOfWindowsInTheirOrder) {
  const TightPicture in(40, 30, CV_8UC3, 7);
  Resample step = resampling(about({20, 15}, rotation(10)), {40, 30}, {40, 30});
  step.windows = {{about({20, 15}, rotation(30)), {40, 25}, {1, 2, 3}},
                  {translation(-3, -2), {30, 24}, {4, 5, 6}}};
  for (const Interpolation interpolation : {Interpolation::kLinear, Interpolation::kCubic}) {
    step.sampling.interpolation = interpolation;
    Resample without = step;
    without.windows.clear();
    const cv::Mat plain = resample(in.mat, without);
    const cv::Mat out = resample(in.mat, step);
    for (int row = 0; row < 30; ++row) {
      for (int column = 0; column < 40; ++column) {
        auto expected = plain.at<cv::Vec3b>(row, column);
        for (const Window& window : step.windows) {
          const Point2d p = window.frame_from_out({column + 0.5, row + 0.5});
          const bool seen =
              p.x >= 0 && p.y >= 0 && p.x < window.frame.width && p.y < window.frame.height;
          if (!seen) expected = {window.fill.b, window.fill.g, window.fill.r};
        }
        ASSERT_EQ(out.at<cv::Vec3b>(row, column), expected) << column << ", " << row;
      }
    }
  }
}

TEST(ResampleKernel, AnySizeUnderAnyMapStaysInsideThePicture) {
  Noise noise(8);
  const auto huge_or_tiny = [&] { return std::pow(10.0, noise.in(-7, 7)); };
  constexpr std::array<int, 8> kSides{1, 2, 3, 4, 5, 17, 256, 257};
  const auto side = [&] { return kSides[static_cast<std::size_t>(noise.below(8))]; };
  for (int i = 0; i < 600; ++i) {
    const Size size{side(), side()};
    const TightPicture in(size.width, size.height, CV_8UC3, noise());
    const TightPicture mask(size.width, size.height, CV_8U, noise());
    Homography map = about({noise.in(-5, 300), noise.in(-5, 300)}, rotation(noise.in(-180, 180)));
    if (i % 2 == 0) map = scaling(huge_or_tiny(), huge_or_tiny()) * map;
    if (i % 3 == 0) map.m[6] = noise.in(-1, 1) * huge_or_tiny() / 1e3;
    if (i % 5 == 0) map.m[8] = noise.in(-1, 1);
    if (i % 97 == 0) map.m[static_cast<std::size_t>(i % 9)] = std::nan("");
    if (i % 89 == 0) map.m[static_cast<std::size_t>(i % 9)] = HUGE_VAL;
    for (const auto interpolation : {Interpolation::kLinear, Interpolation::kNearest}) {
      const Resample step = resampling(map, size, {side(), side()}, interpolation);
      const auto both = [&] {
        std::vector<std::uint8_t> bytes = bytes_of(resample(in.mat, step));
        const std::vector<std::uint8_t> more = bytes_of(resample_mask(mask.mat, step));
        bytes.insert(bytes.end(), more.begin(), more.end());
        return bytes;
      };
      expect_same_on_every_target(both);
    }
  }
}

TEST(ResampleKernel, EveryTargetGivesTheSameBytes) {
  const TightPicture in(701, 503, CV_8UC3, 9);
  for (const Homography& map : maps()) {
    const Resample step = resampling(scaling(10, 10) * map, {701, 503}, {640, 40});
    expect_same_on_every_target([&] { return bytes_of(resample(in.mat, step)); });
  }
}

}  // namespace
}  // namespace labelloom::augment
