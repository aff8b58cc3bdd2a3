// The rules that look at one instance by itself.
#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>

#include <fmt/format.h>

#include "convert/ring_crossing.h"
#include "convert/validate_rules.h"

namespace labelloom {
namespace {

std::string text(const Box& box) {
  return fmt::format("[{:.6g}, {:.6g}, {:.6g}, {:.6g}]", box.x, box.y, box.width, box.height);
}

bool is_finite(const Box& box) {
  return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) &&
         std::isfinite(box.height);
}

bool all_finite(const Instance& instance) {
  return is_finite(instance.bbox) && std::isfinite(instance.area) &&
         is_finite(instance.rings.points()) &&
         std::ranges::all_of(instance.keypoints, [](const Keypoint& k) {
           return std::isfinite(k.point.x) && std::isfinite(k.point.y);
         });
}

bool is_positive(Size size) { return size.width > 0 && size.height > 0; }

bool leaves(const Box& box, Size size, double tolerance_px) {
  return box.x < -tolerance_px || box.y < -tolerance_px ||
         box.right() > size.width + tolerance_px || box.bottom() > size.height + tolerance_px;
}

bool is_outside(const Box& box, Size size) {
  return box.right() <= 0 || box.bottom() <= 0 || box.x >= size.width || box.y >= size.height;
}

/// The largest distance between the two boxes' sides.
double distance(const Box& a, const Box& b) {
  return std::max({std::abs(a.x - b.x),
                   std::abs(a.y - b.y),
                   std::abs(a.right() - b.right()),
                   std::abs(a.bottom() - b.bottom())});
}

bool is_close(double value, double reference, double tolerance) {
  return std::abs(value - reference) <= tolerance * std::max(std::abs(reference), 1.0);
}

/// Box around the rings or the mask; nothing when there is no shape.
std::optional<Box> shape_extent(const Instance& instance) {
  if (instance.mask() != nullptr) return extent(*instance.mask());
  if (!instance.rings.empty()) return extent(instance.rings.points());
  return std::nullopt;
}

bool has_usable_rings(const Rings& rings) {
  for (std::size_t i = 0; i < rings.size(); ++i) {
    if (rings[i].size() < 3) return false;
  }
  return !rings.empty();
}

}  // namespace

void InstanceValidator::check(const Instance& instance, const InstanceContext& context) {
  const Image& image = context.image;
  if (!all_finite(instance)) {
    collector_.add(Rule::kNotFinite, [&] { return place_of(instance, image); });
    return;  // no comparison below means anything
  }
  check_box(instance, image);
  check_area(instance, image);
  check_rings(instance, image);
  check_mask(instance, image);
  check_shape_kind(instance, context);
  check_keypoints(instance, context);
  if (is_positive(image.size)) check_keypoint_positions(instance, image);
}

void InstanceValidator::check_box(const Instance& instance, const Image& image) {
  const Box& box = instance.bbox;
  const auto describe = [&] { return fmt::format("{}: {}", place_of(instance, image), text(box)); };
  if (!(box.width > 0 && box.height > 0)) {
    collector_.add(Rule::kBoxNotPositive, describe);
    return;
  }
  const std::optional<Box> shape = shape_extent(instance);
  // An empty mask and a ring of one or two points are faults of their own and have no extent.
  const bool comparable = shape && shape->width > 0 && shape->height > 0;
  // COCO's crowds have width and height one pixel short: the difference of the pixels' indexes.
  const bool fits = comparable && distance(box, *shape) <= options_.tolerance_px + 1e-6;
  if (comparable && !fits) {
    collector_.add(Rule::kBoxDiffersFromShape, [&] {
      return fmt::format("{}: box {}, {} {}",
                         place_of(instance, image),
                         text(box),
                         instance.mask() != nullptr ? "mask" : "polygon",
                         text(*shape));
    });
  }
  // Where the shape leaves the image, too, that is the one cause to name.
  if (!is_positive(image.size) || fits) return;
  const auto describe_in_image = [&] {
    return fmt::format("{}, image {} x {}", describe(), image.size.width, image.size.height);
  };
  if (is_outside(box, image.size)) {
    collector_.add(Rule::kBoxOutsideImage, describe_in_image);
  } else if (leaves(box, image.size, options_.tolerance_px)) {
    collector_.add(Rule::kBoxLeavesImage, describe_in_image);
  }
}

void InstanceValidator::check_area(const Instance& instance, const Image& image) {
  const auto describe = [&] {
    return fmt::format("{}: area {:.6g}", place_of(instance, image), instance.area);
  };
  if (instance.area <= 0) {
    collector_.add(Rule::kAreaNotPositive, describe);
    return;
  }
  const double tolerance = options_.area_tolerance;
  if (const Rle* mask = instance.mask()) {
    const auto count = static_cast<double>(pixel_count(*mask));
    // COCO 2014's crowds have areas of an older outline, up to a seventh larger than their mask.
    if (count == 0 || instance.iscrowd || is_close(instance.area, count, tolerance)) return;
    collector_.add(Rule::kAreaDiffersFromShape,
                   [&] { return fmt::format("{}, mask {}", describe(), count); });
    return;
  }
  if (!has_usable_rings(instance.rings)) return;
  const double expected = ring_area(instance.rings);
  if (is_close(instance.area, expected, tolerance) || !is_positive(image.size)) return;
  // Painting costs far more than the shoelace formula, and few come this far.
  std::optional<double> painted;
  try {
    painted = static_cast<double>(pixel_count(rasterise(instance.rings, image.size)));
  } catch (const Error&) {
    // Coordinates or image beyond what a mask can have: other rules name them.
  }
  if (painted && is_close(instance.area, *painted, tolerance)) return;
  collector_.add(Rule::kAreaDiffersFromShape, [&] {
    return fmt::format(
        "{}, rings {:.6g}, painted {:.6g}", describe(), expected, painted.value_or(expected));
  });
}

void InstanceValidator::check_rings(const Instance& instance, const Image& image) {
  for (std::size_t i = 0; i < instance.rings.size(); ++i) {
    const std::span<const Point2d> ring = instance.rings[i];
    const auto describe = [&] { return fmt::format("{}: ring {}", place_of(instance, image), i); };
    if (ring.size() < 3) {
      collector_.add(Rule::kRingTooShort,
                     [&] { return fmt::format("{}, {} points", describe(), ring.size()); });
      continue;
    }
    const Box box = extent(ring);
    const auto describe_box = [&] { return fmt::format("{}, extent {}", describe(), text(box)); };
    // Signed areas cancel in a figure of eight; only a ring on a line is without area here.
    const auto crossing = crossing_.find(ring);
    if (crossing.result == RingCrossing::Result::kFound) {
      collector_.add(Rule::kRingCrossesItself, [&] {
        return fmt::format(
            "{}, edges {} and {}", describe(), crossing.first_edge, crossing.second_edge);
      });
    } else if (crossing.result == RingCrossing::Result::kNotChecked) {
      collector_.add(Rule::kRingNotChecked,
                     [&] { return fmt::format("{}, {} points", describe(), ring.size()); });
    } else if (std::abs(signed_area(ring)) <= 1e-9 * (1 + box.width + box.height)) {
      collector_.add(Rule::kRingWithoutArea, describe_box);
    }
    if (!is_positive(image.size)) continue;
    if (is_outside(box, image.size)) {
      collector_.add(Rule::kRingOutsideImage, describe_box);
    } else if (leaves(box, image.size, options_.tolerance_px)) {
      collector_.add(Rule::kRingLeavesImage, describe_box);
    }
  }
}

void InstanceValidator::check_mask(const Instance& instance, const Image& image) {
  const Rle* mask = instance.mask();
  if (mask == nullptr) return;
  if (is_positive(image.size) && mask->size != image.size) {
    collector_.add(Rule::kMaskSizeDiffers, [&] {
      return fmt::format("{}: mask {} x {}, image {} x {}",
                         place_of(instance, image),
                         mask->size.width,
                         mask->size.height,
                         image.size.width,
                         image.size.height);
    });
  }
  if (pixel_count(*mask) == 0) {
    collector_.add(Rule::kMaskEmpty, [&] { return place_of(instance, image); });
  }
}

void InstanceValidator::check_shape_kind(const Instance& instance, const InstanceContext& context) {
  const auto describe = [&] { return place_of(instance, context.image); };
  const bool has_mask = instance.mask() != nullptr;
  if (instance.iscrowd && !instance.rings.empty()) {
    collector_.add(Rule::kCrowdWithPolygons, describe);
  } else if (instance.iscrowd && !has_mask) {
    collector_.add(Rule::kCrowdWithoutMask, describe);
  } else if (!instance.iscrowd && (has_mask || instance.rings.has_holes())) {
    // Rings with holes are written as masks, since COCO's polygons cannot say "hole".
    collector_.add(Rule::kMaskWithoutCrowd, describe);
  } else if (!instance.iscrowd && instance.rings.empty() && context.shapes_expected) {
    collector_.add(Rule::kShapeMissing, describe);
  }
}

void InstanceValidator::check_keypoints(const Instance& instance, const InstanceContext& context) {
  if (context.category == nullptr) return;
  const std::size_t expected = context.category->keypoints.size();
  const std::size_t actual = instance.keypoints.size();
  if (actual == 0) {
    if (context.keypoints_expected) {
      collector_.add(Rule::kKeypointsMissing, [&] { return place_of(instance, context.image); });
    }
  } else if (actual != expected) {
    collector_.add(Rule::kKeypointCountDiffers, [&] {
      return fmt::format("{}: {} key points, category {} has {}",
                         place_of(instance, context.image),
                         actual,
                         labelloom::quoted(context.category->name),
                         expected);
    });
  }
}

void InstanceValidator::check_keypoint_positions(const Instance& instance, const Image& image) {
  const double tolerance = options_.tolerance_px;
  for (std::size_t i = 0; i < instance.keypoints.size(); ++i) {
    const auto& [point, visibility] = instance.keypoints[i];
    const auto describe = [&, p = point] {
      return fmt::format(
          "{}: key point {} at ({:.6g}, {:.6g})", place_of(instance, image), i + 1, p.x, p.y);
    };
    if (visibility == Visibility::kAbsent) {
      if (point != Point2d{}) collector_.add(Rule::kAbsentKeypointWithPosition, describe);
    } else if (point.x < -tolerance || point.y < -tolerance ||
               point.x > image.size.width + tolerance || point.y > image.size.height + tolerance) {
      collector_.add(Rule::kKeypointOutsideImage, describe);
    }
  }
}

}  // namespace labelloom
