#include "apps/example_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include "apps/drawing.h"
#include "apps/overlay.h"
#include "apps/picture.h"
#include "model/instance_mask.h"
#include "model/label_map.h"

namespace labelloom::apps {
namespace {

constexpr int kGap = 8;
constexpr int kHalf = (kExampleWidth - kGap) / 2;
constexpr int kQuality = 85;
constexpr double kTint = 0.45;

/// The part of the input that shows the picture, and how it is shown.
struct View {
  cv::Rect shown;              ///< of the input
  Size size;                   ///< of a half
  model::Placement placement;  ///< of a half in the input

  explicit View(const model::InputImage& image) {
    const model::Placement& p = image.placement;
    const Box content = clip_to_frame(
        Box{p.offset.x, p.offset.y, p.scale * p.original.width, p.scale * p.original.height},
        image.size);
    const int left = static_cast<int>(std::lround(content.x));
    const int top = static_cast<int>(std::lround(content.y));
    shown = {left,
             top,
             std::max(1, static_cast<int>(std::lround(content.right())) - left),
             std::max(1, static_cast<int>(std::lround(content.bottom())) - top)};
    const double zoom = static_cast<double>(kHalf) / std::max(shown.width, shown.height);
    const auto side = [zoom](int length) {
      return std::max(1, static_cast<int>(std::lround(zoom * length)));
    };
    size = {side(shown.width), side(shown.height)};
    placement = {.original = size,
                 .scale = 1 / zoom,
                 .offset = {static_cast<double>(left), static_cast<double>(top)}};
  }
};

/// Colours of pixel classes: those of the objects' classes where they are the same, so that a mask
/// and its box match. Nothing for the background that shapes lie on, which is class 0.
std::array<std::optional<Colour>, 256> pixel_colours(const model::ModelConfig& config) {
  std::array<std::optional<Colour>, 256> colours;
  std::size_t others = config.classes.size();
  for (std::size_t i = 0; i < std::min<std::size_t>(config.seg_classes.size(), 255); ++i) {
    const auto object = std::ranges::find(config.seg_of_class, static_cast<int>(i));
    const bool is_background =
        i == 0 && config.seg_classes[0].find("ackground") != std::string::npos;
    if (object != config.seg_of_class.end()) {
      colours[i] = category_colour(static_cast<std::size_t>(object - config.seg_of_class.begin()));
    } else if (!is_background) {
      colours[i] = category_colour(others++);
    }
  }
  colours[model::kIgnoredLabel] = Colour{70, 70, 70};
  return colours;
}

/// One half of the picture.
class Half {
 public:
  Half(const cv::Mat& plain, const View& view, const model::ModelConfig& config)
      : view_(view), config_(config), pixels_(plain.clone()) {}

  void tint(const cv::Mat& labels) {
    const auto colours = pixel_colours(config_);
    for (int y = 0; y < pixels_.rows; ++y) {
      for (int x = 0; x < pixels_.cols; ++x) {
        const std::uint8_t label = labels.at<std::uint8_t>(y, x);
        const std::optional<Colour>& colour = colours[label];
        if (!colour) continue;
        // A mask's edge is seen better than its inside.
        const bool edge = (x > 0 && labels.at<std::uint8_t>(y, x - 1) != label) ||
                          (y > 0 && labels.at<std::uint8_t>(y - 1, x) != label);
        const double share = edge ? 0.9 : kTint;
        auto& pixel = pixels_.at<cv::Vec3b>(y, x);
        const std::array<std::uint8_t, 3> paint{colour->blue, colour->green, colour->red};
        for (int c = 0; c < 3; ++c) {
          pixel[c] = cv::saturate_cast<std::uint8_t>((1 - share) * pixel[c] +
                                                     share * paint[static_cast<std::size_t>(c)]);
        }
      }
    }
  }

  void box(const Box& box, int class_index, bool known) {
    const Colour colour = known ? colour_of(class_index) : Colour{160, 160, 160};
    Pen(pixels_).rectangle(model::to_original(box, view_.placement), colour, 1.5);
  }

  void points(const std::vector<Keypoint>& keypoints, int class_index) {
    Pen pen(pixels_);
    for (std::size_t slot = 0; slot < keypoints.size(); ++slot) {
      const Keypoint& keypoint = keypoints[slot];
      if (keypoint.visibility == Visibility::kAbsent) continue;
      if (config_.keypoints[slot].class_index != class_index) continue;
      constexpr double kRadius = 2.5;
      pen.dot(view_.placement.to_original(keypoint.point),
              kRadius,
              category_colour(slot),
              keypoint.visibility == Visibility::kHidden);
    }
  }

  void name(Pen& pen, const Box& box, int class_index, const std::string& text) const {
    pen.plate(text, model::to_original(box, view_.placement), colour_of(class_index));
  }

  [[nodiscard]] cv::Mat& pixels() { return pixels_; }

 private:
  static Colour colour_of(int class_index) {
    return category_colour(static_cast<std::size_t>(class_index));
  }

  const View& view_;
  const model::ModelConfig& config_;
  cv::Mat pixels_;
};

cv::Mat plain_picture(const model::InputImage& image, const View& view) {
  const cv::Mat rgb(
      image.size.height, image.size.width, CV_8UC3, const_cast<std::uint8_t*>(image.rgb.data()));
  cv::Mat scaled;
  const cv::Size size(view.size.width, view.size.height);
  const bool smaller = size.width < view.shown.width;
  cv::resize(rgb(view.shown), scaled, size, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  cv::Mat bgr;
  cv::cvtColor(scaled, bgr, cv::COLOR_RGB2BGR);
  return bgr;
}

cv::Mat true_half(const model::Sample& truth,
                  const cv::Mat& plain,
                  const View& view,
                  const model::ModelConfig& config) {
  Half half(plain, view, config);
  const Size input = truth.image.size;
  if (truth.has_segmentation && config.heads.segmentation && !truth.labels.empty()) {
    const cv::Mat labels(
        input.height, input.width, CV_8U, const_cast<std::uint8_t*>(truth.labels.data()));
    cv::Mat scaled;
    cv::resize(
        labels(view.shown), scaled, {view.size.width, view.size.height}, 0, 0, cv::INTER_NEAREST);
    half.tint(scaled);
  }
  for (const model::TargetObject& object : truth.objects) {
    half.box(object.box, object.class_index, !object.ignored);
  }
  for (const model::TargetObject& object : truth.objects) {
    half.points(object.keypoints, object.class_index);
  }
  Pen pen(half.pixels());
  for (const model::TargetObject& object : truth.objects) {
    if (object.ignored) continue;
    half.name(pen,
              object.box,
              object.class_index,
              config.classes[static_cast<std::size_t>(object.class_index)]);
  }
  return half.pixels();
}

cv::Mat predicted_half(std::span<const model::Detection> found,
                       const model::DenseMap& segmentation,
                       Size input,
                       const cv::Mat& plain,
                       const View& view,
                       const model::ModelConfig& config) {
  Half half(plain, view, config);
  if (!segmentation.empty()) {
    LabelMap labels = model::label_map(segmentation, input, view.placement);
    half.tint(cv::Mat(view.size.height, view.size.width, CV_8U, labels.values.data()));
  }
  for (const model::Detection& one : found) half.box(one.box, one.class_index, true);
  for (const model::Detection& one : found) half.points(one.keypoints, one.class_index);
  Pen pen(half.pixels());
  for (const model::Detection& one : found) {
    half.name(
        pen,
        one.box,
        one.class_index,
        fmt::format(
            "{} {:.2f}", config.classes[static_cast<std::size_t>(one.class_index)], one.score));
  }
  return half.pixels();
}

}  // namespace

std::string example_jpeg(const model::Sample& truth,
                         std::span<const model::Detection> found,
                         const model::DenseMap& segmentation,
                         const model::ModelConfig& config) {
  const View view(truth.image);
  const cv::Mat plain = plain_picture(truth.image, view);
  cv::Mat both(plain.rows, 2 * plain.cols + kGap, CV_8UC3, cv::Scalar(255, 255, 255));
  const cv::Rect place(0, 0, plain.cols, plain.rows);
  true_half(truth, plain, view, config).copyTo(both(place));
  predicted_half(found, segmentation, truth.image.size, plain, view, config)
      .copyTo(both(place + cv::Point(plain.cols + kGap, 0)));
  return encode_jpeg(both, kQuality);
}

}  // namespace labelloom::apps
