#include "convert/keypoint_distance.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "formats/rle.h"

namespace labelloom {

double instance_size(const Instance& instance) {
  const double w = std::abs(instance.bbox.width);
  const double h = std::abs(instance.bbox.height);
  return std::max({std::sqrt(w * h), 0.1 * std::max(w, h), 1.0});
}

InstanceDistance::InstanceDistance(const Instance& instance)
    : instance_(&instance),
      left_(instance.bbox.x),
      top_(instance.bbox.y),
      right_(instance.bbox.right()),
      bottom_(instance.bbox.bottom()),
      size_px_(instance_size(instance)),
      slack_px_(1e-6 * size_px_ +
                1e-12 * (std::abs(left_) + std::abs(top_) + std::abs(right_) + std::abs(bottom_))) {
}

double InstanceDistance::to_box(Point2d point, double limit_px) const {
  const double dx = std::max(left_ - point.x, point.x - right_);
  const double dy = std::max(top_ - point.y, point.y - bottom_);
  if (dx > limit_px || dy > limit_px) return std::numeric_limits<double>::infinity();
  if (dx <= 0 && dy <= 0) return std::max(dx, dy);
  if (dx <= 0) return dy;
  if (dy <= 0) return dx;
  return std::hypot(dx, dy);
}

double InstanceDistance::lower_bound(double to_box_px) {
  constexpr double kNothing = -std::numeric_limits<double>::infinity();
  if (!(to_box_px > 0)) return kNothing;  // inside the box the border may be anywhere
  if (box_ == Box::kUnknown) box_ = box_holds_shape() ? Box::kHolds : Box::kFails;
  return box_ == Box::kHolds ? to_box_px - 2 * slack_px_ : kNothing;
}

bool InstanceDistance::box_holds_shape() const {
  // Also false where anything is not a number.
  const auto holds = [&](double left, double top, double right, double bottom) {
    return left >= left_ - slack_px_ && top >= top_ - slack_px_ && right <= right_ + slack_px_ &&
           bottom <= bottom_ + slack_px_;
  };
  if (const Rle* mask = instance_->mask()) {
    const labelloom::Box tight = extent(*mask);
    // The distance to an empty mask is infinite.
    return tight.width == 0 || holds(tight.x, tight.y, tight.right(), tight.bottom());
  }
  return std::ranges::all_of(instance_->rings.points(),
                             [&](const Point2d& p) { return holds(p.x, p.y, p.x, p.y); });
}

}  // namespace labelloom
