// Compressed and raw runs, the operations on masks, and rasterising arbitrary points.

#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "formats/error.h"
#include "formats/rle.h"
#include "tests/fuzz/fuzz_input.h"

namespace labelloom {
namespace {

using test::FuzzInput;
using test::require;

constexpr std::uint64_t kMaxBitmap = 4096;  // pixels; larger ones only slow the fuzzer down

void check_operations(const Rle& a, const Rle& b) {
  const auto all =
      static_cast<std::uint64_t>(a.size.width) * static_cast<std::uint64_t>(a.size.height);
  const std::uint64_t in_a = pixel_count(a);
  const std::uint64_t in_b = pixel_count(b);
  require(in_a <= all);
  const Rle either = unite(a, b);
  const Rle both = intersect(a, b);
  const Rle rest = subtract(a, b);
  for (const Rle* rle : {&either, &both, &rest}) validate(*rle);
  require(pixel_count(either) + pixel_count(both) == in_a + in_b);
  require(pixel_count(rest) + pixel_count(both) == in_a);
  require(unite(rest, both) == unite(a, a));
  const double overlap = iou(a, b);
  require(overlap >= 0 && overlap <= 1);
  const Box box = extent(a);
  require(box.right() <= a.size.width && box.bottom() <= a.size.height);
  if (all > kMaxBitmap) return;
  const Rle again = encode(decode(a), a.size);
  require(again == unite(a, a));  // both have the one canonical form
  require(box == extent(again));
}

void check_distance(const Rle& rle, Point2d point) {
  const double distance = signed_distance(rle, point);
  if (pixel_count(rle) == 0) {
    require(std::isinf(distance));
    return;
  }
  if (!std::isfinite(point.x) || !std::isfinite(point.y)) return;
  const bool inside = distance < 0;
  if (!inside) return;
  const Box box = extent(rle);
  require(point.x >= box.x && point.x <= box.right() && point.y >= box.y &&
          point.y <= box.bottom());
}

void fuzz_text(FuzzInput& in) {
  const Size size{1 + in.byte(), 1 + in.byte()};
  const Rle rle = decompress(in.rest(), size);
  validate(rle);
  require(decompress(compress(rle), size) == rle);
  check_operations(rle, rle);
}

void fuzz_runs(FuzzInput& in) {
  const Size size{1 + in.byte(), 1 + in.byte()};
  // Two masks whose runs are bytes, filled up to the size.
  const auto mask = [&](std::size_t count) {
    Rle rle{.size = size, .counts = {}};
    auto left = static_cast<std::uint32_t>(size.width * size.height);
    for (; count > 0 && left > 0; --count) {
      rle.counts.push_back(std::min<std::uint32_t>(left, in.take<std::uint8_t>()));
      left -= rle.counts.back();
    }
    rle.counts.push_back(left);
    return rle;
  };
  const Rle a = mask(in.take<std::uint8_t>());
  const Rle b = mask(in.take<std::uint8_t>());
  require(decompress(compress(a), size) == a);
  check_operations(a, b);
  check_distance(a, in.point());
}

void fuzz_polygon(FuzzInput& in) {
  const Size size{1 + in.byte() * 3, 1 + in.byte() * 3};
  Rings rings;
  while (!in.empty() && rings.points().size() < 200) {
    const int flags = in.byte();
    std::vector<Point2d> ring;
    for (int i = flags % 16; i >= 0; --i) {
      ring.push_back((flags & 0x10) != 0 ? in.point() : in.small_point());
    }
    rings.add(ring, (flags & 0x20) != 0 && !rings.empty());
  }
  const Rle rle = rasterise(rings, size);
  validate(rle);
  check_operations(rle, rasterise_ring(rings.empty() ? rings.points() : rings[0], size));
  if (!rings.empty()) check_distance(rle, rings.points().front());
}

void fuzz_raw(FuzzInput& in) {
  const Size size{static_cast<int>(in.number()), static_cast<int>(in.number())};
  Rle rle{.size = size, .counts = {}};
  while (!in.empty()) rle.counts.push_back(in.number());
  validate(rle);
  (void)pixel_count(rle);
  (void)extent(rle);
  require(unite(rle, rle) == intersect(rle, rle));
  require(pixel_count(subtract(rle, rle)) == 0);
}

}  // namespace
}  // namespace labelloom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  labelloom::test::FuzzInput in({data, size});
  try {
    switch (in.byte() % 4) {
      case 0:
        labelloom::fuzz_text(in);
        break;
      case 1:
        labelloom::fuzz_runs(in);
        break;
      case 2:
        labelloom::fuzz_polygon(in);
        break;
      default:
        labelloom::fuzz_raw(in);
    }
  } catch (const labelloom::Error&) {  // anything else is a finding
  }
  return 0;
}
