// Kernels at real sizes. The data is made outside of the loops.

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "convert/group_keypoints.h"
#include "formats/dataset.h"
#include "formats/geometry.h"
#include "formats/rle.h"

namespace labelloom {
namespace {

constexpr Size kImage{1280, 720};

std::vector<Point2d> star(Point2d centre, double radius, int points, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Point2d> ring;
  for (int i = 0; i < points; ++i) {
    const double angle = 2 * 3.141592653589793 * i / points;
    const double r = radius * (0.6 + 0.4 * static_cast<double>(random() >> 11U) * 0x1p-53);
    ring.push_back({centre.x + r * std::cos(angle), centre.y + r * std::sin(angle)});
  }
  return ring;
}

void rasterise_polygon(benchmark::State& state) {
  const auto ring = star({640, 360}, 120, static_cast<int>(state.range(0)), 1);
  for (auto _ : state) benchmark::DoNotOptimize(rasterise_ring(ring, kImage));
  state.counters["polygons/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(rasterise_polygon)->Arg(8)->Arg(50)->Arg(400);

void compress_and_decompress_mask(benchmark::State& state) {
  const Rle mask = rasterise_ring(star({640, 360}, 300, 200, 2), kImage);
  for (auto _ : state) benchmark::DoNotOptimize(decompress(compress(mask), kImage));
}
BENCHMARK(compress_and_decompress_mask);

void clip_polygon(benchmark::State& state) {
  const Rings rings(star({1250, 360}, 120, 50, 3));
  for (auto _ : state) benchmark::DoNotOptimize(clip_to_frame(rings, kImage));
}
BENCHMARK(clip_polygon);

void distance_to_polygon(benchmark::State& state) {
  const Rings rings(star({640, 360}, 120, 50, 4));
  // A processor foresees every branch of a distance that it measures again and again.
  const std::vector<Point2d> points = star({640, 360}, 150, 4096, 5);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(signed_distance(rings, points[(i += 1031) % points.size()]));
  }
}
BENCHMARK(distance_to_polygon);

/// Scenes of eight polygons with three key points each, as a shuffled export gives them.
Dataset scenes(int images) {
  Dataset d;
  d.categories = {{.id = 1, .name = "part"}};
  std::mt19937_64 random(5);  // NOLINT(bugprone-random-generator-seed): the same every time
  for (int i = 1; i <= images; ++i) {
    d.images.push_back({.id = i, .file_name = fmt::format("{}.jpg", i), .size = kImage});
    for (int k = 0; k < 8; ++k) {
      const Point2d centre{static_cast<double>(100 + random() % 1080),
                           static_cast<double>(100 + random() % 520)};
      Instance& instance = d.instances.emplace_back();
      instance.id = static_cast<std::int64_t>(d.instances.size());
      instance.image_id = i;
      instance.category_id = 1;
      instance.rings = Rings(star(centre, 90, 24, random()));
      instance.bbox = extent(instance.rings.points());
      instance.area = ring_area(instance.rings);
      const double turn = static_cast<double>(random() % 628) / 100;
      for (int p = 0; p < 3; ++p) {
        const double along = 40.0 * (p - 1);
        d.loose_keypoints.push_back(
            {.image_id = i,
             .label = fmt::format("k{}", p),
             .point = {centre.x + along * std::cos(turn), centre.y + along * std::sin(turn)}});
      }
    }
  }
  return d;
}

void group_keypoints_of_images(benchmark::State& state) {
  const Dataset input = scenes(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    Dataset d = input;
    state.ResumeTiming();
    benchmark::DoNotOptimize(group_keypoints(d, {}));
  }
  state.counters["images/s"] = benchmark::Counter(
      static_cast<double>(state.iterations() * state.range(0)), benchmark::Counter::kIsRate);
}
BENCHMARK(group_keypoints_of_images)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace labelloom

BENCHMARK_MAIN();
