#include "augment/effect.h"

#include <cmath>

namespace labelloom::augment {

Point2d Field::out_from_in(Point2d in) const {
  // Newton's method with a numerical Jacobian. Fields are smooth; where one folds there is no
  // single answer, and the last, nearest, iterate is as good as any.
  constexpr int kIterations = 20;
  constexpr double kTolerance = 1e-4;
  constexpr double kDelta = 0.25;
  Point2d out = in;
  for (int i = 0; i < kIterations; ++i) {
    const Point2d at = in_from_out(out);
    const Point2d error{at.x - in.x, at.y - in.y};
    if (std::abs(error.x) < kTolerance && std::abs(error.y) < kTolerance) break;
    const Point2d right = in_from_out({out.x + kDelta, out.y});
    const Point2d below = in_from_out({out.x, out.y + kDelta});
    const double xx = (right.x - at.x) / kDelta;
    const double yx = (right.y - at.y) / kDelta;
    const double xy = (below.x - at.x) / kDelta;
    const double yy = (below.y - at.y) / kDelta;
    const double det = xx * yy - xy * yx;
    if (!(det > 0.05)) {  // folded: a damped step towards the answer
      out = {out.x - error.x / 2, out.y - error.y / 2};
      continue;
    }
    out = {out.x - (yy * error.x - xy * error.y) / det,
           out.y - (xx * error.y - yx * error.x) / det};
  }
  return out;
}

void Field::row(int row, std::span<float> x, std::span<float> y) const {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Point2d in = in_from_out({static_cast<double>(i) + 0.5, row + 0.5});
    x[i] = static_cast<float>(in.x);
    y[i] = static_cast<float>(in.y);
  }
}

Size size_after(const Effect& effect, Size before) {
  if (const auto* map = std::get_if<Projective>(&effect)) return map->out;
  if (const auto* collage = std::get_if<Collage>(&effect)) return collage->out;
  return before;
}

}  // namespace labelloom::augment
