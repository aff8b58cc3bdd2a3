#pragma once

// What a transform does once its parameters are drawn. Effects can be printed, fused and replayed;
// those that move pixels say for points the same.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "augment/homography.h"
#include "formats/geometry.h"

namespace cv {
class Mat;
}

namespace labelloom::augment {

/// What lies outside a picture. Values are OpenCV's. Mirrored copies carry no labels.
enum class Border : std::uint8_t { kConstant, kReplicate, kReflect, kWrap, kReflect101 };

/// Values are OpenCV's.
enum class Interpolation : std::uint8_t { kNearest, kLinear, kCubic, kArea, kLanczos4 };

/// An 8-bit colour. Pictures in memory are OpenCV's BGR; everything a user sees is RGB.
struct Rgb {
  std::uint8_t r = 0;
  std::uint8_t g = 0;
  std::uint8_t b = 0;
  friend bool operator==(const Rgb&, const Rgb&) = default;
};

/// How pixels are found that are not just moved.
struct Sampling {
  Interpolation interpolation = Interpolation::kLinear;
  Border border = Border::kConstant;
  Rgb fill = {};
  friend bool operator==(const Sampling&, const Sampling&) = default;
};

/// A projective map onto a frame of size `out`.
struct Projective {
  Homography out_from_in;
  Size out;
  Sampling sampling = {};
};

/// A curved map of the plane. Both directions in continuous image coordinates.
class Field {
 public:
  Field() = default;
  virtual ~Field() = default;
  Field(const Field&) = delete;
  Field& operator=(const Field&) = delete;

  /// Where the output's content at `out` comes from.
  [[nodiscard]] virtual Point2d in_from_out(Point2d out) const = 0;
  /// Where the input's content at `in` goes: by default `in_from_out`, inverted by Newton's method.
  [[nodiscard]] virtual Point2d out_from_in(Point2d in) const;
  /// `in_from_out` at the centres of the pixels of row `row`; both spans as long as the row.
  virtual void row(int row, std::span<float> x, std::span<float> y) const;
};

/// A curved map onto a frame of the same size.
struct Warp {
  std::shared_ptr<const Field> field;
  Sampling sampling = {};
};

/// A channel's new value for a value in [0, 255]; clamped and rounded to 8 bits by whoever
/// tabulates it. Curves with steps round their argument first.
using Curve = std::function<double(double)>;

/// Every channel by its own curve.
struct Tone {
  std::array<Curve, 3> rgb;
};

/// rgb' = M (r, g, b, 1): three rows of four, rounded to the nearest, clamped to [0, 255].
struct ColourMatrix {
  std::array<double, 12> m{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  friend bool operator==(const ColourMatrix&, const ColourMatrix&) = default;
};

/// Shifts in HSV as OpenCV scales it for 8 bits: hue in units of 2 degrees, modulo 180; saturation
/// and value in [0, 255], clamped.
struct HsvShift {
  double hue = 0;
  double saturation = 0;
  double value = 0;
  friend bool operator==(const HsvShift&, const HsvShift&) = default;
};

/// Any other change of pixels that moves nothing. `apply` gets 8-bit BGR and must leave its size.
struct Filter {
  std::function<void(cv::Mat&)> apply;
};

/// Pixels [x, x + width) x [y, y + height).
struct PixelRect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  friend bool operator==(const PixelRect&, const PixelRect&) = default;
};

/// Paints rectangles over; key points under them become hidden (v = 1).
struct Erase {
  std::vector<PixelRect> rects;
  std::vector<Rgb> fills;  ///< one for all, or one a rectangle; empty: noise from `noise_key`
  std::uint64_t noise_key = 0;
};

/// Another image of the set, or the picture itself, seen through a map.
struct View {
  static constexpr std::size_t kSelf = static_cast<std::size_t>(-1);
  std::size_t image = kSelf;  ///< index in Donors
  Homography out_from_in;
};

/// Pictures side by side on a frame of size `out` (Mosaic): each view fills its cell and is cut
/// there, annotations as well.
struct Collage {
  struct Cell {
    View view;
    PixelRect rect;
  };
  Size out;
  Rgb fill;
  std::vector<Cell> cells;
};

/// (1 - share) of the picture and `share` of another one; the instances of both (MixUp).
struct Blend {
  View other;
  double share = 0.5;
};

/// Instances cut out of another image and laid over the picture; what they cover is cut
/// (CopyPaste).
struct Paste {
  View other;
  std::vector<std::uint32_t> instances;  ///< indexes into Donors::instances(other.image)
  double edge_sigma = 0;                 ///< softness of the cut's edge, pixels
  double min_visibility = 0;  ///< what is left of less than this share of its area goes altogether
};

using Effect = std::
    variant<Projective, Warp, Tone, ColourMatrix, HsvShift, Filter, Erase, Collage, Blend, Paste>;

/// Size of the picture after the effect.
[[nodiscard]] Size size_after(const Effect& effect, Size before);

/// What a transform drew: a name as users know it, and its parameters as JSON members.
struct Step {
  std::string transform;
  std::string drawn;
  std::vector<Effect> effects;
};

/// The little program that one variant of one image is.
struct Plan {
  Size in;
  Size out;
  std::vector<Step> steps;
};

}  // namespace labelloom::augment
