#include "samples/generator/light.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "samples/generator/noise.h"
#include "samples/generator/surface.h"

namespace labelloom::samples {
namespace {

struct Vector {
  double x = 0;
  double y = 0;
  double z = 0;
};

double dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
Vector scaled(double s, Vector v) { return {s * v.x, s * v.y, s * v.z}; }
Vector minus(Vector a, Vector b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
Vector unit(Vector v) { return scaled(1 / std::sqrt(dot(v, v)), v); }
Vector cross(Vector a, Vector b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

Vector direction(double azimuth, double elevation) {
  return {std::cos(azimuth) * std::cos(elevation),
          std::sin(azimuth) * std::cos(elevation),
          std::sin(elevation)};
}

/// A rectangular lamp far away, as a patch of the sphere of directions.
struct Lamp {
  Vector towards;
  Vector right;
  Vector up;
  double half_width;
  double half_height;
  double brightness;

  Lamp(double azimuth, double elevation, double width, double height, double bright)
      : towards(direction(azimuth, elevation)),
        right(unit(cross({0, 0, 1}, towards))),
        up(cross(towards, right)),
        half_width(width / 2),
        half_height(height / 2),
        brightness(bright) {}

  /// What a surface of that roughness mirrors of it in a direction. A rough one spreads the same
  /// light wider.
  [[nodiscard]] double seen(Vector ray, double roughness) const {
    const double ahead = dot(ray, towards);
    if (ahead <= 0) return 0;
    const double blur = 0.03 + 1.1 * roughness * roughness;
    const auto patch = [blur](double offset, double half) {
      const double spread = half / (half + 0.5 * blur);
      return spread * (1 - smooth_step(half - blur, half + blur, std::abs(offset)));
    };
    return brightness * patch(dot(ray, right) / ahead, half_width) *
           patch(dot(ray, up) / ahead, half_height);
  }
};

/// The room: lamps, ceiling, bench and the dark camera straight above.
struct Room {
  Lamp key;
  Lamp strip;
  Colour bench;  // its average colour, which metal mirrors at grazing angles

  [[nodiscard]] Colour mirrored(Vector ray, double roughness, double shadow) const {
    const double ceiling = smooth_step(-0.25, 0.75, ray.z);
    const double window = 0.5 + 0.5 * std::sin(2.2 * std::atan2(ray.y, ray.x) + 1.0);
    const double wall = 0.30 + 0.34 * window * (1 - ceiling);
    const double camera = 0.55 * smooth_step(0.90 - 0.3 * roughness, 0.995, ray.z);
    const double grey = (wall + 0.42 * ceiling) * (1 - camera);
    const double lamps = shadow * key.seen(ray, roughness) + strip.seen(ray, roughness);
    const double low = 1 - smooth_step(-0.5, 0.35, ray.z);
    return (grey * (1 - low) + lamps) * Colour{1, 1, 1} + low * bench;
  }
};

/// Slope of the height image; does not look across the border of a part.
double slope(const Surfaces& s, int row, int column, int dy, int dx) {
  const auto same = [&](int r, int c) {
    return r >= 0 && c >= 0 && r < s.height.rows && c < s.height.cols &&
           s.owner(r, c) == s.owner(row, column);
  };
  const bool after = same(row + dy, column + dx);
  const bool before = same(row - dy, column - dx);
  const double here = s.height(row, column);
  const double next = after ? s.height(row + dy, column + dx) : here;
  const double last = before ? s.height(row - dy, column - dx) : here;
  return (next - last) / (after && before ? 2.0 : 1.0);
}

/// One step of a ray to the lamp: how far it goes on the image and how high it is then.
struct Step {
  int rows = 0;
  int columns = 0;
  float rise = 0;
};

/// Share of the key lamp that each point sees: marches over the heights towards points of the lamp.
cv::Mat1f key_shadow(const cv::Mat1f& height, const Scene& scene, double scale) {
  constexpr int kRays = 14;
  constexpr int kSteps = 40;
  cv::Mat1f lit(height.size(), 0.0F);
  for (int ray = 0; ray < kRays; ++ray) {
    // A sunflower's seeds spread evenly over the lamp.
    const double radius = 0.17 * std::sqrt((ray + 0.5) / kRays);
    const double azimuth = scene.light_azimuth_rad + radius * std::cos(2.39996 * ray) * 1.4;
    const double elevation = scene.light_elevation_rad + radius * std::sin(2.39996 * ray);
    const double rise = std::tan(elevation);
    const double reach = 115 * scale / rise / kSteps;
    std::array<Step, kSteps> steps{};
    for (int i = 0; i < kSteps; ++i) {
      const double along = reach * (i + 0.5);
      steps[static_cast<std::size_t>(i)] = {cvRound(along * std::sin(azimuth)),
                                            cvRound(along * std::cos(azimuth)),
                                            static_cast<float>(along * rise + 0.8)};
    }
    for (int row = 0; row < height.rows; ++row) {
      for (int column = 0; column < height.cols; ++column) {
        const float here = height(row, column);
        float over = 0;
        for (const Step& step : steps) {
          const int c = column + step.columns;
          const int r = row + step.rows;
          if (c < 0 || r < 0 || c >= height.cols || r >= height.rows) break;
          over = std::max(over, height(r, c) - here - step.rise);
        }
        lit(row, column) += static_cast<float>((1 - smooth_step(0, 1.5, over)) / kRays);
      }
    }
  }
  cv::GaussianBlur(lit, lit, {}, 1.2 * scale);
  return lit;
}

/// Contact shadow: points lower than their surroundings see less of the room.
cv::Mat1f openness(const cv::Mat1f& height, double scale) {
  cv::Mat1f open(height.size(), 1.0F);
  for (const double radius : {3.0, 9.0, 26.0}) {
    cv::Mat1f around;
    cv::GaussianBlur(height, around, {}, radius * scale);
    cv::Mat1f depth;
    cv::subtract(around, height, depth);
    depth *= -0.62 / (radius * scale);
    cv::min(depth, 0.0, depth);
    cv::exp(depth, depth);
    cv::multiply(open, depth, open);
  }
  return open;
}

Colour shade(const Surfaces& s, const Room& room, int row, int column, double lit, double open) {
  const double centre_x = (column - s.height.cols / 2.0) / s.height.rows;
  const double centre_y = (row - s.height.rows / 2.0) / s.height.rows;
  const Vector eye = unit({-centre_x, -centre_y, 1.9});
  const Vector normal = unit({-slope(s, row, column, 0, 1), -slope(s, row, column, 1, 0), 1});
  const Vector ray = minus(scaled(2 * dot(normal, eye), normal), eye);
  const cv::Vec3f rgb = s.colour(row, column);
  const Colour base{rgb[0], rgb[1], rgb[2]};
  const double roughness = s.roughness(row, column);
  const double metal = s.metal(row, column);
  const Colour mirrored = room.mirrored(ray, roughness, lit);
  const double grazing = std::pow(1 - std::clamp(dot(normal, eye), 0.0, 1.0), 5);
  const double falls = std::max(dot(normal, room.key.towards), 0.0);
  const Colour diffuse = (1.9 * falls * lit + 0.26 * open) * base;
  const double gloss = (0.035 + 0.4 * grazing) * (1 - 0.55 * roughness);
  const Colour dull = diffuse + (gloss * (0.35 + 0.65 * open)) * mirrored;
  const Colour shiny = (0.25 + 0.75 * open) * (mix(base, {1, 1, 1}, 0.6 * grazing) * mirrored) +
                       (0.30 * falls * lit * roughness) * base;
  return mix(dull, shiny, metal);
}

}  // namespace

cv::Mat3f light(const Surfaces& surfaces, const Scene& scene) {
  const double scale = surfaces.height.rows / 720.0;
  // Shadows are soft: half the resolution is enough and four times as fast.
  cv::Mat1f small;
  cv::resize(surfaces.height, small, {}, 0.5, 0.5, cv::INTER_AREA);
  small *= 0.5;
  cv::Mat1f lit;
  cv::resize(
      key_shadow(small, scene, scale / 2), lit, surfaces.height.size(), 0, 0, cv::INTER_LINEAR);
  const cv::Mat1f open = openness(surfaces.height, scale);
  const cv::Scalar average = cv::mean(surfaces.colour);
  const Room room{.key = {scene.light_azimuth_rad, scene.light_elevation_rad, 1.0, 0.75, 4.2},
                  .strip = {scene.light_azimuth_rad + 2.5, 0.62, 0.35, 1.5, 1.5},
                  .bench = 0.9 * Colour{average[0], average[1], average[2]}};
  cv::Mat3f image(surfaces.height.size());
  for (int row = 0; row < image.rows; ++row) {
    for (int column = 0; column < image.cols; ++column) {
      const Colour c = shade(surfaces, room, row, column, lit(row, column), open(row, column));
      image(row, column) = {
          static_cast<float>(c.r), static_cast<float>(c.g), static_cast<float>(c.b)};
    }
  }
  return image;
}

}  // namespace labelloom::samples
