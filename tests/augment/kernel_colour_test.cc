// Colour changes by rows against obvious ones, a pixel at a time in double precision.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "augment/colour_pass.h"
#include "tests/augment/kernel_support.h"

namespace labelloom::augment {
namespace {

using Colour = std::array<double, 3>;  // red, green, blue

/// Every 5th level of every channel, and a width that no vector divides.
cv::Mat all_colours() {
  constexpr int kLevels = 52;
  cv::Mat bgr(kLevels * 8, kLevels * kLevels / 8 + 3, CV_8UC3, cv::Scalar(1, 2, 3));
  int i = 0;
  for (int b = 0; b < kLevels; ++b) {
    for (int g = 0; g < kLevels; ++g) {
      for (int r = 0; r < kLevels; ++r, ++i) {
        bgr.at<cv::Vec3b>(i / (bgr.cols - 3), i % (bgr.cols - 3)) =
            cv::Vec3b(static_cast<std::uint8_t>(b * 5),
                      static_cast<std::uint8_t>(g * 5),
                      static_cast<std::uint8_t>(r * 5));
      }
    }
  }
  return bgr;
}

/// Expects each channel to be `change`, rounded; where that is no farther than `doubt` from half a
/// level, either neighbour will do.
template <typename Change>
void expect_rounded(const ColourStage& stage, double doubt, Change&& change) {
  const cv::Mat in = all_colours();
  cv::Mat out = in.clone();
  apply({{stage}}, out);
  for (int row = 0; row < in.rows; ++row) {
    for (int column = 0; column < in.cols; ++column) {
      const auto& from = in.at<cv::Vec3b>(row, column);
      const Colour expected = change({double(from[2]), double(from[1]), double(from[0])});
      const auto& to = out.at<cv::Vec3b>(row, column);
      for (int c = 0; c < 3; ++c) {
        ASSERT_NEAR(to[2 - c], expected[static_cast<std::size_t>(c)], 0.5 + doubt)
            << int(from[2]) << ' ' << int(from[1]) << ' ' << int(from[0]) << " channel " << c;
      }
    }
  }
}

/// The textbook's conversion to HSV and back (Smith 1978).
Colour shifted(const HsvShift& shift, const Colour& rgb) {
  const auto [r, g, b] = rgb;
  const double high = std::max({r, g, b});
  const double chroma = high - std::min({r, g, b});
  double hue = 0;
  if (chroma > 0) {
    if (high == r) {
      hue = (g - b) / chroma;
    } else if (high == g) {
      hue = 2 + (b - r) / chroma;
    } else {
      hue = 4 + (r - g) / chroma;
    }
  }
  double saturation = high > 0 ? 255 * chroma / high : 0;
  hue += shift.hue / 30;
  hue -= 6 * std::floor(hue / 6);
  if (chroma > 0) saturation = std::clamp(saturation + shift.saturation, 0.0, 255.0);
  const double value = std::clamp(high + shift.value, 0.0, 255.0);
  const auto channel = [&](double n) {
    const double k = std::fmod(n + hue, 6);
    return value - value * (saturation / 255) * std::clamp(std::min(k, 4 - k), 0.0, 1.0);
  };
  return {channel(5), channel(3), channel(1)};
}

const std::vector<HsvShift> kShifts{{0, 0, 0},
                                    {20, 30, 20},
                                    {-20, -30, -20},
                                    {29.9, 0, 0},
                                    {30, 0, 0},
                                    {-0.001, 12.3, -4.5},
                                    {90, 255, 255},
                                    {179.5, -255, 0},
                                    {1000, 5, -255}};

TEST(ColourKernel, HsvShiftsErrByLessThanATwentiethOfALevel) {
  for (const HsvShift& shift : kShifts) {
    expect_rounded(shift, 0.05, [&](const Colour& rgb) { return shifted(shift, rgb); });
  }
}

TEST(ColourKernel, NoHsvShiftChangesNothing) {
  const cv::Mat in = all_colours();
  cv::Mat out = in.clone();
  apply({{HsvShift{}}}, out);
  EXPECT_EQ(greatest_difference(in, out), 0);
}

TEST(ColourKernel, MatricesAreExactToRounding) {
  const ColourMatrix sepia{{.393, .769, .189, 0, .349, .686, .168, 0, .272, .534, .131, 0}};
  const ColourMatrix wild{{-1.5, 2, 0.7, 40, 0.1, 0.2, -3, 300.25, 0, 0, 0, -5}};
  for (const ColourMatrix& matrix : {sepia, wild, ColourMatrix{}}) {
    expect_rounded(matrix, 0.0005, [&](const Colour& rgb) {
      Colour out{};
      for (std::size_t i = 0; i < 3; ++i) {
        const double* m = &matrix.m[i * 4];
        out[i] = std::clamp(m[0] * rgb[0] + m[1] * rgb[1] + m[2] * rgb[2] + m[3], 0.0, 255.0);
      }
      return out;
    });
  }
}

ToneTable noisy_table() {
  ToneTable table;
  Noise noise(3);
  for (auto& channel : table.bgr) {
    for (auto& level : channel) level = static_cast<std::uint8_t>(noise());
  }
  return table;
}

TEST(ColourKernel, TablesAreLookedUpByChannel) {
  const ToneTable table = noisy_table();
  const cv::Mat in = all_colours();
  cv::Mat out = in.clone();
  apply({{table}}, out);
  for (int row = 0; row < in.rows; ++row) {
    for (int column = 0; column < in.cols; ++column) {
      for (int c = 0; c < 3; ++c) {
        ASSERT_EQ(out.at<cv::Vec3b>(row, column)[c],
                  table.bgr[static_cast<std::size_t>(c)][in.at<cv::Vec3b>(row, column)[c]]);
      }
    }
  }
}

TEST(ColourKernel, EveryTargetGivesTheSameBytes) {
  for (const HsvShift& shift : kShifts) {
    const ColourPass pass{{noisy_table(), shift, ColourMatrix{{.3, .7, .1, 3}}, noisy_table()}};
    expect_same_on_every_target([&] {
      cv::Mat out = all_colours();
      apply(pass, out);
      return bytes_of(out);
    });
  }
}

}  // namespace
}  // namespace labelloom::augment
