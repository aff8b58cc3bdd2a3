#include "formats/coco_records.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

#include <fmt/format.h>

#include "formats/file_io.h"
#include "formats/json_text.h"

namespace labelloom {
namespace {

using json::expect_array;
using json::expect_integer;
using json::expect_number;
using json::expect_object;
using json::expect_string;
using json::Kind;
using json::Record;
using json::RecordPlace;
using json::Value;

constexpr double kMaxCoordinate = 1e6;
constexpr double kMaxSide = 1 << 20;

/// Place of a member, and of an element of it, for messages.
auto at(const char* member) {
  return [member] { return std::string(member); };
}
auto at(const char* member, std::size_t index) {
  return [member, index] { return fmt::format("{}[{}]", member, index); };
}

[[noreturn]] void fail(std::string path, const std::string& message) {
  throw Error(Errc::kInvalidData, {.path = std::move(path)}, message);
}

template <typename Place>
double expect_coordinate(const Value& value, const Place& place) {
  const double number = expect_number(value, place);
  if (!(std::fabs(number) <= kMaxCoordinate)) {
    fail(place(), fmt::format("coordinate {} is outside [-1e6, 1e6]", number));
  }
  return number;
}

int expect_side(const Value& value, const char* member) {
  const double side = expect_number(value, at(member));
  if (!(side >= 1 && side <= kMaxSide) || side != std::floor(side)) {
    fail(member,
         fmt::format("image {} {} is not a whole number in [1, {}]",
                     member,
                     side,
                     static_cast<int>(kMaxSide)));
  }
  return static_cast<int>(side);
}

void add_member(JsonMembers& members, std::string_view key, const std::string& text) {
  if (!members.empty()) members += ',';
  json::append_string(members, key);
  members += ':';
  members += text;
}

Box read_box(const Value& value) {
  expect_array(value, at("bbox"));
  if (value.size() != 4) {
    fail("bbox", fmt::format("expected 4 numbers (x, y, width, height), got {}", value.size()));
  }
  double n[4] = {};
  value.for_each_element(
      [&](std::size_t i, const Value& v) { n[i] = expect_coordinate(v, at("bbox", i)); });
  if (n[2] < 0 || n[3] < 0) {
    fail("bbox", fmt::format("box size {} x {} is negative", n[2], n[3]));
  }
  return {n[0], n[1], n[2], n[3]};
}

/// The number that is no coordinate, said with its place.
[[noreturn]] void fail_ring(const Value& ring, std::size_t r) {
  ring.for_each_element([&](std::size_t i, const Value& v) {
    static_cast<void>(
        expect_coordinate(v, [&] { return fmt::format("segmentation[{}][{}]", r, i); }));
  });
  throw Error(Errc::kInvalidData, {.path = "segmentation"}, "is no polygon");
}

Rings read_rings(const Value& value) {
  std::size_t numbers = 0;
  value.for_each_element([&](std::size_t, const Value& ring) { numbers += ring.numbers().size(); });
  Rings rings;
  rings.reserve(numbers / 2);
  value.for_each_element([&](std::size_t r, const Value& ring) {
    expect_array(ring, at("segmentation", r));
    if (ring.size() < 6 || ring.size() % 2 != 0) {
      fail(fmt::format("segmentation[{}]", r),
           fmt::format("expected x, y of at least 3 points, got {} numbers", ring.size()));
    }
    const std::span<const double> coordinates = ring.numbers();
    double furthest = 0;
    for (const double n : coordinates) furthest = std::max(furthest, std::fabs(n));
    if (coordinates.size() != ring.size() || !(furthest <= kMaxCoordinate)) fail_ring(ring, r);
    std::size_t i = 0;
    for (Point2d& p : rings.append(coordinates.size() / 2)) {
      p = {coordinates[i], coordinates[i + 1]};
      i += 2;
    }
  });
  return rings;
}

Rle read_mask(const Value& value, bool& compressed) {
  const auto size_value = value.find("size");
  const auto counts = value.find("counts");
  if (!size_value || !counts) fail("segmentation", "expected a mask with \"size\" and \"counts\"");
  expect_array(*size_value, at("segmentation.size"));
  if (size_value->size() != 2) fail("segmentation.size", "expected [height, width]");
  int sides[2] = {};
  size_value->for_each_element([&](std::size_t i, const Value& v) {
    const std::int64_t side = expect_integer(v, at("segmentation.size", i));
    if (side < 1 || side > kMaxMaskSide) {
      fail("segmentation.size", fmt::format("side {} is outside [1, {}]", side, kMaxMaskSide));
    }
    sides[i] = static_cast<int>(side);
  });
  const Size size{sides[1], sides[0]};
  compressed = counts->is(Kind::kString);
  try {
    if (compressed) return decompress(counts->string(), size);
    expect_array(*counts, at("segmentation.counts"));
    Rle rle{size, {}};
    rle.counts.reserve(counts->size());
    counts->for_each_element([&](std::size_t i, const Value& v) {
      const std::int64_t run = expect_integer(v, at("segmentation.counts", i));
      if (run < 0 || run > kMaxMaskPixels) {
        fail("segmentation.counts", fmt::format("run {} is outside [0, {}]", run, kMaxMaskPixels));
      }
      rle.counts.push_back(static_cast<std::uint32_t>(run));
    });
    validate(rle);
    return rle;
  } catch (const Error& error) {
    // A mask that cannot be read is a bad record, not a bad file.
    fail(error.where().path.empty() ? "segmentation" : error.where().path, error.message());
  }
}

std::vector<Keypoint> read_keypoints(const Value& value) {
  expect_array(value, at("keypoints"));
  if (value.size() % 3 != 0) {
    fail("keypoints", fmt::format("expected x, y, v for each, got {} numbers", value.size()));
  }
  std::vector<Keypoint> keypoints(value.size() / 3);
  value.for_each_element([&](std::size_t i, const Value& v) {
    Keypoint& k = keypoints[i / 3];
    const double n = expect_coordinate(v, at("keypoints", i));
    if (i % 3 == 0) k.point.x = n;
    if (i % 3 == 1) k.point.y = n;
    if (i % 3 == 2) {
      if (n != 0 && n != 1 && n != 2) {
        fail(fmt::format("keypoints[{}]", i), fmt::format("visibility {} is not 0, 1 or 2", n));
      }
      k.visibility = static_cast<Visibility>(static_cast<int>(n));
    }
  });
  return keypoints;
}

bool read_iscrowd(const Value& value) {
  if (value.is(Kind::kBoolean)) return value.boolean();
  const double n = expect_number(value, at("iscrowd"));
  if (n != 0 && n != 1) fail("iscrowd", fmt::format("{} is not 0 or 1", n));
  return n == 1;
}

/// The extent of what the instance consists of.
Box computed_box(const Instance& instance) {
  if (instance.mask() != nullptr) return extent(*instance.mask());
  if (!instance.rings.empty()) return extent(instance.rings.points());
  std::vector<Point2d> points;
  for (const Keypoint& k : instance.keypoints) {
    if (k.visibility != Visibility::kAbsent) points.push_back(k.point);
  }
  return extent(points);
}

double computed_area(const Instance& instance) {
  if (instance.mask() != nullptr) return static_cast<double>(pixel_count(*instance.mask()));
  return instance.rings.empty() ? instance.bbox.area() : ring_area(instance.rings);
}

}  // namespace

void CocoHandler::record(const Record& record, const RecordPlace& place) {
  if (place.section.empty()) {
    throw Error(Errc::kUnexpectedFormat,
                {},
                "the file is a list; expected an object with images, annotations and categories");
  }
  if (is_known(place.section) && place.index == RecordPlace::kWholeMember) {
    throw Error(Errc::kUnexpectedFormat,
                {},
                fmt::format("expected an array, got {}", name(record.value().kind())));
  }
  if (place.section == "annotations") return annotation(record);
  if (place.section == "images") return image(record);
  if (place.section == "categories") return category(record);
  if (place.section == "labelloom") return own_member(record.value());
  if (place.index == RecordPlace::kWholeMember) {
    dataset_.root_members.emplace_back(place.section, record.text());
    return;
  }
  std::string& text = other_section(place.section);
  text.insert(text.size() - 1, (text.size() > 2 ? "," : "") + record.text());
}

void CocoHandler::own_member(const Value& value) {
  const auto origin = value.find("keypoint_origin");
  if (!origin) return;
  const std::string_view text = expect_string(*origin, at("keypoint_origin"));
  if (text != "continuous" && text != "pixel_centre") {
    fail("keypoint_origin",
         fmt::format("{} is not \"continuous\" or \"pixel_centre\"", labelloom::quoted(text)));
  }
  origin_ = text == "continuous" ? KeypointOrigin::kContinuous : KeypointOrigin::kPixelCentre;
}

void CocoHandler::append(CocoHandler&& next) {
  Dataset& more = next.dataset_;
  std::ranges::move(more.images, std::back_inserter(dataset_.images));
  std::ranges::move(more.instances, std::back_inserter(dataset_.instances));
  std::ranges::move(more.categories, std::back_inserter(dataset_.categories));
  std::ranges::move(more.root_members, std::back_inserter(dataset_.root_members));
  report_.merge(next.report_);
  if (next.origin_) origin_ = next.origin_;
  has_fractions_ = has_fractions_ || next.has_fractions_;
  std::ranges::move(next.seen_, std::back_inserter(seen_));
}

void CocoHandler::image(const Record& record) {
  Image image;
  bool has_id = false;
  std::size_t index = 0;
  expect_object(record.value(), at("")).for_each_member([&](std::string_view key, const Value& v) {
    if (key == "id") {
      image.id = expect_integer(v, at("id"));
      has_id = true;
    } else if (key == "file_name") {
      image.file_name = expect_string(v, at("file_name"));
    } else if (key == "width") {
      image.size.width = expect_side(v, "width");
    } else if (key == "height") {
      image.size.height = expect_side(v, "height");
    } else {
      add_member(image.extra, key, record.member_text(index));
    }
    ++index;
  });
  if (!has_id) fail("id", "is missing");
  if (image.file_name.empty()) fail("file_name", "is missing");
  if (image.size.width == 0) fail("width", "is missing");
  if (image.size.height == 0) fail("height", "is missing");
  static_cast<void>(safe_relative_path(image.file_name));
  dataset_.images.push_back(std::move(image));
}

void CocoHandler::annotation(const Record& record) {
  Instance instance;
  bool has_id = false;
  bool has_image = false;
  bool has_category = false;
  Stated stated;
  std::size_t index = 0;
  expect_object(record.value(), at("")).for_each_member([&](std::string_view key, const Value& v) {
    if (key == "segmentation") {
      if (v.is(Kind::kObject)) {
        bool compressed = true;
        instance.ensure_extra().mask = read_mask(v, compressed);
        instance.extra->mask_is_compressed = compressed;
      } else if (!v.is(Kind::kNull)) {
        instance.rings = read_rings(expect_array(v, at("segmentation")));
      }
    } else if (key == "bbox") {
      stated.box = v.size() != 0 || !v.is(Kind::kArray);
      if (stated.box) instance.bbox = read_box(v);
    } else if (key == "area") {
      stated.area = !v.is(Kind::kNull);
      if (stated.area) instance.area = expect_number(v, at("area"));
      if (instance.area < 0) fail("area", fmt::format("area {} is negative", instance.area));
    } else if (key == "iscrowd") {
      instance.iscrowd = read_iscrowd(v);
      stated.crowd = true;
    } else if (key == "image_id") {
      instance.image_id = expect_integer(v, at("image_id"));
      has_image = true;
    } else if (key == "category_id") {
      instance.category_id = expect_integer(v, at("category_id"));
      has_category = true;
    } else if (key == "id") {
      instance.id = expect_integer(v, at("id"));
      has_id = true;
    } else if (key == "keypoints") {
      instance.keypoints = read_keypoints(v);
    } else if (key == "num_keypoints") {
      stated.keypoints = expect_integer(v, at("num_keypoints"));
    } else if (key == "score") {
      instance.ensure_extra().score = expect_number(v, at("score"));
    } else {
      add_member(instance.ensure_extra().members, key, record.member_text(index));
    }
    ++index;
  });
  if (!has_id) fail("id", "is missing");
  if (!has_image) fail("image_id", "is missing");
  if (!has_category) fail("category_id", "is missing");
  complete(instance, stated);
  dataset_.instances.push_back(std::move(instance));
}

/// Computes what the record leaves out, and looks at its key points.
void CocoHandler::complete(Instance& instance, const Stated& stated) {
  const auto note = [&](const char* kind, const char* what) {
    report_.add(kind, {}, fmt::format("annotation {} {}", instance.id, what));
  };
  if (!stated.box) {
    instance.bbox = computed_box(instance);
    note("bbox-computed", "had no bbox");
  }
  if (!stated.area) {
    instance.area = computed_area(instance);
    note("area-computed", "had no area");
  }
  if (!stated.crowd) note("iscrowd-missing", "does not say iscrowd");
  if (instance.keypoints.empty()) return;
  for (const Keypoint& k : instance.keypoints) {
    has_fractions_ = has_fractions_ ||
                     (k.visibility != Visibility::kAbsent &&
                      (k.point.x != std::floor(k.point.x) || k.point.y != std::floor(k.point.y)));
  }
  const int labelled = labelled_count(instance.keypoints);
  if (stated.keypoints < 0) {
    note("num-keypoints-missing", "does not say num_keypoints");
  } else if (stated.keypoints != labelled) {
    report_.add("num-keypoints-wrong",
                {},
                fmt::format("annotation {} says {} key points and has {}",
                            instance.id,
                            stated.keypoints,
                            labelled));
  }
}

void CocoHandler::category(const Record& record) {
  Category category;
  bool has_id = false;
  std::size_t index = 0;
  expect_object(record.value(), at("")).for_each_member([&](std::string_view key, const Value& v) {
    if (key == "id") {
      category.id = expect_integer(v, at("id"));
      has_id = true;
    } else if (key == "name") {
      category.name = expect_string(v, at("name"));
    } else if (key == "supercategory" && v.is(Kind::kString)) {
      category.supercategory = v.string();
    } else if (key == "keypoints") {
      expect_array(v, at("keypoints")).for_each_element([&](std::size_t i, const Value& name) {
        category.keypoints.emplace_back(expect_string(name, at("keypoints", i)));
      });
    } else if (key == "skeleton") {
      expect_array(v, at("skeleton")).for_each_element([&](std::size_t i, const Value& edge) {
        int ends[2] = {};
        if (expect_array(edge, at("skeleton", i)).size() != 2) {
          fail(fmt::format("skeleton[{}]", i), "expected two numbers");
        }
        edge.for_each_element([&](std::size_t e, const Value& node) {
          const std::int64_t n = expect_integer(node, at("skeleton", i));
          if (n < 0 || n > 10000)
            fail(fmt::format("skeleton[{}]", i), fmt::format("{} is no slot", n));
          ends[e] = static_cast<int>(n);
        });
        category.skeleton.emplace_back(ends[0], ends[1]);
      });
    } else {
      add_member(category.extra, key, record.member_text(index));
    }
    ++index;
  });
  if (!has_id) fail("id", "is missing");
  if (category.name.empty()) fail("name", "is missing");
  dataset_.categories.push_back(std::move(category));
}

}  // namespace labelloom
