#include "apps/drawing.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <opencv2/imgproc.hpp>

namespace labelloom::apps {
namespace {

constexpr int kShift = 4;  // sub-pixel bits of OpenCV's drawing functions
constexpr Colour kDark{20, 20, 20};
constexpr Colour kLight{255, 255, 255};
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;

cv::Scalar scalar(Colour c) { return {double(c.blue), double(c.green), double(c.red)}; }

Colour ink_on(Colour c) {
  return 0.299 * c.red + 0.587 * c.green + 0.114 * c.blue > 130 ? kDark : kLight;
}

// OpenCV's integer coordinates name pixel centres.
cv::Point fixed(Point2d p) {
  constexpr double kScale = 1 << kShift;
  return {static_cast<int>(std::lround((p.x - 0.5) * kScale)),
          static_cast<int>(std::lround((p.y - 0.5) * kScale))};
}

std::vector<cv::Point> fixed(const std::vector<Point2d>& ring, cv::Point offset = {}) {
  std::vector<cv::Point> points;
  points.reserve(ring.size());
  for (const Point2d& p : ring) points.push_back(fixed(p) - offset * (1 << kShift));
  return points;
}

// The built-in font is ASCII: any other character becomes one question mark.
std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xC0) continue;  // the rest of a UTF-8 character
    result += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  constexpr std::size_t kLongest = 40;
  if (result.size() > kLongest) result = result.substr(0, kLongest - 3) + "...";
  return result;
}

cv::Rect pixel_extent(const std::vector<Part>& parts, cv::Size picture) {
  double left = 1e9;
  double top = 1e9;
  double right = -1e9;
  double bottom = -1e9;
  for (const Part& part : parts) {
    for (const auto& ring : part) {
      for (const Point2d& p : ring) {
        left = std::min(left, p.x);
        right = std::max(right, p.x);
        top = std::min(top, p.y);
        bottom = std::max(bottom, p.y);
      }
    }
  }
  if (left > right) return {};
  const cv::Point first(static_cast<int>(std::floor(left)) - 1,
                        static_cast<int>(std::floor(top)) - 1);
  const cv::Point last(static_cast<int>(std::ceil(right)) + 1,
                       static_cast<int>(std::ceil(bottom)) + 1);
  return cv::Rect(first, last) & cv::Rect({0, 0}, picture);
}

}  // namespace

Pen::Pen(cv::Mat& picture, double scale)
    : picture_(picture),
      unit_(scale * std::max(1.0, std::max(picture.cols, picture.rows) / 640.0)) {}

int Pen::thickness(double width) const {
  return std::max(1, static_cast<int>(std::lround(width * unit_)));
}

void Pen::fill(const std::vector<Part>& parts, Colour colour, double opacity) {
  const cv::Rect area = pixel_extent(parts, picture_.size());
  if (area.empty()) return;
  cv::Mat mask = cv::Mat::zeros(area.size(), CV_8U);
  for (const Part& part : parts) {
    std::vector<std::vector<cv::Point>> loops;
    for (const auto& ring : part) loops.push_back(fixed(ring, area.tl()));
    cv::fillPoly(mask, loops, cv::Scalar(255), cv::LINE_8, kShift);
  }
  cv::Mat inside = picture_(area);
  const cv::Mat paint(area.size(), CV_8UC3, scalar(colour));
  cv::Mat tinted;
  cv::addWeighted(inside, 1 - opacity, paint, opacity, 0, tinted);
  tinted.copyTo(inside, mask);
}

void Pen::stroke(const std::vector<Point2d>& ring, bool closed, Colour colour, double width) {
  cv::polylines(
      picture_, fixed(ring), closed, scalar(colour), thickness(width), cv::LINE_AA, kShift);
}

void Pen::outline(const std::vector<Part>& parts, Colour colour, double width) {
  for (const Part& part : parts) {
    for (const auto& ring : part) stroke(ring, true, colour, width);
  }
}

void Pen::rectangle(const Box& box, Colour colour, double width) {
  stroke({{box.x, box.y}, {box.right(), box.y}, {box.right(), box.bottom()}, {box.x, box.bottom()}},
         true,
         colour,
         width);
}

void Pen::line(Point2d from, Point2d to, Colour colour, double width) {
  stroke({from, to}, false, kDark, width + 1.2);
  stroke({from, to}, false, colour, width);
}

void Pen::dot(Point2d centre, double radius, Colour colour, bool hollow) {
  const int fixed_radius = static_cast<int>(std::lround(radius * unit_ * (1 << kShift)));
  if (hollow) {
    ring(centre, radius, colour, 1.5);
    return;
  }
  cv::circle(picture_,
             fixed(centre),
             fixed_radius + thickness(1) * (1 << kShift),
             scalar(kDark),
             cv::FILLED,
             cv::LINE_AA,
             kShift);
  cv::circle(
      picture_, fixed(centre), fixed_radius, scalar(colour), cv::FILLED, cv::LINE_AA, kShift);
}

void Pen::ring(Point2d centre, double radius, Colour colour, double width) {
  const int fixed_radius = static_cast<int>(std::lround(radius * unit_ * (1 << kShift)));
  cv::circle(picture_,
             fixed(centre),
             fixed_radius,
             scalar(kDark),
             thickness(width + 1.5),
             cv::LINE_AA,
             kShift);
  cv::circle(
      picture_, fixed(centre), fixed_radius, scalar(colour), thickness(width), cv::LINE_AA, kShift);
}

cv::Size Pen::text_size(const std::string& text, double scale, int* baseline) const {
  return cv::getTextSize(text, kFont, scale, thickness(1), baseline);
}

bool Pen::reserve(const cv::Rect& area) {
  const auto covers = [&area](const cv::Rect& other) { return !(area & other).empty(); };
  if (std::ranges::any_of(texts_, covers)) return false;
  texts_.push_back(area);
  return true;
}

void Pen::keep_free(Point2d centre, double radius) {
  const int half = thickness(radius);
  texts_.emplace_back(
      static_cast<int>(centre.x) - half, static_cast<int>(centre.y) - half, 2 * half, 2 * half);
}

void Pen::plate(std::string_view text, const Box& box, Colour colour) {
  if (text.empty()) return;
  const std::string shown = printable(text);
  const double scale = 0.42 * unit_;
  int baseline = 0;
  const cv::Size size = text_size(shown, scale, &baseline);
  const int margin = thickness(2);
  const cv::Size outer(size.width + 2 * margin, size.height + baseline + margin);
  const int last_x = std::max(0, picture_.cols - outer.width);
  const int last_y = std::max(0, picture_.rows - outer.height);
  for (const double left : {box.x, box.right() - outer.width}) {
    for (const double top : {box.y - outer.height, box.y, box.bottom()}) {
      const cv::Point corner(std::clamp(static_cast<int>(left), 0, last_x),
                             std::clamp(static_cast<int>(top), 0, last_y));
      const cv::Rect area(corner, outer);
      if (!reserve(area)) continue;
      cv::rectangle(picture_, area, scalar(colour), cv::FILLED);
      cv::putText(picture_,
                  shown,
                  corner + cv::Point(margin, margin + size.height),
                  kFont,
                  scale,
                  scalar(ink_on(colour)),
                  thickness(1),
                  cv::LINE_AA);
      return;
    }
  }
}

void Pen::caption(std::string_view text, Point2d point, double distance, Colour colour) {
  const std::string shown = printable(text);
  const double scale = 0.36 * unit_;
  int baseline = 0;
  const cv::Size size = text_size(shown, scale, &baseline);
  const int gap = thickness(distance);
  const cv::Point centre(static_cast<int>(point.x), static_cast<int>(point.y));
  const int middle = centre.y - size.height / 2;
  for (const cv::Point& corner :
       {cv::Point(centre.x + gap, middle),
        cv::Point(centre.x - gap - size.width, middle),
        cv::Point(centre.x - size.width / 2, centre.y - gap - size.height),
        cv::Point(centre.x - size.width / 2, centre.y + gap)}) {
    const cv::Rect area(corner.x - 1, corner.y - 1, size.width + 2, size.height + baseline);
    if ((area & cv::Rect({0, 0}, picture_.size())) != area || !reserve(area)) continue;
    const cv::Point start(corner.x, corner.y + size.height);
    cv::putText(picture_, shown, start, kFont, scale, scalar(kDark), thickness(3), cv::LINE_AA);
    cv::putText(picture_, shown, start, kFont, scale, scalar(colour), thickness(1), cv::LINE_AA);
    return;
  }
}

}  // namespace labelloom::apps
