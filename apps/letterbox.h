#pragma once

#include <array>

#include "augment/effect.h"
#include "formats/geometry.h"
#include "model/sample.h"

namespace labelloom::apps {

/// A picture brought to a network's input: its shape kept, in the middle, the rest filled.
/// Shrinking averages, so that nothing flickers; the sides are whole pixels.
struct Letterbox {
  Size from;    ///< the picture
  Size scaled;  ///< its place in the input
  int left = 0;
  int top = 0;
  Size input;

  Letterbox(Size picture, Size network_input);

  /// As a step of a plan; without effects when the picture has the input's size.
  [[nodiscard]] augment::Step step(augment::Rgb fill) const;
  /// For an original of which the picture is a smaller version.
  [[nodiscard]] model::Placement placement(Size original) const;
};

/// The colour that a normalised network takes for nothing.
[[nodiscard]] augment::Rgb mean_colour(const std::array<float, 3>& mean);

}  // namespace labelloom::apps
