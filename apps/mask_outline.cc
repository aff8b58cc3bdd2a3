#include "apps/mask_outline.h"

#include <opencv2/imgproc.hpp>

namespace labelloom::apps {

std::vector<Point2d> simplify(const std::vector<Point2d>& loop, double tolerance) {
  std::vector<cv::Point2f> points;
  points.reserve(loop.size());
  for (const Point2d& p : loop) {
    points.emplace_back(static_cast<float>(p.x), static_cast<float>(p.y));
  }
  std::vector<cv::Point2f> fewer;
  cv::approxPolyDP(points, fewer, tolerance, true);
  if (fewer.size() < 3) return loop;
  std::vector<Point2d> result;
  result.reserve(fewer.size());
  for (const cv::Point2f& p : fewer) result.push_back({p.x, p.y});
  return result;
}

}  // namespace labelloom::apps
