#pragma once

// Annotations over a picture: first a Scene, the geometry in the coordinates of the shown picture,
// then either pixels (draw_overlay) or the gallery's data (gallery.h) are made from it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <opencv2/core.hpp>

#include "formats/dataset.h"

namespace labelloom::apps {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

/// Colour of the category at `index` of its data set: Okabe and Ito's colours, which people with
/// any kind of colour vision can tell apart, then hues a golden angle apart.
[[nodiscard]] Colour category_colour(std::size_t index);
/// "#rrggbb"
[[nodiscard]] std::string css(Colour colour);

/// Finds categories by id.
class CategoryTable {
 public:
  static constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

  /// Borrows `categories`.
  explicit CategoryTable(const std::vector<Category>& categories);
  /// kUnknown when no category has the id.
  [[nodiscard]] std::size_t index_of(std::int64_t id) const;
  [[nodiscard]] const Category& operator[](std::size_t index) const { return categories_[index]; }
  [[nodiscard]] std::size_t size() const { return categories_.size(); }
  /// The name, or "category 7" for an id that the data set does not have.
  [[nodiscard]] std::string name(std::int64_t id) const;

 private:
  const std::vector<Category>& categories_;
  std::unordered_map<std::int64_t, std::size_t> index_of_;
};

/// How a picture shows an image: shown = (image - origin) * scale.
struct Frame {
  Size size;  ///< of the shown picture
  double scale_x = 1;
  double scale_y = 1;
  Point2d origin = {};
  [[nodiscard]] Point2d show(Point2d p) const {
    return {(p.x - origin.x) * scale_x, (p.y - origin.y) * scale_y};
  }
};

/// A whole image of `size` shown so that neither side is longer than `longest_side`; never
/// enlarged.
[[nodiscard]] Frame fit(Size size, int longest_side);

/// An outer ring, clockwise on the screen, and its holes, the other way; or the loops of a mask.
using Part = std::vector<std::vector<Point2d>>;

/// One instance in the coordinates of the shown picture. All numbers are finite and tame.
struct Shape {
  const Instance* instance = nullptr;
  std::size_t category_index = CategoryTable::kUnknown;
  Box box;
  std::vector<Part> parts;  ///< the region is their union
  std::vector<Keypoint> keypoints;
  bool mask_unusable = false;  ///< the mask has not the image's size: not drawn
};

struct Scene {
  Size size;
  std::vector<Shape> shapes;  ///< largest first, so that small ones are drawn over large ones
};

/// The scene of the `instances` of an image of `image_size`.
[[nodiscard]] Scene make_scene(const std::vector<const Instance*>& instances,
                               const CategoryTable& categories,
                               Size image_size,
                               const Frame& frame);

/// Draws regions, boxes, skeletons, key points (hidden ones hollow) and names into `picture`, 8-bit
/// BGR of the scene's size. Names that would cover each other are left out.
void draw_overlay(cv::Mat& picture, const Scene& scene, const CategoryTable& categories);

}  // namespace labelloom::apps
