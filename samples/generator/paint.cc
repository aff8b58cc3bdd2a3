#include "samples/generator/paint.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "samples/generator/ground.h"
#include "samples/generator/light.h"
#include "samples/generator/random.h"
#include "samples/generator/relief.h"

namespace labelloom::samples {
namespace {

constexpr int kOversampling = 2;
/// How far a part of one layer lies above those of the layer below, in part units.
constexpr double kLayerHeight = 25;

void set_texel(Surfaces& s, int row, int column, const Texel& texel, double height, int owner) {
  s.height(row, column) = static_cast<float>(height);
  s.colour(row, column) = {static_cast<float>(texel.colour.r),
                           static_cast<float>(texel.colour.g),
                           static_cast<float>(texel.colour.b)};
  s.roughness(row, column) = static_cast<float>(texel.roughness);
  s.metal(row, column) = static_cast<float>(texel.metal);
  s.owner(row, column) = owner;
}

void lay_ground(Surfaces& s, const Scene& scene, std::uint32_t seed) {
  const double scale = s.height.rows / 720.0;
  for (int row = 0; row < s.height.rows; ++row) {
    for (int column = 0; column < s.height.cols; ++column) {
      const Point at{(column + 0.5) / scale, (row + 0.5) / scale};
      const Texel texel = ground_texel(scene.ground, at, seed);
      set_texel(s, row, column, texel, texel.height * scale, -1);
    }
  }
}

void lay_part(Surfaces& s, const PlacedPart& part, int owner, std::uint32_t seed) {
  const Bounds box = bounds(image_from_part(part.pose, fine_outline(part.shape)));
  const auto whole = [](double v, int most) {
    return std::clamp(static_cast<int>(std::floor(v * kOversampling)), 0, most);
  };
  const int first_row = whole(box.y - 1, s.height.rows);
  const int last_row = whole(box.y + box.height + 1, s.height.rows);
  const int first_column = whole(box.x - 1, s.height.cols);
  const int last_column = whole(box.x + box.width + 1, s.height.cols);
  const double lift = kLayerHeight * part.layer;
  for (int row = first_row; row < last_row; ++row) {
    for (int column = first_column; column < last_column; ++column) {
      const Point at =
          part.pose.part_from_image({(column + 0.5) / kOversampling, (row + 0.5) / kOversampling});
      const double distance = outline_distance(part.shape, at);
      if (distance > 0) continue;
      const Texel texel = part_texel(part.shape, at, distance, seed);
      if (texel.is_hole) continue;
      const double height = (texel.height + lift) * part.pose.scale * kOversampling;
      set_texel(s, row, column, texel, height, owner);
    }
  }
}

Surfaces lay_out(const Scene& scene, Random& random) {
  const cv::Size size(scene.frame.width * kOversampling, scene.frame.height * kOversampling);
  Surfaces s{cv::Mat1f(size), cv::Mat3f(size), cv::Mat1f(size), cv::Mat1f(size), cv::Mat1i(size)};
  lay_ground(s, scene, random.next() >> 8U);
  for (std::size_t i = 0; i < scene.parts.size(); ++i) {
    lay_part(s, scene.parts[i], static_cast<int>(i), random.next() >> 8U);
  }
  return s;
}

/// Lens: a little glow around highlights, softness, and less light in the corners.
void through_lens(cv::Mat3f& image, const Scene& scene) {
  cv::Mat3f bright;
  cv::subtract(image, cv::Scalar::all(1.2), bright);
  cv::max(bright, 0.0, bright);
  cv::GaussianBlur(bright, bright, {}, image.rows / 90.0);
  cv::scaleAdd(bright, 0.22, image, image);
  cv::GaussianBlur(image, image, {}, 0.8 * kOversampling);
  const cv::Vec3f cast(static_cast<float>(1 + 0.085 * scene.warmth),
                       1.0F,
                       static_cast<float>(1 - 0.12 * scene.warmth));
  const double lamp_x = 0.16 * std::cos(scene.light_azimuth_rad);
  const double lamp_y = 0.16 * std::sin(scene.light_azimuth_rad);
  for (int row = 0; row < image.rows; ++row) {
    for (int column = 0; column < image.cols; ++column) {
      const double x = (column - image.cols / 2.0) / image.rows;
      const double y = (row - image.rows / 2.0) / image.rows;
      const double corner = std::pow(1 + 0.26 * (x * x + y * y), -2);
      // The lamp is near: its side of the bench is brighter.
      const double near = 1 + 1.15 * (lamp_x * x + lamp_y * y) * 2;
      const auto gain = static_cast<float>(1.12 * corner * near);
      image(row, column) = image(row, column).mul(gain * cast);
    }
  }
}

/// Filmic tone curve (Narkowicz's fit of ACES), then the sRGB transfer function.
double developed(double x) {
  x = std::max(x, 0.0);
  const double tone = std::clamp(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0);
  return tone <= 0.0031308 ? 12.92 * tone : 1.055 * std::pow(tone, 1 / 2.4) - 0.055;
}

/// Shot and read noise of a small sensor, then the camera's own picture processing.
cv::Mat develop(const cv::Mat3f& linear, Random& random) {
  cv::Mat noisy(linear.size(), CV_8UC3);
  for (int row = 0; row < linear.rows; ++row) {
    for (int column = 0; column < linear.cols; ++column) {
      const cv::Vec3f& rgb = linear(row, column);
      cv::Vec3b bgr;
      const double shared = random.uniform(-1, 1) + random.uniform(-1, 1);
      for (int channel = 0; channel < 3; ++channel) {
        const double signal = std::max(0.0F, rgb[channel]);
        const double own = random.uniform(-1, 1);
        const double noise = (0.8 * shared + 0.5 * own) * (0.0014 + 0.0075 * std::sqrt(signal));
        const double value = 255 * developed(0.82 * (signal + noise));
        bgr[2 - channel] = cv::saturate_cast<unsigned char>(value);
      }
      noisy.at<cv::Vec3b>(row, column) = bgr;
    }
  }
  return noisy;
}

}  // namespace

cv::Mat paint(const Scene& scene, std::uint64_t seed) {
  constexpr std::uint64_t kPixelStream = std::uint64_t{1} << 32U;
  Random random(seed, kPixelStream + static_cast<std::uint64_t>(scene.index));
  const Surfaces surfaces = lay_out(scene, random);
  cv::Mat3f image = light(surfaces, scene);
  through_lens(image, scene);
  cv::Mat3f small;
  cv::resize(image, small, {scene.frame.width, scene.frame.height}, 0, 0, cv::INTER_AREA);
  return develop(small, random);
}

}  // namespace labelloom::samples
