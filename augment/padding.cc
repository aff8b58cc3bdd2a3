#include "augment/padding.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/error.h"

namespace labelloom::augment {

PixelRect frame_around(Size picture, Size frame, const std::string& position, Random& random) {
  const int extra_x = std::max(0, frame.width - picture.width);
  const int extra_y = std::max(0, frame.height - picture.height);
  int left = extra_x / 2;
  int top = extra_y / 2;
  if (position == "random") {
    left = static_cast<int>(random.integer(0, extra_x));
    top = static_cast<int>(random.integer(0, extra_y));
  } else if (position != "center") {
    left = position.ends_with("left") ? 0 : extra_x;
    top = position.starts_with("top") ? 0 : extra_y;
  }
  return {-left, -top, frame.width, frame.height};
}

PixelRect CropPadding::padded(Size picture,
                              Size wanted,
                              const char* transform,
                              Random& random) const {
  if (picture.width >= wanted.width && picture.height >= wanted.height) {
    return {0, 0, picture.width, picture.height};
  }
  if (!pad_if_needed) {
    throw Error(Errc::kInvalidData,
                {},
                fmt::format("{}: a crop of {} x {} is larger than the picture, {} x {}; resize "
                            "before, or set pad_if_needed",
                            transform,
                            wanted.width,
                            wanted.height,
                            picture.width,
                            picture.height));
  }
  const Size frame{std::max(picture.width, wanted.width), std::max(picture.height, wanted.height)};
  return frame_around(picture, frame, position, random);
}

}  // namespace labelloom::augment
