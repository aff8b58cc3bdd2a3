#include "apps/cutout.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include "apps/drawing.h"

namespace labelloom::apps {
namespace {

// Wide enough to show where both candidates' borders run, near enough to see the point.
double crop_side(const DoubtfulKeypoint& keypoint,
                 const Instance* owner,
                 const Instance* other,
                 Size image_size) {
  double side = 120;
  for (const double distance :
       {keypoint.distance_px.value_or(0), keypoint.other_distance_px.value_or(0)}) {
    if (std::isfinite(distance)) side = std::max(side, 3 * std::abs(distance));
  }
  for (const Instance* instance : {owner, other}) {
    if (instance == nullptr) continue;
    const double longer = std::max(instance->bbox.width, instance->bbox.height);
    if (std::isfinite(longer)) side = std::max(side, 0.7 * longer);
  }
  return std::min(side, 1.0 * std::max({image_size.width, image_size.height, 32}));
}

void draw_candidate(Pen& pen, const Shape& shape, Colour colour) {
  pen.fill(shape.parts, colour, 0.2);
  pen.outline(shape.parts, colour, 2);
  if (shape.parts.empty()) pen.rectangle(shape.box, colour, 2);
}

// Where a crop of `side` begins along an axis of the image: the point in its middle, unless that
// would show what lies beyond the image; the point never comes near the crop's border.
double crop_begin(double point, double side, double image_side) {
  double begin = point - side / 2;
  if (side <= image_side) begin = std::clamp(begin, 0.0, image_side - side);
  return std::clamp(begin, point - 0.85 * side, point - 0.15 * side);
}

void draw_cross_hair(Pen& pen, Point2d centre) {
  constexpr Colour kWhite{255, 255, 255};
  const auto [x, y] = centre;
  for (const double sign : {-1.0, 1.0}) {
    pen.line({x + sign * 11, y}, {x + sign * 30, y}, kWhite, 2);
    pen.line({x, y + sign * 11}, {x, y + sign * 30}, kWhite, 2);
  }
  pen.ring(centre, 9, kWhite, 2);
  pen.dot(centre, 2, {0xE0, 0x20, 0x40}, false);
}

}  // namespace

cv::Mat draw_cutout(const cv::Mat& pixels,
                    Size image_size,
                    const DoubtfulKeypoint& keypoint,
                    const Instance* owner,
                    const Instance* other,
                    const CategoryTable& categories) {
  const double side = crop_side(keypoint, owner, other, image_size);
  const double scale = kCutoutSide / side;
  const Frame frame{{kCutoutSide, kCutoutSide},
                    scale,
                    scale,
                    {crop_begin(keypoint.point.x, side, image_size.width),
                     crop_begin(keypoint.point.y, side, image_size.height)}};
  // One resampling for cropping, scaling and padding. OpenCV's matrix maps pixel centres, shown to
  // decoded: the image is `decoded_x` times as wide in decoded pixels.
  const double decoded_x = static_cast<double>(pixels.cols) / image_size.width;
  const double decoded_y = static_cast<double>(pixels.rows) / image_size.height;
  const cv::Matx23d decoded_from_shown(decoded_x / scale,
                                       0,
                                       decoded_x * (frame.origin.x + 0.5 / scale) - 0.5,  //
                                       0,
                                       decoded_y / scale,
                                       decoded_y * (frame.origin.y + 0.5 / scale) - 0.5);
  cv::Mat picture;
  const bool shrinks = decoded_x / scale > 1;
  cv::Mat source = pixels;
  // Bilinear sampling skips pixels when it shrinks.
  if (shrinks) cv::blur(pixels, source, {2, 2});
  cv::warpAffine(source,
                 picture,
                 decoded_from_shown,
                 {kCutoutSide, kCutoutSide},
                 (shrinks ? cv::INTER_LINEAR : cv::INTER_CUBIC) | cv::WARP_INVERSE_MAP,
                 cv::BORDER_CONSTANT,
                 cv::Scalar(90, 90, 90));
  Pen pen(picture, 1.3);  // cards show it at two thirds of its size
  const Point2d centre = frame.show(keypoint.point);
  pen.keep_free(centre, 26);
  const auto shape_of = [&](const Instance& instance) {
    return make_scene({&instance}, categories, image_size, frame).shapes.front();
  };
  if (other != nullptr) draw_candidate(pen, shape_of(*other), kOtherColour);
  if (owner != nullptr) draw_candidate(pen, shape_of(*owner), kOwnerColour);
  draw_cross_hair(pen, centre);
  const auto name = [&](const Instance& instance, Colour colour) {
    // At the part of it that can be seen.
    const Box seen = clip_to_frame(shape_of(instance).box, frame.size);
    if (seen.area() == 0) return;
    const std::string category = categories.name(instance.category_id);
    pen.plate(fmt::format("{} #{}", category, instance.id), seen, colour);
  };
  if (owner != nullptr) name(*owner, kOwnerColour);
  if (other != nullptr) name(*other, kOtherColour);
  return picture;
}

}  // namespace labelloom::apps
