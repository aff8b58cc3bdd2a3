#include "augment/apply.h"

#include <algorithm>
#include <cmath>

#include "augment/mix_labels.h"
#include "formats/error.h"

namespace labelloom::augment {
namespace {

/// Largest distance, in pixels, between an edge and its bent image.
constexpr double kBendTolerance = 0.1;
/// Edges longer than this are divided even if their middle lies on the chord: fields may wiggle.
constexpr double kLongestEdge = 16;
constexpr int kDeepest = 12;

double distance(Point2d a, Point2d b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// Appends the image of the open edge from `a` (whose image is `fa`) to `b`, without its ends.
void bend_edge(const Field& field,
               Point2d a,
               Point2d fa,
               Point2d b,
               Point2d fb,
               int depth,
               std::vector<Point2d>& out) {
  const double length = distance(a, b);
  if (depth >= kDeepest || length < 1) return;
  const Point2d middle{(a.x + b.x) / 2, (a.y + b.y) / 2};
  const Point2d image = field.out_from_in(middle);
  const Point2d chord{(fa.x + fb.x) / 2, (fa.y + fb.y) / 2};
  if (length <= kLongestEdge && distance(image, chord) < kBendTolerance) return;
  bend_edge(field, a, fa, middle, image, depth + 1, out);
  out.push_back(image);
  bend_edge(field, middle, image, b, fb, depth + 1, out);
}

std::vector<Point2d> bend(const Field& field, std::span<const Point2d> ring) {
  std::vector<Point2d> out;
  Point2d from = ring.back();
  Point2d from_image = field.out_from_in(from);
  for (const Point2d to : ring) {
    const Point2d to_image = field.out_from_in(to);
    bend_edge(field, from, from_image, to, to_image, 0, out);
    out.push_back(to_image);
    from = to;
    from_image = to_image;
  }
  return out;
}

/// What is nearer than this to a perspective's horizon is far outside of any frame.
constexpr double kHorizon = 1e-4;

double nearness(const Homography& map, Point2d p) {
  return map.m[6] * p.x + map.m[7] * p.y + map.m[8];
}

/// Cuts off what lies behind the horizon (Sutherland and Hodgman 1974); an edge along the horizon
/// goes when the frame is cut.
std::vector<Point2d> before_horizon(const Homography& map, std::span<const Point2d> ring) {
  std::vector<Point2d> kept;
  Point2d from = ring.back();
  for (const Point2d to : ring) {
    const double a = nearness(map, from) - kHorizon;
    const double b = nearness(map, to) - kHorizon;
    if ((a > 0) != (b > 0)) {
      const double t = a / (a - b);
      kept.push_back({from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)});
    }
    if (b > 0) kept.push_back(to);
    from = to;
  }
  return kept;
}

void cut_at_horizon(const Homography& map, Labels& labels) {
  const auto hidden = [&](Point2d p) { return !(nearness(map, p) > kHorizon); };
  if (map.is_affine() || std::ranges::none_of(labels.geometry.points, hidden)) return;
  PointSet kept;
  std::vector<Visibility> visibility;
  for (const Span& span : labels.geometry.spans) {
    const auto run = labels.geometry[span];
    if (span.kind == Span::Kind::kKeypoint) {
      std::vector<Point2d> points(run.begin(), run.end());
      for (std::size_t i = 0; i < run.size(); ++i) {
        const bool gone = hidden(run[i]);
        if (gone) points[i] = {};
        visibility.push_back(gone ? Visibility::kAbsent : labels.visibility[span.first + i]);
      }
      kept.add(span.instance, span.kind, points);
    } else {
      kept.add(span.instance, span.kind, before_horizon(map, run), span.hole);
      visibility.resize(kept.points.size(), Visibility::kVisible);
    }
  }
  labels.geometry = std::move(kept);
  labels.visibility = std::move(visibility);
}

void apply_map(const Projective& map, Labels& labels) {
  cut_at_horizon(map.out_from_in, labels);
  for (Point2d& point : labels.geometry.points) point = map.out_from_in(point);
  if (map.out_from_in.determinant() < 0) {
    for (Tracked& tracked : labels.instances) tracked.mirrored = !tracked.mirrored;
  }
  cut_at_frame(labels, map.out);
}

void apply_warp(const Field& field, Labels& labels) {
  PointSet bent;
  std::vector<Visibility> visibility;
  for (const Span& span : labels.geometry.spans) {
    const auto run = labels.geometry[span];
    if (span.kind == Span::Kind::kKeypoint) {
      std::vector<Point2d> points;
      for (std::size_t i = 0; i < run.size(); ++i) {
        const Visibility seen = labels.visibility[span.first + i];
        points.push_back(seen == Visibility::kAbsent ? run[i] : field.out_from_in(run[i]));
        visibility.push_back(seen);
      }
      bent.add(span.instance, span.kind, points);
    } else {
      bent.add(span.instance, span.kind, bend(field, run), span.hole);
      visibility.resize(bent.points.size(), Visibility::kVisible);
    }
  }
  labels.geometry = std::move(bent);
  labels.visibility = std::move(visibility);
  cut_at_frame(labels, labels.frame);
}

void apply_erase(const Erase& erase, Labels& labels) {
  for (const Span& span : labels.geometry.spans) {
    if (span.kind != Span::Kind::kKeypoint) continue;
    for (std::size_t i = span.first; i < span.first + span.count; ++i) {
      const Point2d p = labels.geometry.points[i];
      const bool covered = std::ranges::any_of(erase.rects, [p](const PixelRect& r) {
        return p.x >= r.x && p.y >= r.y && p.x < r.x + r.width && p.y < r.y + r.height;
      });
      if (covered && labels.visibility[i] == Visibility::kVisible) {
        labels.visibility[i] = Visibility::kHidden;
      }
    }
  }
}

const Donors& known(const Donors* donors) {
  if (donors == nullptr) throw Error(Errc::kArgument, {}, "there are no other images to mix with");
  return *donors;
}

}  // namespace

void apply(const Effect& effect, Labels& labels, const Donors* donors, BoxOutline outline) {
  if (const auto* map = std::get_if<Projective>(&effect)) {
    apply_map(*map, labels);
  } else if (const auto* warp = std::get_if<Warp>(&effect)) {
    apply_warp(*warp->field, labels);
  } else if (const auto* erase = std::get_if<Erase>(&effect)) {
    apply_erase(*erase, labels);
  } else if (const auto* collage = std::get_if<Collage>(&effect)) {
    apply(*collage, labels, known(donors), outline);
  } else if (const auto* blend = std::get_if<Blend>(&effect)) {
    apply(*blend, labels, known(donors), outline);
  } else if (const auto* paste = std::get_if<Paste>(&effect)) {
    apply(*paste, labels, known(donors), outline);
  }
}

void apply(const Plan& plan, Labels& labels, const Donors* donors, BoxOutline outline) {
  for (const Step& step : plan.steps) {
    for (const Effect& effect : step.effects) apply(effect, labels, donors, outline);
  }
}

}  // namespace labelloom::augment
