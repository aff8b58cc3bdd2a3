#pragma once

// Continuous image coordinates everywhere: (0, 0) is the outer top-left corner of the top-left
// pixel, y grows down, the far corner of a W x H image is (W, H) and the centre of pixel
// (column c, row r) is (c + 0.5, r + 0.5). Lengths are pixels, areas square pixels.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace labelloom {

struct Point2d {
  double x = 0;
  double y = 0;
  friend bool operator==(const Point2d&, const Point2d&) = default;
};

/// Width and height of an image in pixels.
struct Size {
  int width = 0;
  int height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

/// Axis-parallel box: top-left corner, width, height.
struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  [[nodiscard]] double right() const { return x + width; }
  [[nodiscard]] double bottom() const { return y + height; }
  [[nodiscard]] double area() const { return width * height; }
  friend bool operator==(const Box&, const Box&) = default;
};

/// The rings of one instance in one flat array of points. Rings are not closed (the first point is
/// not repeated). A ring is an outer border, or a hole of the last outer border before it; the
/// instance's region is the union of its parts.
class Rings {
 public:
  Rings() = default;
  /// One outer ring.
  explicit Rings(const std::vector<Point2d>& ring) { add(ring); }
  Rings(const Rings& other);
  Rings& operator=(const Rings& other);
  Rings(Rings&& other) noexcept;
  Rings& operator=(Rings&& other) noexcept;
  ~Rings();

  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// Number of rings, holes included.
  [[nodiscard]] std::size_t size() const { return empty() ? 0 : starts().size() + 1; }
  /// Points of ring `index`.
  [[nodiscard]] std::span<const Point2d> operator[](std::size_t index) const;
  [[nodiscard]] std::span<Point2d> operator[](std::size_t index);
  [[nodiscard]] bool is_hole(std::size_t index) const {
    return index > 0 && starts()[index - 1].hole;
  }
  [[nodiscard]] bool has_holes() const;
  /// All points of all rings, in order.
  [[nodiscard]] std::span<const Point2d> points() const { return {points_, count_}; }
  [[nodiscard]] std::span<Point2d> points() { return {points_, count_}; }
  /// Appends a ring; empty rings are ignored.
  void add(std::span<const Point2d> ring, bool hole = false);
  /// Appends a ring of `count` points, which the caller has to fill in.
  [[nodiscard]] std::span<Point2d> append(std::size_t count, bool hole = false);
  void reserve(std::size_t point_count);

  friend bool operator==(const Rings& a, const Rings& b);

 private:
  struct Start {
    std::uint32_t first = 0;  // index in points_
    bool hole = false;
    friend bool operator==(const Start&, const Start&) = default;
  };
  [[nodiscard]] std::span<const Start> starts() const {
    return starts_ ? std::span<const Start>(*starts_) : std::span<const Start>();
  }

  // Three words, as a large file has a million of these.
  Point2d* points_ = nullptr;  // see point_pool.h
  std::uint32_t count_ = 0;
  std::uint32_t room_ = 0;
  std::unique_ptr<std::vector<Start>> starts_;  // of every ring after the first, if there is one
};

/// Shoelace area of a ring, positive when its points run clockwise on the screen. Empty: 0.
[[nodiscard]] double signed_area(std::span<const Point2d> ring);

/// Sum of the absolute ring areas, holes subtracted: COCO's rule for `area`.
[[nodiscard]] double ring_area(const Rings& rings);

/// Smallest box around the points; all zeros when there are none.
[[nodiscard]] Box extent(std::span<const Point2d> points);

/// Corners of a rectangle that is turned by `rotation_deg` (clockwise on the screen) about its
/// unturned top-left corner, as Label Studio does: top-left, top-right, bottom-right, bottom-left.
[[nodiscard]] std::array<Point2d, 4> rotated_corners(const Box& box, double rotation_deg);

/// Polygon inscribed in an ellipse, turned by `rotation_deg` about its centre; `count` points.
/// Its area is within (2 pi^2 / 3 count^2) of the ellipse's: 0.16 % for 64 points.
[[nodiscard]] std::vector<Point2d> ellipse_points(
    Point2d centre, double radius_x, double radius_y, double rotation_deg, int count = 64);

/// Whether all coordinates are finite.
[[nodiscard]] bool is_finite(std::span<const Point2d> points);

/// Cuts rings against the frame [0, width] x [0, height] by true intersection, holes included.
/// A concave ring may become several; parts under `min_area` square pixels are dropped. Rings that
/// lie inside already are returned as they are, to the last bit.
/// @throws Error(kInvalidData) if a coordinate is not finite.
[[nodiscard]] Rings clip_to_frame(const Rings& rings, Size frame, double min_area = 1e-3);

/// The part of `box` inside the frame; zero size when they do not meet.
[[nodiscard]] Box clip_to_frame(const Box& box, Size frame);

/// Why a ring is not a simple polygon: nullptr when it is one, else "fewer than 3 points",
/// "not finite", "no area", "self-intersection".
[[nodiscard]] const char* ring_defect(std::span<const Point2d> ring);

/// Distance from `point` to the border of the region, negative inside, positive outside; holes are
/// outside. Infinity for an empty region.
[[nodiscard]] double signed_distance(const Rings& rings, Point2d point);
[[nodiscard]] double signed_distance(const Box& box, Point2d point);

}  // namespace labelloom
