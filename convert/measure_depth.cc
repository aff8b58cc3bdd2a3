#include "convert/measure_depth.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <system_error>

#include <fmt/format.h>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::detail {
namespace {

Rings box_ring(const Box& box) {
  return Rings(
      {{box.x, box.y}, {box.right(), box.y}, {box.right(), box.bottom()}, {box.x, box.bottom()}});
}

Rle pixels_of(const Instance& instance, Size size) {
  if (instance.mask() != nullptr) return *instance.mask();
  return rasterise(
      instance.rings.empty() ? box_ring(clip_to_frame(instance.bbox, size)) : instance.rings, size);
}

/// The counts under the mask that are measurements.
std::vector<std::uint16_t> measured_counts(const Rle& mask, const DepthMap& map) {
  const auto width = static_cast<std::uint64_t>(map.size.width);
  const auto height = static_cast<std::uint64_t>(map.size.height);
  std::vector<std::uint16_t> counts;
  std::uint64_t at = 0;
  bool inside = false;
  for (const std::uint32_t count : mask.counts) {
    std::uint64_t row = at % height;
    std::uint64_t column = at / height;
    for (std::uint32_t i = 0; inside && i < count; ++i) {
      const std::uint16_t value = map.values[row * width + column];
      if (value != 0) counts.push_back(value);
      if (++row == height) {
        row = 0;
        ++column;
      }
    }
    at += count;
    inside = !inside;
  }
  return counts;
}

double median(std::vector<std::uint16_t>& counts) {
  const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
  std::ranges::nth_element(counts, middle);
  if (counts.size() % 2 == 1) return *middle;
  return (*std::max_element(counts.begin(), middle) + *middle) / 2.0;
}

/// Sums of 16-bit counts and their squares are whole numbers: exact, in whatever order.
void add_statistics(ObjectDepth& depth, std::vector<std::uint16_t>& counts, double scale) {
  depth.valid = counts.size();
  if (counts.empty()) return;
  std::uint64_t sum = 0;
  for (const std::uint16_t count : counts) sum += count;
  const auto n = static_cast<double>(counts.size());
  const double mean = static_cast<double>(sum) / n;
  double squares = 0;
  for (const std::uint16_t count : counts) squares += (count - mean) * (count - mean);
  depth.mean = scale * mean;
  depth.median = scale * median(counts);
  depth.deviation = scale * std::sqrt(squares / n);
}

std::optional<double> depth_at(const Keypoint& keypoint, const DepthMap& map, double scale) {
  if (keypoint.visibility != Visibility::kVisible) return std::nullopt;
  const double column = std::floor(keypoint.point.x);
  const double row = std::floor(keypoint.point.y);
  // Written so that a coordinate that is no number is outside.
  if (!(column >= 0 && row >= 0 && column < map.size.width && row < map.size.height)) {
    return std::nullopt;
  }
  const std::uint16_t count =
      map.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(map.size.width) +
                 static_cast<std::size_t>(column)];
  if (count == 0) return std::nullopt;
  return scale * count;
}

}  // namespace

std::filesystem::path depth_path(const DepthOptions& options, const Image& image) {
  std::filesystem::path name = safe_relative_path(image.file_name);
  return options.folder / name.replace_extension(".png");
}

DepthMap read_depth(const DepthOptions& options, const Image& image) {
  const std::filesystem::path path = depth_path(options, image);
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    throw Error(Errc::kIo,
                {.file = path.string()},
                fmt::format("there is no depth image for {}", labelloom::quoted(image.file_name)));
  }
  DepthMap map = read_depth_map(path);
  if (map.size != image.size) {
    throw Error(Errc::kInvalidData,
                {.file = path.string()},
                fmt::format("is {} x {}, but its picture {} is {} x {}",
                            map.size.width,
                            map.size.height,
                            labelloom::quoted(image.file_name),
                            image.size.width,
                            image.size.height));
  }
  return map;
}

ObjectDepth object_depth(const Instance& instance,
                         std::size_t keypoint_count,
                         const DepthMap& map,
                         double scale) {
  ObjectDepth depth;
  const Rle mask = pixels_of(instance, map.size);
  if (mask.size != map.size) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("the mask of annotation {} is {} x {}, its picture {} x {}",
                            instance.id,
                            mask.size.width,
                            mask.size.height,
                            map.size.width,
                            map.size.height));
  }
  depth.pixels = pixel_count(mask);
  std::vector<std::uint16_t> counts = measured_counts(mask, map);
  add_statistics(depth, counts, scale);
  depth.keypoints.resize(keypoint_count);
  for (std::size_t i = 0; i < std::min(keypoint_count, instance.keypoints.size()); ++i) {
    depth.keypoints[i] = depth_at(instance.keypoints[i], map, scale);
  }
  return depth;
}

}  // namespace labelloom::detail
