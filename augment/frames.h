#pragma once

// Maps together with the frames that belong to them.

#include <optional>
#include <string>

#include "augment/effect.h"
#include "augment/options.h"

namespace labelloom::augment {

/// The map, shifted so that the mapped frame begins at the origin, onto a frame that just holds it.
/// Whole turns and flips stay exact moves. The frame must be on the near side of the horizon.
[[nodiscard]] Projective fitted(const Homography& map, Size in, const Sampling& sampling = {});

/// The extent of the mapped frame.
[[nodiscard]] Box mapped_extent(const Homography& map, Size in);

/// What is under `rect`; it may reach beyond the picture, and sees its border there.
[[nodiscard]] Projective cropped(const PixelRect& rect, Size in, const Sampling& sampling = {});

/// How a picture gets another size.
struct Resizing {
  Interpolation interpolation = Interpolation::kLinear;
  std::optional<std::string> area_for_downscale;

  template <typename Self, typename Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("interpolation", self.interpolation, kInterpolationSpec);
    visit("area_for_downscale",
          self.area_for_downscale,
          FieldSpec{.doc = "average the pixels under each new one when shrinking",
                    .choices = {"image", "image_mask"}});
  }
};

/// The whole frame onto one of size `out`. Each axis has the factor of the sizes as they are, so
/// that labels and pixels agree however the sizes were rounded.
[[nodiscard]] Projective resized(Size in, Size out, const Resizing& how);

}  // namespace labelloom::augment
