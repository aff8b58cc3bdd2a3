#pragma once

// Anti-aliased drawing in continuous image coordinates, on 8-bit BGR pictures.

#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

#include "apps/overlay.h"

namespace labelloom::apps {

class Pen {
 public:
  /// Draws into `picture`. One drawing unit is one pixel of a picture of 640 pixels, and grows with
  /// it; `scale` makes it larger.
  explicit Pen(cv::Mat& picture, double scale = 1);

  /// Tints the union of the parts.
  void fill(const std::vector<Part>& parts, Colour colour, double opacity);
  void outline(const std::vector<Part>& parts, Colour colour, double width);
  void rectangle(const Box& box, Colour colour, double width);
  void line(Point2d from, Point2d to, Colour colour, double width);
  /// A dot with a dark rim; `hollow` leaves its inside as it is.
  void dot(Point2d centre, double radius, Colour colour, bool hollow);
  void ring(Point2d centre, double radius, Colour colour, double width);

  /// Text on a plate above the top left corner of `box`, else inside it, else below, else the same
  /// on the right: the first of these, moved into the picture, that covers no other text; not drawn
  /// if all do.
  void plate(std::string_view text, const Box& box, Colour colour);
  /// Text with a dark rim beside `point`, where it covers no other text; not drawn if it would.
  void caption(std::string_view text, Point2d point, double distance, Colour colour);
  /// Keeps texts out of the square around `centre`.
  void keep_free(Point2d centre, double radius);

 private:
  [[nodiscard]] int thickness(double width) const;
  void stroke(const std::vector<Point2d>& ring, bool closed, Colour colour, double width);
  [[nodiscard]] cv::Size text_size(const std::string& text, double scale, int* baseline) const;
  bool reserve(const cv::Rect& area);

  cv::Mat& picture_;
  double unit_;
  std::vector<cv::Rect> texts_;
};

}  // namespace labelloom::apps
