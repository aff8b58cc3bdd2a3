#pragma once

// Where a picture lies on a larger frame.

#include <string>

#include "augment/effect.h"
#include "augment/options.h"
#include "augment/random.h"

namespace labelloom::augment {

inline const FieldSpec kPositionSpec{
    .doc = "where the picture lies when it is padded",
    .choices = {"center", "top_left", "top_right", "bottom_left", "bottom_right", "random"}};

/// The rectangle of size `frame`, in coordinates of a picture of size `picture`, that has the
/// picture at `position`. Axes in which the frame is not larger begin at 0.
[[nodiscard]] PixelRect frame_around(Size picture,
                                     Size frame,
                                     const std::string& position,
                                     Random& random);

/// Parameters of crops that pad pictures which are too small.
struct CropPadding {
  bool pad_if_needed = false;
  std::string position = "center";
  Border border = Border::kConstant;
  Rgb fill;

  template <typename Self, typename Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("pad_if_needed",
          self.pad_if_needed,
          FieldSpec{.doc = "pad pictures that are smaller than the crop; else that is an error"});
    visit("pad_position", self.position, kPositionSpec);
    visit("border_mode", self.border, kBorderSpec);
    visit("fill", self.fill, kFillSpec);
  }

  [[nodiscard]] Sampling sampling() const { return {Interpolation::kLinear, border, fill}; }
  /// The picture itself, or the smallest frame around it that holds a crop of size `wanted`.
  /// @throws Error(kInvalidData) when it is too small and must not be padded.
  [[nodiscard]] PixelRect padded(Size picture,
                                 Size wanted,
                                 const char* transform,
                                 Random& random) const;
};

}  // namespace labelloom::augment
