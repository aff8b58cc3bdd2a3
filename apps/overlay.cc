#include "apps/overlay.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "apps/drawing.h"
#include "apps/mask_outline.h"

namespace labelloom::apps {
namespace {

constexpr Colour kUnknownColour{160, 160, 160};

Colour from_hsl(double hue_deg, double saturation, double lightness) {
  const double chroma = (1 - std::abs(2 * lightness - 1)) * saturation;
  const auto channel = [&](double shift) {
    const double k = std::fmod(shift + hue_deg / 30, 12);
    const double value = lightness - chroma / 2 * std::clamp(std::min(k - 3, 9 - k), -1.0, 1.0);
    return static_cast<std::uint8_t>(std::lround(255 * value));
  };
  return {channel(0), channel(8), channel(4)};
}

// OpenCV draws with integers: wild coordinates are brought so near that they cannot overflow,
// which moves only what is far outside the picture.
double tame(double value, int side) {
  return std::clamp(value, -2.0 * side - 1000, 3.0 * side + 1000);
}

Point2d tame(Point2d p, Size size) { return {tame(p.x, size.width), tame(p.y, size.height)}; }

std::vector<Point2d> show_ring(std::span<const Point2d> ring, const Frame& frame, bool hole) {
  std::vector<Point2d> shown;
  shown.reserve(ring.size());
  for (const Point2d& p : ring) shown.push_back(tame(frame.show(p), frame.size));
  double twice_area = 0;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const Point2d& a = shown[i];
    const Point2d& b = shown[(i + 1) % shown.size()];
    twice_area += a.x * b.y - b.x * a.y;
  }
  if ((twice_area < 0) != hole) std::ranges::reverse(shown);
  return shown;
}

std::vector<Part> show_rings(const Rings& rings, const Frame& frame) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < rings.size(); ++i) {
    if (!is_finite(rings[i])) continue;
    const bool hole = rings.is_hole(i) && !parts.empty();
    if (!hole) parts.emplace_back();
    parts.back().push_back(show_ring(rings[i], frame, hole));
  }
  return parts;
}

std::vector<Part> show_mask(const Rle& mask, const Frame& frame) {
  Part part;
  for (auto& loop : trace_mask(decode(mask), mask.size)) {
    for (Point2d& p : loop) p = frame.show(p);
    // Three quarters of a shown pixel turn the steps of a slanted border into a line.
    constexpr double kTolerance = 0.75;
    part.push_back(simplify(loop, kTolerance));
    for (Point2d& p : part.back()) p = tame(p, frame.size);
  }
  if (part.empty()) return {};
  return {std::move(part)};
}

Box show_box(const Box& box, const Frame& frame) {
  const std::array<Point2d, 2> corners{{{box.x, box.y}, {box.right(), box.bottom()}}};
  if (!is_finite(corners)) return {};
  const Point2d a = tame(frame.show(corners[0]), frame.size);
  const Point2d b = tame(frame.show(corners[1]), frame.size);
  return {a.x, a.y, b.x - a.x, b.y - a.y};
}

Shape show_instance(const Instance& instance,
                    const CategoryTable& categories,
                    Size image_size,
                    const Frame& frame) {
  Shape shape;
  shape.instance = &instance;
  shape.category_index = categories.index_of(instance.category_id);
  shape.box = show_box(instance.bbox, frame);
  if (const Rle* mask = instance.mask(); mask == nullptr) {
    shape.parts = show_rings(instance.rings, frame);
  } else if (mask->size == image_size) {
    shape.parts = show_mask(*mask, frame);
  } else {
    shape.mask_unusable = true;
  }
  for (Keypoint keypoint : instance.keypoints) {
    if (!is_finite({&keypoint.point, 1})) keypoint = {};
    if (keypoint.visibility != Visibility::kAbsent) {
      keypoint.point = tame(frame.show(keypoint.point), frame.size);
    }
    shape.keypoints.push_back(keypoint);
  }
  return shape;
}

void draw_skeleton(Pen& pen, const Shape& shape, const Category& category, Colour colour) {
  const auto at = [&shape](int slot) -> const Keypoint* {
    if (slot < 1 || static_cast<std::size_t>(slot) > shape.keypoints.size()) return nullptr;
    const Keypoint& keypoint = shape.keypoints[static_cast<std::size_t>(slot) - 1];
    return keypoint.visibility == Visibility::kAbsent ? nullptr : &keypoint;
  };
  for (const auto& [first, second] : category.skeleton) {
    const Keypoint* a = at(first);
    const Keypoint* b = at(second);
    if (a != nullptr && b != nullptr) pen.line(a->point, b->point, colour, 1.5);
  }
}

}  // namespace

Colour category_colour(std::size_t index) {
  static constexpr std::array<Colour, 7> kOkabeIto{{{0x56, 0xB4, 0xE9},
                                                    {0xE6, 0x9F, 0x00},
                                                    {0x00, 0x9E, 0x73},
                                                    {0xF0, 0xE4, 0x42},
                                                    {0xD5, 0x5E, 0x00},
                                                    {0xCC, 0x79, 0xA7},
                                                    {0x00, 0x72, 0xB2}}};
  if (index == CategoryTable::kUnknown) return kUnknownColour;
  if (index < kOkabeIto.size()) return kOkabeIto[index];
  const std::size_t turn = index - kOkabeIto.size();
  constexpr double kGoldenAngleDeg = 137.508;
  static constexpr std::array<double, 3> kLightness{0.55, 0.72, 0.4};
  return from_hsl(std::fmod(static_cast<double>(turn) * kGoldenAngleDeg, 360.0),
                  turn % 2 == 0 ? 0.85 : 0.6,
                  kLightness[turn % kLightness.size()]);
}

std::string css(Colour colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

CategoryTable::CategoryTable(const std::vector<Category>& categories) : categories_(categories) {
  for (std::size_t i = 0; i < categories.size(); ++i) index_of_.emplace(categories[i].id, i);
}

std::size_t CategoryTable::index_of(std::int64_t id) const {
  const auto found = index_of_.find(id);
  return found == index_of_.end() ? kUnknown : found->second;
}

std::string CategoryTable::name(std::int64_t id) const {
  const std::size_t index = index_of(id);
  return index == kUnknown ? fmt::format("category {}", id) : categories_[index].name;
}

Frame fit(Size size, int longest_side) {
  const int longest = std::max(size.width, size.height);
  if (longest <= longest_side) return {size, 1, 1, {}};
  const double scale = static_cast<double>(longest_side) / longest;
  const auto side = [scale](int s) {
    return std::max(1, static_cast<int>(std::lround(s * scale)));
  };
  Frame frame{{side(size.width), side(size.height)}, 1, 1, {}};
  frame.scale_x = static_cast<double>(frame.size.width) / size.width;
  frame.scale_y = static_cast<double>(frame.size.height) / size.height;
  return frame;
}

Scene make_scene(const std::vector<const Instance*>& instances,
                 const CategoryTable& categories,
                 Size image_size,
                 const Frame& frame) {
  Scene scene{frame.size, {}};
  for (const Instance* instance : instances) {
    scene.shapes.push_back(show_instance(*instance, categories, image_size, frame));
  }
  std::ranges::stable_sort(
      scene.shapes, std::ranges::greater(), [](const Shape& shape) { return shape.box.area(); });
  return scene;
}

void draw_overlay(cv::Mat& picture, const Scene& scene, const CategoryTable& categories) {
  Pen pen(picture);
  constexpr double kTint = 0.3;
  for (const Shape& shape : scene.shapes) {
    const Colour colour = category_colour(shape.category_index);
    pen.fill(shape.parts, colour, kTint);
    pen.outline(shape.parts, colour, 1.3);
    pen.rectangle(shape.box, colour, shape.instance->iscrowd ? 1 : 2);
  }
  for (const Shape& shape : scene.shapes) {
    if (shape.category_index == CategoryTable::kUnknown) continue;
    const Colour colour = category_colour(shape.category_index);
    draw_skeleton(pen, shape, categories[shape.category_index], colour);
    for (const Keypoint& keypoint : shape.keypoints) {
      if (keypoint.visibility == Visibility::kAbsent) continue;
      pen.dot(keypoint.point, 3, colour, keypoint.visibility == Visibility::kHidden);
    }
  }
  // Texts come last, so that nothing is drawn over them.
  for (const Shape& shape : scene.shapes) {
    const std::string name = categories.name(shape.instance->category_id);
    pen.plate(shape.instance->iscrowd ? name + " (crowd)" : name,
              shape.box,
              category_colour(shape.category_index));
  }
  for (const Shape& shape : scene.shapes) {
    if (shape.category_index == CategoryTable::kUnknown) continue;
    const auto& names = categories[shape.category_index].keypoints;
    for (std::size_t slot = 0; slot < std::min(names.size(), shape.keypoints.size()); ++slot) {
      if (shape.keypoints[slot].visibility == Visibility::kAbsent) continue;
      pen.caption(names[slot], shape.keypoints[slot].point, 6, {255, 255, 255});
    }
  }
}

}  // namespace labelloom::apps
