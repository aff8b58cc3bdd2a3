#pragma once

// The heart of augmentation: every annotation is points. Boxes, rings and key points of an image
// lie in one flat array; a transform says how a point moves and cannot forget any of them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "augment/effect.h"
#include "formats/dataset.h"

namespace labelloom::augment {

/// Where a run of points in a PointSet came from.
struct Span {
  enum class Kind : std::uint8_t {
    kBoxOutline,
    kRing,
    kMaskRing,  ///< border of a mask's pixels, which are moved as pixels: it tells what is left
    kKeypoint,
  };
  std::uint32_t instance = 0;  ///< index in Labels::instances
  Kind kind = Kind::kRing;
  bool hole = false;  ///< of the last ring before it that is none
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// All annotation geometry of one image as one flat array, in continuous image coordinates
/// (pixels). The spans of an instance lie together: outline, rings, borders of its mask, key
/// points.
struct PointSet {
  std::vector<Point2d> points;
  std::vector<Span> spans;

  [[nodiscard]] std::span<const Point2d> operator[](const Span& span) const {
    return std::span(points).subspan(span.first, span.count);
  }
  [[nodiscard]] std::span<Point2d> operator[](const Span& span) {
    return std::span(points).subspan(span.first, span.count);
  }
  /// Appends points and the span that describes them.
  void add(std::uint32_t instance,
           Span::Kind kind,
           std::span<const Point2d> run,
           bool hole = false);
};

/// What stands for an instance's box while it is moved: its corners, or the ellipse inside it,
/// whose extent stays tighter under rotation where objects are round.
enum class BoxOutline : std::uint8_t { kCorners, kEllipse };

/// What is known of an instance besides its points.
struct Tracked {
  const Instance* source = nullptr;
  std::size_t image = View::kSelf;  ///< the donor it came from
  double visible = 1;               ///< share of the source's area that is still in the picture
  Span::Kind measured = Span::Kind::kBoxOutline;  ///< the spans that say so: of mask, rings or box
  bool mirrored = false;                          ///< an odd number of mirrorings
};

/// The annotations of a picture while effects are applied to it.
struct Labels {
  Size frame;
  PointSet geometry;
  /// Parallel to geometry.points; of meaning for key points only.
  std::vector<Visibility> visibility;
  std::vector<Tracked> instances;
};

/// Lays instances out as points, cut at the frame: what lies outside has no pixels.
[[nodiscard]] Labels lay_out(std::span<const Instance* const> instances,
                             Size frame,
                             BoxOutline outline = BoxOutline::kCorners);

/// Puts `cut(rings)` in the place of each instance's rings, and of each box outline, and
/// `see(point, visibility)` in that of each key point's visibility; notes the share of the area
/// that is left.
void cut(Labels& labels,
         const std::function<Rings(const Rings&)>& cut,
         const std::function<Visibility(Point2d, Visibility)>& see);

/// Cuts everything against a frame by true intersection; key points outside become absent.
void cut_at_frame(Labels& labels, Size frame);

/// Appends the annotations of another picture.
void append(Labels& labels, const Labels& others);

/// Extents of what is left of each instance's box outline, without those that are gone.
[[nodiscard]] std::vector<Box> boxes(const Labels& labels);

}  // namespace labelloom::augment
