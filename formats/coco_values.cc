#include "formats/coco_values.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace labelloom::coco {
namespace {

using json::expect_array;
using json::expect_integer;
using json::expect_number;
using json::Kind;
using json::Value;

constexpr double kMaxCoordinate = 1e6;

template <typename Place>
double expect_coordinate(const Value& value, const Place& place) {
  const double number = expect_number(value, place);
  if (!(std::fabs(number) <= kMaxCoordinate)) {
    fail(place(), fmt::format("coordinate {} is outside [-1e6, 1e6]", number));
  }
  return number;
}

/// The number that is no coordinate, said with its place.
[[noreturn]] void fail_ring(const Value& ring, std::size_t r) {
  ring.for_each_element([&](std::size_t i, const Value& v) {
    static_cast<void>(
        expect_coordinate(v, [&] { return fmt::format("segmentation[{}][{}]", r, i); }));
  });
  throw Error(Errc::kInvalidData, {.path = "segmentation"}, "is no polygon");
}

}  // namespace

[[noreturn]] void fail(std::string path, const std::string& message) {
  throw Error(Errc::kInvalidData, {.path = std::move(path)}, message);
}

double read_coordinate(const Value& value, const char* what, std::size_t index) {
  return expect_coordinate(value, at(what, index));
}

Box read_box(const Value& value) {
  expect_array(value, at("bbox"));
  if (value.size() != 4) {
    fail("bbox", fmt::format("expected 4 numbers (x, y, width, height), got {}", value.size()));
  }
  double n[4] = {};
  value.for_each_element(
      [&](std::size_t i, const Value& v) { n[i] = expect_coordinate(v, at("bbox", i)); });
  if (n[2] < 0 || n[3] < 0) {
    fail("bbox", fmt::format("box size {} x {} is negative", n[2], n[3]));
  }
  return {n[0], n[1], n[2], n[3]};
}

Rings read_rings(const Value& value) {
  std::size_t numbers = 0;
  value.for_each_element([&](std::size_t, const Value& ring) { numbers += ring.numbers().size(); });
  Rings rings;
  rings.reserve(numbers / 2);
  value.for_each_element([&](std::size_t r, const Value& ring) {
    expect_array(ring, at("segmentation", r));
    if (ring.size() < 6 || ring.size() % 2 != 0) {
      fail(fmt::format("segmentation[{}]", r),
           fmt::format("expected x, y of at least 3 points, got {} numbers", ring.size()));
    }
    const std::span<const double> coordinates = ring.numbers();
    if (coordinates.size() != ring.size()) fail_ring(ring, r);
    Point2d furthest;
    std::size_t i = 0;
    for (Point2d& p : rings.append(coordinates.size() / 2)) {
      p = {coordinates[i], coordinates[i + 1]};
      furthest = {std::max(furthest.x, std::fabs(p.x)), std::max(furthest.y, std::fabs(p.y))};
      i += 2;
    }
    if (!(std::max(furthest.x, furthest.y) <= kMaxCoordinate)) fail_ring(ring, r);
  });
  return rings;
}

Rle read_mask(const Value& value, bool& compressed) {
  const auto size_value = value.find("size");
  const auto counts = value.find("counts");
  if (!size_value || !counts) fail("segmentation", "expected a mask with \"size\" and \"counts\"");
  expect_array(*size_value, at("segmentation.size"));
  if (size_value->size() != 2) fail("segmentation.size", "expected [height, width]");
  int sides[2] = {};
  size_value->for_each_element([&](std::size_t i, const Value& v) {
    const std::int64_t side = expect_integer(v, at("segmentation.size", i));
    if (side < 1 || side > kMaxMaskSide) {
      fail("segmentation.size", fmt::format("side {} is outside [1, {}]", side, kMaxMaskSide));
    }
    sides[i] = static_cast<int>(side);
  });
  const Size size{sides[1], sides[0]};
  compressed = counts->is(Kind::kString);
  try {
    if (compressed) return decompress(counts->string(), size);
    expect_array(*counts, at("segmentation.counts"));
    Rle rle{size, {}};
    rle.counts.reserve(counts->size());
    counts->for_each_element([&](std::size_t i, const Value& v) {
      const std::int64_t run = expect_integer(v, at("segmentation.counts", i));
      if (run < 0 || run > kMaxMaskPixels) {
        fail("segmentation.counts", fmt::format("run {} is outside [0, {}]", run, kMaxMaskPixels));
      }
      rle.counts.push_back(static_cast<std::uint32_t>(run));
    });
    validate(rle);
    return rle;
  } catch (const Error& error) {
    // A mask that cannot be read is a bad record, not a bad file.
    fail(error.where().path.empty() ? "segmentation" : error.where().path, error.message());
  }
}

std::vector<Keypoint> read_keypoints(const Value& value) {
  expect_array(value, at("keypoints"));
  if (value.size() % 3 != 0) {
    fail("keypoints", fmt::format("expected x, y, v for each, got {} numbers", value.size()));
  }
  std::vector<Keypoint> keypoints(value.size() / 3);
  value.for_each_element([&](std::size_t i, const Value& v) {
    Keypoint& k = keypoints[i / 3];
    const double n = expect_coordinate(v, at("keypoints", i));
    if (i % 3 == 0) k.point.x = n;
    if (i % 3 == 1) k.point.y = n;
    if (i % 3 == 2) {
      if (n != 0 && n != 1 && n != 2) {
        fail(fmt::format("keypoints[{}]", i), fmt::format("visibility {} is not 0, 1 or 2", n));
      }
      k.visibility = static_cast<Visibility>(static_cast<int>(n));
    }
  });
  return keypoints;
}

}  // namespace labelloom::coco
