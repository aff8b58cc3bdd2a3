// Arbitrary annotations under arbitrary effects: whatever comes back is a valid set of instances.

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include <opencv2/core.hpp>

#include "augment/apply.h"
#include "augment/restore.h"
#include "formats/error.h"
#include "tests/fuzz/fuzz_input.h"

namespace labelloom::augment {
namespace {

using test::FuzzInput;
using test::require;

constexpr double kTolerance = 1e-6;
constexpr std::size_t kSlots = 3;

class Waves final : public Field {
 public:
  Waves(double height, double length) : height_(height), length_(length) {}
  [[nodiscard]] Point2d in_from_out(Point2d out) const override {
    return {out.x + height_ * std::sin(out.y / length_),
            out.y + height_ * std::cos(out.x / length_)};
  }

 private:
  double height_;
  double length_;
};

Rings take_rings(FuzzInput& in) {
  Rings rings;
  for (int left = in.byte() % 4; left > 0; --left) {
    const int flags = in.byte();
    std::vector<Point2d> ring;
    for (int i = flags % 16; i >= 0; --i) {
      ring.push_back((flags & 0xC0) == 0xC0 ? in.point() : in.small_point());
    }
    rings.add(ring, (flags & 0x20) != 0 && !rings.empty());
  }
  return rings;
}

Instance take_instance(FuzzInput& in, Size frame) {
  Instance instance;
  instance.category_id = 1;
  const int flags = in.byte();
  const Point2d corner = in.small_point();
  const Point2d size = in.small_point();
  instance.bbox = {corner.x, corner.y, size.x, size.y};
  if ((flags & 1) != 0) instance.rings = take_rings(in);
  if ((flags & 2) != 0) {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      const Point2d point = (flags & 4) != 0 ? in.point() : in.small_point();
      instance.keypoints.push_back({point, static_cast<Visibility>(in.byte() % 3)});
    }
  }
  if ((flags & 9) == 8) {
    instance.ensure_extra().mask =
        rasterise(Rings({{1, 1}, {9, 2}, {corner.x / 8, size.y / 8}}), frame);
  }
  return instance;
}

Effect take_effect(FuzzInput& in, Size& size) {
  const auto share = [&in] { return in.byte() / 128.0 - 1; };  // -1 to 1
  switch (in.byte() % 6) {
    case 0: {
      Homography map{
          {2 * share(), share(), 100 * share(), share(), 2 * share(), 100 * share(), 0, 0, 1}};
      size = {1 + in.byte(), 1 + in.byte()};
      (void)inverse(map);  // as planning does: refuses what cannot be inverted
      return Projective{map, size};
    }
    case 1: {
      const double w = size.width;
      const double h = size.height;
      const auto jitter = [&](double x, double y) {
        return Point2d{x + 0.2 * w * share(), y + 0.2 * h * share()};
      };
      const std::array<Point2d, 4> from{{{0, 0}, {w, 0}, {w, h}, {0, h}}};
      const std::array<Point2d, 4> to{{jitter(0, 0), jitter(w, 0), jitter(w, h), jitter(0, h)}};
      return Projective{from_corners(from, to), size};
    }
    case 2:
      return Warp{std::make_shared<Waves>(8 * share(), 10 + in.byte())};
    case 3: {
      const int x = in.byte();
      const int y = in.byte();
      return Erase{{{x, y, in.byte(), in.byte()}}, {}, 0};
    }
    case 4:
      return Blend{{0, translation(100 * share(), 100 * share())}, 0.5};
    default: {
      Paste paste;
      paste.other = {0, translation(100 * share(), 100 * share())};
      paste.instances = {static_cast<std::uint32_t>(in.byte() % 3)};
      paste.min_visibility = 0.1;
      return paste;
    }
  }
}

class OneDonor final : public Donors {
 public:
  OneDonor(Size size, const std::vector<Instance>& instances) : size_(size) {
    for (const Instance& instance : instances) instances_.push_back(&instance);
  }
  [[nodiscard]] std::size_t count() const override { return 1; }
  [[nodiscard]] Size size(std::size_t /*index*/) const override { return size_; }
  [[nodiscard]] std::span<const Instance* const> instances(std::size_t /*index*/) const override {
    return instances_;
  }
  [[nodiscard]] cv::Mat pixels(std::size_t /*index*/) const override { return {}; }

 private:
  Size size_;
  std::vector<const Instance*> instances_;
};

bool inside(Point2d p, Size frame) {
  return p.x >= -kTolerance && p.y >= -kTolerance && p.x <= frame.width + kTolerance &&
         p.y <= frame.height + kTolerance;
}

void check(const Instance& instance, Size frame) {
  const Box& box = instance.bbox;
  require(std::isfinite(instance.area) && std::isfinite(box.area()));
  require(inside({box.x, box.y}, frame) && inside({box.right(), box.bottom()}, frame));
  for (std::size_t r = 0; r < instance.rings.size(); ++r) require(instance.rings[r].size() >= 3);
  for (const Point2d point : instance.rings.points()) require(inside(point, frame));
  require(instance.keypoints.empty() || instance.keypoints.size() == kSlots);
  for (const Keypoint& keypoint : instance.keypoints) {
    if (keypoint.visibility == Visibility::kAbsent) {
      require(keypoint.point == Point2d{});
    } else {
      require(inside(keypoint.point, frame));
    }
  }
  require(instance.area > 0 || labelled_count(instance.keypoints) > 0);
}

void fuzz(FuzzInput& in) {
  Size size{1 + in.byte(), 1 + in.byte()};
  std::vector<Instance> instances;
  for (int left = 1 + in.byte() % 4; left > 0; --left) {
    instances.push_back(take_instance(in, size));
  }
  const OneDonor donors(size, instances);
  Labels labels = lay_out(donors.instances(0), size);
  for (int left = in.byte() % 5; left > 0; --left) {
    const Effect effect = take_effect(in, size);
    apply(effect, labels, &donors, BoxOutline::kCorners);
    require(labels.visibility.size() == labels.geometry.points.size());
  }
  std::vector<RestoredMask> masks;
  for (std::uint32_t i = 0; i < labels.instances.size(); ++i) {
    const Rle* mask = labels.instances[i].source->mask();
    if (mask != nullptr && mask->size == labels.frame) masks.push_back({i, *mask});
  }
  const std::vector<Category> categories{{1, "thing", "", {"left", "right", "top"}}};
  for (const Instance& instance : restore(labels, masks, FlipPairs(categories), {})) {
    check(instance, labels.frame);
  }
}

}  // namespace
}  // namespace labelloom::augment

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  labelloom::test::FuzzInput in({data, size});
  try {
    labelloom::augment::fuzz(in);
  } catch (const labelloom::Error&) {  // anything else is a finding
  }
  return 0;
}
