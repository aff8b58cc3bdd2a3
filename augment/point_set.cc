#include "augment/point_set.h"

#include <algorithm>
#include <array>

#include "formats/mask_trace.h"
#include "formats/region_area.h"

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

void lay_out_rings(PointSet& set, std::uint32_t index, const Rings& rings) {
  bool usable = false;
  for (std::size_t r = 0; r < rings.size(); ++r) {
    // What has no inside goes, its holes with it.
    const bool has_inside = rings[r].size() >= 3;
    if (!rings.is_hole(r)) usable = has_inside;
    if (usable && has_inside) set.add(index, Span::Kind::kRing, rings[r], rings.is_hole(r));
  }
}

/// A mask of another size than the picture cannot be moved with it.
void lay_out_mask(PointSet& set, std::uint32_t index, const Rle* mask, Size frame) {
  if (mask == nullptr || mask->size != frame) return;
  const Rings rings = mask_rings(*mask);
  for (std::size_t r = 0; r < rings.size(); ++r) {
    set.add(index, Span::Kind::kMaskRing, rings[r], rings.is_hole(r));
  }
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

/// Copies labels span by span, with something done to rings and key points on the way.
class Cutter {
 public:
  Cutter(Labels& labels,
         const std::function<Rings(const Rings&)>& cut,
         const std::function<Visibility(Point2d, Visibility)>& see)
      : labels_(labels), cut_(cut), see_(see) {}

  void run() {
    const std::span<const Span> spans(labels_.geometry.spans);
    for (std::size_t i = 0; i < spans.size();) {
      std::size_t end = i + 1;
      while (end < spans.size() && spans[end].instance == spans[i].instance &&
             spans[end].kind == spans[i].kind) {
        ++end;
      }
      if (spans[i].kind == Span::Kind::kKeypoint) {
        copy_keypoints(spans[i]);
      } else {
        copy_rings(spans.subspan(i, end - i));
      }
      i = end;
    }
    labels_.geometry = std::move(geometry_);
    labels_.visibility = std::move(visibility_);
  }

 private:
  void copy_keypoints(const Span& span) {
    geometry_.add(span.instance, span.kind, labels_.geometry[span]);
    for (std::size_t i = span.first; i < span.first + span.count; ++i) {
      visibility_.push_back(see_(labels_.geometry.points[i], labels_.visibility[i]));
    }
  }

  void copy_rings(std::span<const Span> spans) {
    Rings rings;
    for (const Span& span : spans) rings.add(labels_.geometry[span], span.hole);
    // Borders of masks do not meet; to look for it would take long.
    const bool may_meet = spans.front().kind == Span::Kind::kRing;
    const auto area = [may_meet](const Rings& of) {
      return may_meet ? region_area(of) : ring_area(of);
    };
    const double before = area(rings);
    rings = cut_(rings);
    for (std::size_t r = 0; r < rings.size(); ++r) {
      geometry_.add(spans.front().instance, spans.front().kind, rings[r], rings.is_hole(r));
    }
    visibility_.resize(geometry_.points.size(), Visibility::kVisible);
    Tracked& tracked = labels_.instances[spans.front().instance];
    const bool decides = spans.front().kind == tracked.measured;
    if (decides && before > 0) tracked.visible *= std::clamp(area(rings) / before, 0.0, 1.0);
  }

  Labels& labels_;
  const std::function<Rings(const Rings&)>& cut_;
  const std::function<Visibility(Point2d, Visibility)>& see_;
  PointSet geometry_;
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
    lay_out_rings(labels.geometry, index, instance->rings);
    lay_out_mask(labels.geometry, index, instance->mask(), frame);
    if (!labels.geometry.spans.empty() && labels.geometry.spans.back().instance == index) {
      labels.instances.back().measured = labels.geometry.spans.back().kind;
    }
    lay_out_keypoints(labels, index, *instance);
  }
  labels.visibility.resize(labels.geometry.points.size(), Visibility::kVisible);
  cut_at_frame(labels, frame);
  for (Tracked& tracked : labels.instances) tracked.visible = 1;  // of what had pixels
  return labels;
}

void cut(Labels& labels,
         const std::function<Rings(const Rings&)>& cut,
         const std::function<Visibility(Point2d, Visibility)>& see) {
  Cutter(labels, cut, see).run();
}

void cut_at_frame(Labels& labels, Size frame) {
  labels.frame = frame;
  if (inside(labels.geometry.points, frame)) return;
  cut(
      labels,
      [frame](const Rings& rings) { return clip_to_frame(rings, frame); },
      [frame](Point2d point, Visibility seen) {
        return inside(std::span(&point, 1), frame) ? seen : Visibility::kAbsent;
      });
}

void append(Labels& labels, const Labels& others) {
  const auto first = static_cast<std::uint32_t>(labels.instances.size());
  labels.instances.insert(labels.instances.end(), others.instances.begin(), others.instances.end());
  for (const Span& span : others.geometry.spans) {
    labels.geometry.add(first + span.instance, span.kind, others.geometry[span], span.hole);
  }
  labels.visibility.insert(
      labels.visibility.end(), others.visibility.begin(), others.visibility.end());
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
