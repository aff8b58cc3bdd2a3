#pragma once

// One transform with fixed settings, on a small picture.

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/pixel_plan.h"
#include "augment/registry.h"
#include "augment/render.h"

namespace labelloom::augment {

/// A list of numbers, as files have it.
inline Setting numbers(const std::vector<double>& values) { return to_setting(values); }

/// The settings as our own dialect has them.
inline Settings adapted(const std::string& name, Settings settings, Dialect dialect) {
  const TransformEntry* entry = find_transform(name);
  if (entry == nullptr) throw std::out_of_range(name);
  if (entry->adapt != nullptr) entry->adapt(settings, dialect);
  return settings;
}

/// What the transform adds to a plan for a picture of this size.
inline Plan plan_of(const std::string& name,
                    const Setting::Members& members,
                    Size size,
                    Dialect dialect = Dialect::kLabelLoom,
                    std::uint64_t seed = 1) {
  const Settings settings = adapted(name, Settings(members), dialect);
  std::vector<std::string> known;
  const auto transform = find_transform(name)->make(settings, name, known);
  for (const auto& [member, value] : settings.members()) {
    if (std::ranges::find(known, member) == known.end()) {
      throw std::out_of_range(member);
    }
  }
  Random random({.seed = seed});
  Scene scene;
  scene.size = size;
  Draw draw;
  transform->draw(scene, random, draw);
  return {size, size, {{name, draw.notes(), std::move(draw.effects())}}};
}

/// The picture after the transform.
inline cv::Mat changed(const cv::Mat& bgr,
                       const std::string& name,
                       const Setting::Members& members = {},
                       Dialect dialect = Dialect::kLabelLoom,
                       std::uint64_t seed = 1) {
  const Plan plan = plan_of(name, members, {bgr.cols, bgr.rows}, dialect, seed);
  return render(plan_pixels(plan, Fusion::kFull), {bgr, {}}, nullptr).pixels;
}

/// The colour of a one-pixel picture after the transform.
inline Rgb changed(Rgb colour,
                   const std::string& name,
                   const Setting::Members& members = {},
                   Dialect dialect = Dialect::kLabelLoom) {
  const cv::Mat pixel(1, 1, CV_8UC3, cv::Scalar(colour.b, colour.g, colour.r));
  const auto out = changed(pixel, name, members, dialect).at<cv::Vec3b>(0, 0);
  return {out[2], out[1], out[0]};
}

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest looks for this name
inline void PrintTo(const Rgb& colour, std::ostream* out) {
  *out << '(' << int{colour.r} << ", " << int{colour.g} << ", " << int{colour.b} << ')';
}

/// Every pixel another value; the same on every machine.
inline cv::Mat noise_picture(int width, int height) {
  cv::Mat bgr(height, width, CV_8UC3);
  Random random({.seed = 99});
  for (int row = 0; row < height; ++row) {
    for (int i = 0; i < 3 * width; ++i) {
      bgr.ptr<std::uint8_t>(row)[i] = static_cast<std::uint8_t>(random.bits());
    }
  }
  return bgr;
}

inline bool equal(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

}  // namespace labelloom::augment
