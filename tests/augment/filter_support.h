#pragma once

// Runs one transform by its name on a picture.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "augment/pixel_plan.h"
#include "augment/registry.h"
#include "augment/render.h"

namespace labelloom::augment {

struct FilterCase {
  std::string name;
  Setting::Members members = {};
  Dialect dialect = Dialect::kLabelLoom;
};

/// What the transform draws for a picture of that size. Every parameter must be known to it.
inline Draw drawn(const FilterCase& test_case, cv::Size size, std::uint64_t seed = 1) {
  const TransformEntry* entry = find_transform(test_case.name);
  if (entry == nullptr) {
    ADD_FAILURE() << "no transform " << test_case.name;
    return {};
  }
  Settings settings(test_case.members);
  if (entry->adapt != nullptr) entry->adapt(settings, test_case.dialect);
  std::vector<std::string> known;
  const auto transform = entry->make(settings, test_case.name, known);
  for (const auto& member : settings.members()) {
    EXPECT_NE(std::ranges::find(known, member.first), known.end()) << member.first;
  }
  Random random(RandomKey{.seed = seed});
  Draw draw;
  transform->draw(
      Scene{.size = {size.width, size.height}, .boxes = {}, .donors = nullptr}, random, draw);
  return draw;
}

inline cv::Mat filtered(const FilterCase& test_case, const cv::Mat& in, std::uint64_t seed = 1) {
  Draw draw = drawn(test_case, in.size(), seed);
  const Size size{in.cols, in.rows};
  const Plan plan{size, size, {{test_case.name, draw.notes(), draw.effects()}}};
  return render(plan_pixels(plan, Fusion::kFull), {in, {}}, nullptr).pixels;
}

inline Setting text(const char* value) { return {std::string(value)}; }

inline cv::Mat grey(cv::Size size, int level) {
  return cv::Mat(size, CV_8UC3, cv::Scalar::all(level));
}

/// A coloured picture with edges, gradients and texture.
inline cv::Mat test_card(cv::Size size = {96, 64}) {
  cv::Mat card(size, CV_8UC3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const int step = (x / 12 + y / 8) % 2 == 0 ? 60 : 0;
      card.at<cv::Vec3b>(y, x) = {cv::saturate_cast<std::uint8_t>(40 + x + step),
                                  cv::saturate_cast<std::uint8_t>(30 + 2 * y + step),
                                  cv::saturate_cast<std::uint8_t>(160 - x + (x * y) % 23)};
    }
  }
  return card;
}

/// A white pixel in the middle of black.
inline cv::Mat impulse(cv::Size size) {
  cv::Mat picture = grey(size, 0);
  picture.at<cv::Vec3b>(size.height / 2, size.width / 2) = {255, 255, 255};
  return picture;
}

inline int level(const cv::Mat& bgr, int x, int y) { return bgr.at<cv::Vec3b>(y, x)[1]; }

inline double largest_difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_INF);
}

inline ::testing::AssertionResult same(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() != b.size() || a.type() != b.type()) {
    return ::testing::AssertionFailure() << "of another size or type";
  }
  const double difference = largest_difference(a, b);
  if (difference == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "they differ by up to " << difference;
}

}  // namespace labelloom::augment
