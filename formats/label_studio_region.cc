#include "formats/label_studio_region.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "formats/brush_rle.h"
#include "formats/png_mask.h"

namespace labelloom::label_studio {
namespace {

using json::Kind;
using json::Value;

/// Per cent of the image; what annotators drag over the edge stays well within this.
constexpr double kFarOutside = 1000.0;
constexpr double kMaxImageSide = 1 << 20;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

[[noreturn]] void fail(std::string path, const std::string& message) {
  throw Error(Errc::kInvalidData, {.path = std::move(path)}, message);
}

/// Undoes the noise of the division by the image's size: 1/10,000 pixel is far below what anybody
/// can place.
double rounded(double px) {
  // std::round is a function call on plain x86-64, and this runs for every coordinate. Doubles of
  // this size have no digits behind the point; what is added to them is below 2^51.
  constexpr double kWhole = 0x1.8p52;
  return (px * 1e4 + kWhole - kWhole) / 1e4;
}

double number(const Region& region, const Value& value, std::string_view member) {
  const auto place = [&] { return region.place(member); };
  if (!value.exists()) fail(place(), "is missing");
  return json::expect_number(value, place);
}

double percent(const Region& region, const Value& value, std::string_view member) {
  const double v = number(region, value, member);
  if (!(std::fabs(v) <= kFarOutside)) {
    fail(region.place(member), fmt::format("{} % is far outside the image, expected 0 to 100", v));
  }
  return v;
}

/// A length in per cent that must be more than nothing.
double length(const Region& region, const Value& value, std::string_view member) {
  const double v = percent(region, value, member);
  if (!(v > 0)) fail(region.place(member), fmt::format("size {} is not positive", v));
  return v;
}

double rotation(const Region& region) {
  if (!region.fields.rotation.exists() || region.fields.rotation.is(Kind::kNull)) return 0;
  const double degrees = number(region, region.fields.rotation, "rotation");
  if (!(std::fabs(degrees) <= 1e6)) {
    fail(region.place("rotation"), fmt::format("rotation {} is not an angle", degrees));
  }
  return degrees;
}

bool inside(std::span<const Point2d> points, Size image) {
  return std::ranges::all_of(points, [&](const Point2d& p) {
    return p.x >= 0 && p.y >= 0 && p.x <= image.width && p.y <= image.height;
  });
}

Shape shape_of_ring(Rings ring, Size image) {
  for (Point2d& p : ring.points()) p = {rounded(p.x), rounded(p.y)};
  Shape shape;
  shape.rings = std::move(ring);
  shape.area = ring_area(shape.rings);
  if (shape.area == 0 && ring_defect(shape.rings[0]) != nullptr) {
    shape.left_out = "empty-region";
    return shape;
  }
  if (!inside(shape.rings.points(), image)) {
    shape.clipped = true;
    shape.rings = clip_to_frame(shape.rings, image);
    if (shape.rings.empty()) {
      shape.left_out = "outside-image";
      return shape;
    }
    for (Point2d& p : shape.rings.points()) p = {rounded(p.x), rounded(p.y)};
    shape.area = ring_area(shape.rings);
  }
  shape.bbox = extent(shape.rings.points());
  return shape;
}

Shape rectangle(const Region& region, Size image) {
  const Fields& f = region.fields;
  const double sx = image.width / 100.0;
  const double sy = image.height / 100.0;
  const Box box{percent(region, f.x, "x") * sx,
                percent(region, f.y, "y") * sy,
                length(region, f.width, "width") * sx,
                length(region, f.height, "height") * sy};
  const auto corners = rotated_corners(box, rotation(region));
  return shape_of_ring(Rings({corners.begin(), corners.end()}), image);
}

Shape ellipse(const Region& region, Size image) {
  const Fields& f = region.fields;
  const double sx = image.width / 100.0;
  const double sy = image.height / 100.0;
  const Point2d centre{percent(region, f.x, "x") * sx, percent(region, f.y, "y") * sy};
  return shape_of_ring(Rings(ellipse_points(centre,
                                            length(region, f.radius_x, "radiusX") * sx,
                                            length(region, f.radius_y, "radiusY") * sy,
                                            rotation(region))),
                       image);
}

/// Says what is wrong with the points of a polygon.
[[noreturn]] void refuse_points(const Region& region) {
  region.fields.points.for_each_element([&](std::size_t i, const Value& pair) {
    const auto place = [&](std::size_t k) {
      return region.place(fmt::format("points[{}][{}]", i, k));
    };
    if (!pair.is(Kind::kArray) || pair.size() != 2) {
      json::fail_expected(region.place(fmt::format("points[{}]", i)), "a pair of numbers", pair);
    }
    pair.for_each_element([&](std::size_t k, const Value& v) {
      const double percent = json::expect_number(v, [&] { return place(k); });
      if (!(std::fabs(percent) <= kFarOutside)) {
        fail(place(k), fmt::format("{} % is far outside the image, expected 0 to 100", percent));
      }
    });
  });
  fail(region.place("points"), "too many points");
}

Shape polygon(const Region& region, Size image) {
  const Fields& f = region.fields;
  const bool open = f.closed.exists() && f.closed.is(Kind::kBoolean) && !f.closed.boolean();
  json::expect_array(f.points, [&] { return region.place("points"); });
  if (open || f.points.size() < 3) {
    Shape shape;
    shape.left_out = "unfinished-polygon";
    return shape;
  }
  const std::span<const double> percents = f.points.number_pairs();
  double farthest = percents.empty() ? kInfinity : 0;
  for (const double percent : percents) farthest = std::max(farthest, std::fabs(percent));
  if (farthest > kFarOutside) refuse_points(region);
  Rings rings;
  const std::span<Point2d> ring = rings.append(percents.size() / 2);
  for (std::size_t i = 0; i < ring.size(); ++i) {
    ring[i] = {percents[2 * i] / 100.0 * image.width, percents[2 * i + 1] / 100.0 * image.height};
  }
  return shape_of_ring(std::move(rings), image);
}

/// Says which element of a brush's data is no byte.
[[noreturn]] void refuse_bytes(const Region& region) {
  region.fields.rle.for_each_element([&](std::size_t i, const Value& v) {
    const auto place = [&] { return region.place(fmt::format("rle[{}]", i)); };
    const double byte = json::expect_number(v, place);
    if (!(byte >= 0 && byte <= 255) || byte != std::floor(byte)) {
      fail(place(), fmt::format("{} is not a byte", byte));
    }
  });
  fail(region.place("rle"), "too many bytes");
}

std::vector<std::uint8_t> brush_bytes(const Region& region) {
  const Value& rle = region.fields.rle;
  json::expect_array(rle, [&] { return region.place("rle"); });
  const std::span<const double> numbers = rle.numbers();
  std::vector<std::uint8_t> bytes(numbers.size());
  bool good = numbers.size() == rle.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double number = numbers[i];
    bytes[i] = static_cast<std::uint8_t>(number >= 0 && number <= 255 ? number : 0);
    good &= bytes[i] == number;
  }
  if (!good) refuse_bytes(region);
  return bytes;
}

Shape mask(const Region& region, Size image) {
  Shape shape;
  const Size size = region.original.value_or(image);
  if (size != image) {
    fail(region.place(""),
         fmt::format(
             "the mask is drawn on {} x {} pixels but its image has {} x {}; give the folder of "
             "the pictures that were labelled",
             size.width,
             size.height,
             image.width,
             image.height));
  }
  try {
    if (region.kind == RegionKind::kBrush) {
      const std::vector<std::uint8_t> bytes = brush_bytes(region);
      if (!bytes.empty()) shape.mask = decode_brush(bytes, size);
    } else {
      shape.mask =
          decode_bitmask_data_url(json::expect_string(region.fields.image_data,
                                                      [&] { return region.place("imageDataURL"); }),
                                  size);
    }
  } catch (const Error& error) {
    if (!error.where().path.empty()) throw;
    fail(region.place(region.kind == RegionKind::kBrush ? "rle" : "imageDataURL"), error.message());
  }
  const std::uint64_t pixels = shape.mask ? pixel_count(*shape.mask) : 0;
  if (pixels == 0) {
    shape.left_out = "empty-region";
    return shape;
  }
  shape.area = static_cast<double>(pixels);
  shape.bbox = extent(*shape.mask);
  return shape;
}

/// Where the value of a member is kept; null for a member that is not. By lengths, as this is asked
/// of every member of every region.
Value* find_field(Fields& f, std::string_view key) {
  switch (key.size()) {
    case 1:
      if (key == "x") return &f.x;
      return key == "y" ? &f.y : nullptr;
    case 3:
      return key == "rle" ? &f.rle : nullptr;
    case 5:
      return key == "width" ? &f.width : nullptr;
    case 6:
      if (key == "points") return &f.points;
      if (key == "height") return &f.height;
      return key == "closed" ? &f.closed : nullptr;
    case 7:
      if (key == "radiusX") return &f.radius_x;
      return key == "radiusY" ? &f.radius_y : nullptr;
    case 8:
      return key == "rotation" ? &f.rotation : nullptr;
    case 12:
      return key == "imageDataURL" ? &f.image_data : nullptr;
    case 14:
      return key == "original_width" ? &f.original_width : nullptr;
    case 15:
      return key == "original_height" ? &f.original_height : nullptr;
    default:
      return nullptr;
  }
}

void note_member(Fields& f, std::string_view key, const Value& v) {
  if (Value* const field = find_field(f, key)) {
    *field = v;
  } else if (key == "vertices") {
    f.vertices = true;
  } else if (key == "sequence") {
    f.sequence = true;
  } else if (key == "start" || key == "startOffset") {
    f.text_span = true;
  } else if (key == "text" || key == "choices" || key == "taxonomy" || key == "rating" ||
             key == "number" || key == "datetime") {
    f.attribute = true;
  } else if (key.ends_with("labels") && (v.is(Kind::kArray) || v.is(Kind::kString))) {
    f.labels = v;
    f.plain_labels = key == "labels";
    f.keypoint_labels = key == "keypointlabels";
  }
}

RegionKind classify(const Fields& f) {
  if (f.sequence) return RegionKind::kVideo;
  if (f.vertices) return RegionKind::kVector;
  if (f.attribute && !f.labels.exists()) return RegionKind::kAttribute;
  if (f.points.exists()) return RegionKind::kPolygon;
  if (f.rle.exists()) return RegionKind::kBrush;
  if (f.image_data.exists()) return RegionKind::kBitmask;
  if (f.radius_x.exists() || f.radius_y.exists()) return RegionKind::kEllipse;
  if (f.keypoint_labels) return RegionKind::kKeypoint;
  if (f.x.exists() && f.y.exists()) {
    return f.height.exists() ? RegionKind::kRectangle : RegionKind::kKeypoint;
  }
  if (f.text_span) return RegionKind::kText;
  // Labels alone: a shape that lost its geometry. make_shape says what is missing.
  return f.labels.exists() ? RegionKind::kRectangle : RegionKind::kNone;
}

}  // namespace

const char* name(RegionKind kind) {
  switch (kind) {
    case RegionKind::kRectangle:
      return "rectangle";
    case RegionKind::kPolygon:
      return "polygon";
    case RegionKind::kEllipse:
      return "ellipse";
    case RegionKind::kBrush:
      return "brush";
    case RegionKind::kBitmask:
      return "bitmask";
    case RegionKind::kKeypoint:
      return "keypoint";
    case RegionKind::kVector:
      return "vector";
    case RegionKind::kVideo:
      return "video";
    case RegionKind::kText:
      return "text";
    case RegionKind::kAttribute:
      return "attribute";
    case RegionKind::kNone:
      return "unknown";
  }
  return "?";
}

std::string Region::place(std::string_view member) const {
  std::string out = fmt::format("{}[{}]", place_prefix, place_index);
  if (full) out += ".value";
  if (!member.empty()) out += fmt::format(".{}", member);
  return out;
}

std::optional<Size> read_original_size(Value width, Value height) {
  const auto side = [](const Value& v) {
    if (!v.exists() || !v.is(Kind::kNumber)) return 0;
    const double n = v.number();
    // NOLINTNEXTLINE(bugprone-incorrect-roundings): positive, and far from what int cannot hold
    return n >= 1 && n <= kMaxImageSide ? static_cast<int>(n + 0.5) : 0;
  };
  const Size size{side(width), side(height)};
  if (size.width == 0 || size.height == 0) return std::nullopt;
  return size;
}

void parse_value(Region& region, Value value) {
  region.value = value;
  Fields& f = region.fields;
  value.for_each_member([&](std::string_view key, const Value& v) { note_member(f, key, v); });
  region.kind = classify(f);
  if (!region.original) region.original = read_original_size(f.original_width, f.original_height);
}

void read_labels(Region& region) {
  const Value& labels = region.fields.labels;
  const auto add = [&](const Value& label) {
    const std::string_view text =
        json::expect_string(label, [&] { return region.place("labels"); });
    if (region.label_count++ == 0) region.label = text;
  };
  if (!labels.exists()) return;
  if (labels.is(Kind::kString)) add(labels);
  labels.for_each_element([&](std::size_t, const Value& label) { add(label); });
}

std::optional<Point2d> keypoint_position(const Region& region, Size image) {
  const Fields& f = region.fields;
  const auto is_absent = [](const Value& v) { return !v.exists() || v.is(Kind::kNull); };
  if (is_absent(f.x) || is_absent(f.y)) return std::nullopt;
  return Point2d{rounded(percent(region, f.x, "x") / 100.0 * image.width),
                 rounded(percent(region, f.y, "y") / 100.0 * image.height)};
}

Shape make_shape(const Region& region, Size image) {
  switch (region.kind) {
    case RegionKind::kRectangle:
      return rectangle(region, image);
    case RegionKind::kPolygon:
      return polygon(region, image);
    case RegionKind::kEllipse:
      return ellipse(region, image);
    case RegionKind::kBrush:
    case RegionKind::kBitmask:
      return mask(region, image);
    default:
      break;
  }
  throw Error(Errc::kArgument, {}, "a region without a shape");
}

}  // namespace labelloom::label_studio
