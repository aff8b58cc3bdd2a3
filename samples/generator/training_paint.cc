#include "samples/generator/training_paint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "samples/generator/noise.h"
#include "samples/generator/random.h"
#include "samples/generator/relief.h"

namespace labelloom::samples {
namespace {

/// Samples along each side of a pixel.
constexpr int kOversampling = 2;
/// Height of a surface over a grid; nothing where there is no part.
struct Heights {
  int columns = 0;
  int rows = 0;
  std::vector<double> values;
  std::vector<char> there;

  [[nodiscard]] std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(column);
  }
  [[nodiscard]] double slope(int row, int column, int down, int right) const {
    const double here = values[index(row, column)];
    const auto height = [&](int r, int c) {
      if (r < 0 || c < 0 || r >= rows || c >= columns || there[index(r, c)] == 0) {
        return here - 4;  // edges fall away
      }
      return values[index(r, c)];
    };
    return (height(row + down, column + right) - height(row - down, column - right)) / 2;
  }
};

Relief make_relief(PartShape shape, double step) {
  const Point half = half_extent(shape);
  Relief relief{.columns = static_cast<int>(std::ceil(2 * half.x / step)) + 2,
                .rows = static_cast<int>(std::ceil(2 * half.y / step)) + 2,
                .step = step,
                .origin = {-half.x - step, -half.y - step},
                .texels = {}};
  const std::size_t count =
      static_cast<std::size_t>(relief.columns) * static_cast<std::size_t>(relief.rows);
  relief.texels.resize(count);
  Heights heights{
      relief.columns, relief.rows, std::vector<double>(count), std::vector<char>(count)};
  for (int row = 0; row < relief.rows; ++row) {
    for (int column = 0; column < relief.columns; ++column) {
      const Point at = relief.origin + step * Point{column + 0.5, row + 0.5};
      const double distance = outline_distance(shape, at);
      if (distance > 0) continue;
      const Texel texel = part_texel(shape, at, distance, 7);
      const std::size_t i = heights.index(row, column);
      heights.there[i] = 1;
      heights.values[i] = texel.height;
      const double tone = 0.3 * texel.colour.r + 0.6 * texel.colour.g + 0.1 * texel.colour.b;
      // Bores are plugged: at this size a hole of two pixels would only blur the truth.
      relief.texels[i].tone = static_cast<float>(texel.is_hole ? 0.35 : 0.55 + 0.75 * tone);
      relief.texels[i].gloss = static_cast<float>(texel.metal * (1 - texel.roughness));
    }
  }
  for (int row = 0; row < relief.rows; ++row) {
    for (int column = 0; column < relief.columns; ++column) {
      Relief::Texel& texel = relief.texels[heights.index(row, column)];
      texel.normal_x = static_cast<float>(-heights.slope(row, column, 0, 1) / step);
      texel.normal_y = static_cast<float>(-heights.slope(row, column, 1, 0) / step);
    }
  }
  return relief;
}

double distance_to_multiple(double x, double step) {
  return std::abs(x - step * std::round(x / step));
}

Colour wood(Point at, std::uint32_t seed) {
  const double plank = std::floor(at.y / 150);
  const double ring = value_noise(at.x * 0.006, at.y * 0.09 + 40 * plank, seed);
  const double gap = smooth_step(1, 5, distance_to_multiple(at.y, 150));
  return (0.45 + 0.55 * gap) * mix({0.135, 0.075, 0.036}, {0.27, 0.165, 0.09}, 0.5 + 0.5 * ring);
}

Colour steel(Point at, std::uint32_t seed) {
  const double brushed = value_noise(at.x * 0.02, at.y * 0.25, seed);
  const double cloud = value_noise(at.x * 0.012, at.y * 0.012, seed + 1);
  return (0.27 + 0.04 * brushed + 0.07 * cloud) * Colour{0.95, 1.0, 1.05};
}

Colour rubber(Point at, std::uint32_t seed) {
  const double crest = smooth_step(3, 9, distance_to_multiple(at.y, 32));
  const double dust = value_noise(at.x * 0.014, at.y * 0.014, seed);
  return (0.022 + 0.035 * crest + 0.012 * dust) * Colour{1.0, 1.0, 1.05};
}

Colour cutting_mat(Point at, std::uint32_t seed) {
  const double wear = value_noise(at.x * 0.02, at.y * 0.02, seed);
  const double line = std::min(distance_to_multiple(at.x, 80), distance_to_multiple(at.y, 80));
  const Colour green = (1 + 0.25 * wear) * Colour{0.025, 0.095, 0.07};
  return mix(green, {0.30, 0.33, 0.20}, 0.55 * (1 - smooth_step(1.5, 4, line)));
}

Colour cardboard(Point at, std::uint32_t seed) {
  const double fibre = value_noise(at.x * 0.05, at.y * 0.2, seed);
  const double blotch = value_noise(at.x * 0.015, at.y * 0.015, seed + 1);
  return (1 + 0.12 * fibre + 0.15 * blotch) * Colour{0.38, 0.26, 0.155};
}

Colour paper(Point at, std::uint32_t seed) {
  const double crumpled = value_noise(at.x * 0.018, at.y * 0.025, seed);
  const double stain = smooth_step(0.3, 0.7, value_noise(at.x * 0.008, at.y * 0.008, seed + 1));
  return (0.52 + 0.06 * crumpled - 0.2 * stain) * Colour{1.0, 0.98, 0.92};
}

Colour bench_colour(BenchKind kind, Point at, std::uint32_t seed) {
  switch (kind) {
    case BenchKind::kWood:
      return wood(at, seed);
    case BenchKind::kSteel:
      return steel(at, seed);
    case BenchKind::kRubber:
      return rubber(at, seed);
    case BenchKind::kCuttingMat:
      return cutting_mat(at, seed);
    case BenchKind::kCardboard:
      return cardboard(at, seed);
    case BenchKind::kPaper:
      break;
  }
  return paper(at, seed);
}

cv::Vec3f as_vector(Colour c) {
  return {static_cast<float>(c.r), static_cast<float>(c.g), static_cast<float>(c.b)};
}

cv::Mat3f lay_bench(const TrainingScene& scene) {
  cv::Mat3f image(scene.frame.height, scene.frame.width);
  for (int row = 0; row < image.rows; ++row) {
    for (int column = 0; column < image.cols; ++column) {
      const Point at = scene.bench.pose.part_from_image({column + 0.5, row + 0.5});
      image(row, column) = as_vector(bench_colour(scene.bench.kind, at, scene.bench.seed));
    }
  }
  return image;
}

/// Pixels of a part's surroundings, cut by the frame.
cv::Rect pixels_around(const TrainingPart& part, double margin, Frame frame) {
  const Bounds box = bounds(image_from_part(part.pose, clicked_outline(part.shape)));
  const auto low = [margin](double v) { return static_cast<int>(std::floor(v - margin)); };
  const auto high = [margin](double v) { return static_cast<int>(std::ceil(v + margin)); };
  const cv::Rect around(cv::Point(low(box.x), low(box.y)),
                        cv::Point(high(box.x + box.width), high(box.y + box.height)));
  return around & cv::Rect(0, 0, frame.width, frame.height);
}

/// Darkens what lies in the part's shadow.
void cast_shadow(cv::Mat3f& image, const TrainingScene& scene, const TrainingPart& part) {
  const double reach = 0.5 * height_mm(part.shape.kind) / std::tan(scene.light.elevation_rad);
  const Point away{-reach * part.pose.scale * std::cos(scene.light.azimuth_rad),
                   -reach * part.pose.scale * std::sin(scene.light.azimuth_rad)};
  const cv::Rect area = pixels_around(part, length(away) + 3, scene.frame);
  const double softness = std::max(0.35 * reach, 1 / part.pose.scale);
  for (int row = area.y; row < area.y + area.height; ++row) {
    for (int column = area.x; column < area.x + area.width; ++column) {
      const Point at = Point{column + 0.5, row + 0.5} - away;
      const double distance = outline_distance(part.shape, part.pose.part_from_image(at));
      const double dark = 0.55 * (1 - smooth_step(-softness, softness, distance));
      image(row, column) *= static_cast<float>(1 - dark);
    }
  }
}

/// A lamp and the room around it: how bright a surface is, and what it mirrors of the lamp.
struct Shading {
  Point lamp;  // along the part's axes
  double up = 0;

  Shading(const TrainingLight& light, const Pose& pose) {
    const Pose turn{.centre = {}, .angle_rad = pose.angle_rad, .mirrored = pose.mirrored};
    lamp = std::cos(light.elevation_rad) *
           turn.part_from_image({std::cos(light.azimuth_rad), std::sin(light.azimuth_rad)});
    up = std::sin(light.elevation_rad);
  }

  [[nodiscard]] Colour shade(const Relief::Texel& texel, Colour paint) const {
    const double nx = texel.normal_x;
    const double ny = texel.normal_y;
    const double size = std::sqrt(1 + nx * nx + ny * ny);
    const double falls = std::max(0.0, (nx * lamp.x + ny * lamp.y + up) / size);
    // Half way between the lamp and the camera straight above.
    const double half_size = std::sqrt(2 + 2 * up);
    const double facing = std::max(0.0, (nx * lamp.x + ny * lamp.y + up + 1) / (size * half_size));
    const double square = facing * facing * facing * facing;
    const double mirror = square * square * square;
    return (texel.tone * (0.35 + 0.85 * falls)) * paint +
           (0.45 * texel.gloss * mirror) * Colour{1, 1, 1};
  }
};

/// Lamp, lens and sensor: 8-bit values.
cv::Mat develop(const cv::Mat3f& image, const TrainingScene& scene, Random& random) {
  const TrainingLight& light = scene.light;
  const std::array<double, 3> cast{1 + 0.10 * light.warmth, 1.0, 1 - 0.13 * light.warmth};
  const Point lamp{0.3 * std::cos(light.azimuth_rad), 0.3 * std::sin(light.azimuth_rad)};
  cv::Mat picture(image.size(), CV_8UC3);
  for (int row = 0; row < image.rows; ++row) {
    for (int column = 0; column < image.cols; ++column) {
      const Point at{(column + 0.5) / image.cols - 0.5, (row + 0.5) / image.rows - 0.5};
      const double near = 1 + dot(lamp, at) - 0.25 * dot(at, at);
      auto& bgr = picture.at<cv::Vec3b>(row, column);
      const double shared = random.uniform(-1, 1);
      for (int channel = 0; channel < 3; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        const double signal = std::clamp(
            1.25 * light.brightness * near * cast[c] * image(row, column)[channel], 0.0, 1.0);
        const double noise = 0.014 * (shared + random.uniform(-1, 1));
        // Near enough to the sRGB transfer function.
        bgr[2 - channel] =
            cv::saturate_cast<unsigned char>(255 * (std::pow(signal, 1 / 2.2) + noise));
      }
    }
  }
  return picture;
}

}  // namespace

const Relief::Texel& Relief::at(Point part) const {
  const auto cell = [this](double v, int count) {
    return static_cast<std::size_t>(
        std::clamp(static_cast<int>(std::floor(v / step)), 0, count - 1));
  };
  return texels[cell(part.y - origin.y, rows) * static_cast<std::size_t>(columns) +
                cell(part.x - origin.x, columns)];
}

TrainingPainter::TrainingPainter(Frame frame) {
  // Half a pixel of the usual magnification.
  const double step = std::clamp(150.0 / std::min(frame.width, frame.height), 0.5, 2.5);
  for (int i = 0; i < kPartShapes; ++i) reliefs_.push_back(make_relief(part_shape(i), step));
}

void TrainingPainter::lay_part(cv::Mat3f& image,
                               const TrainingScene& scene,
                               const TrainingPart& part) const {
  const Relief& surface = reliefs_[static_cast<std::size_t>(part_index(part.shape))];
  const Shading shading(scene.light, part.pose);
  const cv::Rect area = pixels_around(part, 1, scene.frame);
  for (int row = area.y; row < area.y + area.height; ++row) {
    for (int column = area.x; column < area.x + area.width; ++column) {
      cv::Vec3f sum(0, 0, 0);
      int covered = 0;
      for (int i = 0; i < kOversampling * kOversampling; ++i) {
        const int across = i % kOversampling;
        const int down = i / kOversampling;
        const Point pixel{column + (across + 0.5) / kOversampling,
                          row + (down + 0.5) / kOversampling};
        if (!covers(part, pixel)) continue;
        ++covered;
        const Point at = part.pose.part_from_image(pixel);
        const double wear = 1 + 0.18 * value_noise(at.x * 0.07, at.y * 0.07, part.seed);
        sum += as_vector(shading.shade(surface.at(at), wear * part.paint));
      }
      if (covered == 0) continue;
      const float share = 1.0F / (kOversampling * kOversampling);
      auto& pixel = image(row, column);
      pixel = pixel * (1 - share * static_cast<float>(covered)) + sum * share;
    }
  }
}

cv::Mat TrainingPainter::paint(const TrainingScene& scene, std::uint64_t seed) const {
  constexpr std::uint64_t kPixelStream = std::uint64_t{1} << 42U;
  Random random(seed, kPixelStream + static_cast<std::uint64_t>(scene.index));
  cv::Mat3f image = lay_bench(scene);
  for (const TrainingPart& part : scene.parts) {
    cast_shadow(image, scene, part);
    lay_part(image, scene, part);
  }
  return develop(image, scene, random);
}

cv::Mat1w paint_depth(const TrainingScene& scene, const OwnerMap& owners, std::uint64_t seed) {
  constexpr std::uint64_t kDepthStream = std::uint64_t{1} << 43U;
  constexpr double kNoiseMm = 1;
  constexpr double kBlind = 0.02;
  Random random(seed, kDepthStream + static_cast<std::uint64_t>(scene.index));
  cv::Mat1w depths(scene.frame.height, scene.frame.width);
  for (int row = 0; row < depths.rows; ++row) {
    for (int column = 0; column < depths.cols; ++column) {
      const Point at{column + 0.5, row + 0.5};
      const int owner = owners.owner(row, column);
      const double depth =
          owner < 0 ? bench_depth_mm(scene, at)
                    : part_depth_mm(scene, scene.parts[static_cast<std::size_t>(owner)], at);
      const bool blind = random.chance(kBlind);
      const double seen = depth + kNoiseMm * random.bell();
      depths(row, column) = blind ? 0 : cv::saturate_cast<unsigned short>(seen);
    }
  }
  return depths;
}

}  // namespace labelloom::samples
