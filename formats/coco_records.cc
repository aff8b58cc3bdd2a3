#include "formats/coco_records.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

#include <fmt/format.h>

#include "formats/coco_values.h"
#include "formats/file_io.h"
#include "formats/json_text.h"

namespace labelloom {
namespace {

using coco::at;
using coco::fail;
using coco::read_box;
using coco::read_keypoints;
using coco::read_mask;
using coco::read_rings;
using json::expect_array;
using json::expect_integer;
using json::expect_number;
using json::expect_object;
using json::expect_string;
using json::Kind;
using json::Record;
using json::RecordPlace;
using json::Value;

constexpr double kMaxSide = 1 << 20;

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

std::optional<Size> CocoHandler::size_of_file(const std::string& name) const {
  if (images_ == nullptr) return std::nullopt;
  const ImageFolder::Found found = images_->find(name);
  if (found.match != ImageFolder::Match::kOne) return std::nullopt;
  return read_image_size(images_->path(found.relative));
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
    } else if ((key == "width" || key == "height") && v.is(Kind::kNull)) {
      // as if it were not there
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
  if (image.size.width == 0 || image.size.height == 0) {
    const auto size = size_of_file(image.file_name);
    if (!size) {
      fail(image.size.width == 0 ? "width" : "height",
           "is missing; the folder of the images may know it");
    }
    image.size = *size;
  }
  static_cast<void>(safe_relative_path(image.file_name));
  dataset_.images.push_back(std::move(image));
}

void CocoHandler::annotation(const Record& record) {
  Instance& instance = dataset_.instances.emplace_back();
  try {
    read_annotation(record, instance);
  } catch (const Error&) {
    dataset_.instances.pop_back();
    throw;
  }
}

void CocoHandler::read_annotation(const Record& record, Instance& instance) {
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
