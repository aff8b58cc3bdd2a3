#include "augment/point_set.h"

#include <algorithm>
#include <array>

namespace labelloom::augment {
namespace {

constexpr int kEllipsePoints = 64;

void lay_out_box(PointSet& set, std::uint32_t index, const Box& box, BoxOutline outline) {
  if (!(box.width > 0 && box.height > 0)) return;
  if (outline == BoxOutline::kCorners) {
    set.add(index, Span::Kind::kBoxOutline, rotated_corners(box, 0));
    return;
  }
  const Point2d centre{box.x + box.width / 2, box.y + box.height / 2};
  set.add(index,
          Span::Kind::kBoxOutline,
          ellipse_points(centre, box.width / 2, box.height / 2, 0, kEllipsePoints));
}

void lay_out_keypoints(Labels& labels, std::uint32_t index, const Instance& instance) {
  if (instance.keypoints.empty()) return;
  std::vector<Point2d> points;
  for (const Keypoint& keypoint : instance.keypoints) points.push_back(keypoint.point);
  labels.geometry.add(index, Span::Kind::kKeypoint, points);
  labels.visibility.resize(labels.geometry.points.size() - points.size(), Visibility::kVisible);
  for (const Keypoint& keypoint : instance.keypoints) {
    labels.visibility.push_back(keypoint.visibility);
  }
}

bool inside(std::span<const Point2d> points, Size frame) {
  return std::ranges::all_of(points, [frame](Point2d p) {
    return p.x >= 0 && p.y >= 0 && p.x <= frame.width && p.y <= frame.height;
  });
}

/// Copies labels span by span, cutting what crosses the frame.
class Cutter {
 public:
  Cutter(Labels& from, Size frame) : from_(from), frame_(frame) {}

  void run() {
    const auto& spans = from_.geometry.spans;
    for (std::size_t i = 0; i < spans.size();) {
      std::size_t end = i + 1;
      const auto same = [&](std::size_t k) {
        return k < spans.size() && spans[k].instance == spans[i].instance &&
               spans[k].kind == spans[i].kind;
      };
      while (same(end)) ++end;
      cut(std::span(spans).subspan(i, end - i));
      i = end;
    }
    from_.geometry = std::move(to_);
    from_.visibility = std::move(visibility_);
  }

 private:
  void cut(std::span<const Span> spans) {
    if (spans.front().kind == Span::Kind::kKeypoint) {
      cut_keypoints(spans.front());
    } else {
      cut_rings(spans);
    }
    visibility_.resize(to_.points.size(), Visibility::kVisible);
  }

  void cut_keypoints(const Span& span) {
    to_.add(span.instance, span.kind, from_.geometry[span]);
    for (std::size_t i = span.first; i < span.first + span.count; ++i) {
      const bool stays = inside(std::span(&from_.geometry.points[i], 1), frame_);
      visibility_.push_back(stays ? from_.visibility[i] : Visibility::kAbsent);
    }
  }

  void cut_rings(std::span<const Span> spans) {
    Rings rings;
    for (const Span& span : spans) rings.add(from_.geometry[span], span.hole);
    const double before = ring_area(rings);
    rings = clip_to_frame(rings, frame_);
    for (std::size_t r = 0; r < rings.size(); ++r) {
      to_.add(spans.front().instance, spans.front().kind, rings[r], rings.is_hole(r));
    }
    note_visible(spans.front(), before, ring_area(rings));
  }

  /// Rings say how much of an instance is left; the box does where there are none.
  void note_visible(const Span& span, double before, double after) {
    Tracked& tracked = from_.instances[span.instance];
    const bool decides = span.kind == Span::Kind::kRing || tracked.source->rings.empty();
    if (decides && before > 0) tracked.visible *= std::clamp(after / before, 0.0, 1.0);
  }

  Labels& from_;
  Size frame_;
  PointSet to_;
  std::vector<Visibility> visibility_;
};

}  // namespace

void PointSet::add(std::uint32_t instance,
                   Span::Kind kind,
                   std::span<const Point2d> run,
                   bool hole) {
  if (run.empty()) return;
  spans.push_back({instance,
                   kind,
                   hole,
                   static_cast<std::uint32_t>(points.size()),
                   static_cast<std::uint32_t>(run.size())});
  points.insert(points.end(), run.begin(), run.end());
}

Labels lay_out(std::span<const Instance* const> instances, Size frame, BoxOutline outline) {
  Labels labels;
  labels.frame = frame;
  for (const Instance* instance : instances) {
    const auto index = static_cast<std::uint32_t>(labels.instances.size());
    labels.instances.push_back({instance});
    lay_out_box(labels.geometry, index, instance->bbox, outline);
    for (std::size_t r = 0; r < instance->rings.size(); ++r) {
      labels.geometry.add(index, Span::Kind::kRing, instance->rings[r], instance->rings.is_hole(r));
    }
    lay_out_keypoints(labels, index, *instance);
  }
  labels.visibility.resize(labels.geometry.points.size(), Visibility::kVisible);
  cut_at_frame(labels, frame);
  for (Tracked& tracked : labels.instances) tracked.visible = 1;  // of what had pixels
  return labels;
}

void cut_at_frame(Labels& labels, Size frame) {
  labels.frame = frame;
  if (!inside(labels.geometry.points, frame)) Cutter(labels, frame).run();
}

std::vector<Box> boxes(const Labels& labels) {
  std::vector<Box> found;
  for (const Span& span : labels.geometry.spans) {
    if (span.kind != Span::Kind::kBoxOutline) continue;
    found.push_back(extent(labels.geometry[span]));
  }
  return found;
}

}  // namespace labelloom::augment
