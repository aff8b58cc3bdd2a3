#include "augment/row_span.h"

#include <algorithm>
#include <cmath>

namespace labelloom::augment {
namespace {

/// The whole numbers u in [0, width) that meet conditions a u + b >= 0 or > 0.
class WholeNumbers {
 public:
  explicit WholeNumbers(int width) : low_(0), high_(width - 1) {}

  void at_least_zero(double a, double b) { meet(a, b, false); }
  void above_zero(double a, double b) { meet(a, b, true); }

  [[nodiscard]] RowSpan span() const {
    if (!(low_ <= high_)) return {};
    return {static_cast<int>(low_), static_cast<int>(high_) + 1};
  }

 private:
  void meet(double a, double b, bool strict) {
    const double root = -b / a;  // not used when a is zero
    if (a > 0) {
      low_ = std::max(low_, strict ? std::floor(root) + 1 : std::ceil(root));
    } else if (a < 0) {
      high_ = std::min(high_, strict ? std::ceil(root) - 1 : std::floor(root));
    } else if (!(strict ? b > 0 : b >= 0)) {
      high_ = -1;
    }
    if (!std::isfinite(a) || !std::isfinite(b)) high_ = -1;
  }

  double low_;
  double high_;
};

}  // namespace

RowSpan intersection(RowSpan a, RowSpan b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

RowSpan inside(const Homography& map,
               int row,
               int width,
               double left,
               double top,
               double right,
               double bottom) {
  // The image of column u is (x / w, y / w), all three linear in u.
  const auto& m = map.m;
  const double x = m[1] * row + m[2];
  const double y = m[4] * row + m[5];
  const double w = m[7] * row + m[8];
  constexpr double kHorizon = 1e-6;
  WholeNumbers columns(width);
  columns.at_least_zero(m[6], w - kHorizon);
  columns.at_least_zero(m[0] - left * m[6], x - left * w);
  columns.at_least_zero(m[3] - top * m[6], y - top * w);
  columns.above_zero(right * m[6] - m[0], right * w - x);
  columns.above_zero(bottom * m[6] - m[3], bottom * w - y);
  return columns.span();
}

RowSpan inside(const Window& window, int row, int width) {
  const Homography map = window.frame_from_out * translation(0.5, 0.5);
  return inside(map, row, width, 0, 0, window.frame.width, window.frame.height);
}

}  // namespace labelloom::augment
