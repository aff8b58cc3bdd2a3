#pragma once

// The distances from key points to one instance, and what bounds them for next to nothing: of the
// instances of an image most are too far from a point to matter, and their boxes say so.

#include <cstdint>

#include "formats/dataset.h"

namespace labelloom {

/// Size of an instance, the unit of its distances: the square root of its box's area, kept from
/// vanishing for thin boxes. Pixels.
[[nodiscard]] double instance_size(const Instance& instance);

/// One instance as key points see it. Borrows the instance. Not to be shared by threads.
class InstanceDistance {
 public:
  explicit InstanceDistance(const Instance& instance);

  [[nodiscard]] const Instance& instance() const { return *instance_; }
  [[nodiscard]] double size_px() const { return size_px_; }

  /// Signed distance to the border of the shape.
  [[nodiscard]] double to_shape(Point2d point) const { return signed_distance(*instance_, point); }
  /// Signed distance to the box, or something above `limit_px` where it is above that.
  [[nodiscard]] double to_box(Point2d point, double limit_px) const;
  /// What to_shape() is certainly not below, given to_box() of the same point. Boxes come from
  /// files: one that does not hold its shape bounds nothing, and this is minus infinity.
  [[nodiscard]] double lower_bound(double to_box_px);

 private:
  enum class Box : std::uint8_t { kUnknown, kHolds, kFails };
  [[nodiscard]] bool box_holds_shape() const;

  const Instance* instance_;
  double left_, top_, right_, bottom_;
  double size_px_;
  double slack_px_;  // far above what rounding can do to either distance
  Box box_ = Box::kUnknown;
};

}  // namespace labelloom
