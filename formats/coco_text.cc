#include "formats/coco_text.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace labelloom {
namespace {

using json::TextBuffer;

double shift_of(KeypointOrigin origin) {
  return origin == KeypointOrigin::kPixelCentre ? 0.5 : 0.0;
}

/// Into room that is there.
char* put(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

void append_string(TextBuffer& out, std::string_view text) {
  std::string literal;
  json::append_string(literal, text);
  out += literal;
}

void append_mask(TextBuffer& out, const Rle& mask, bool compressed) {
  out += "{\"size\":[";
  out.append_integer(mask.size.height);
  out += ',';
  out.append_integer(mask.size.width);
  out += "],\"counts\":";
  if (compressed) {
    append_string(out, compress(mask));
  } else {
    char separator = '[';
    for (const std::uint32_t run : mask.counts) {
      out += separator;
      out.append_integer(run);
      separator = ',';
    }
    if (mask.counts.empty()) out += '[';
    out += ']';
  }
  out += '}';
}

/// "[x1,y1,x2,y2,...]", some points at a time: nearly all of a file's bytes come from here.
void append_ring(TextBuffer& out, std::span<const Point2d> ring) {
  constexpr std::size_t kPoints = 64;
  char separator = '[';
  while (!ring.empty()) {
    const auto points = ring.first(std::min(kPoints, ring.size()));
    char* to = out.room(points.size() * 2 * (json::kMaxNumberLength + 1));
    for (const Point2d& p : points) {
      *to++ = separator;
      separator = ',';
      to = json::write_number(to, p.x);
      *to++ = ',';
      to = json::write_number(to, p.y);
    }
    out.end(to);
    ring = ring.subspan(points.size());
  }
  out += ']';
}

void append_rings(TextBuffer& out, const Rings& rings) {
  out += '[';
  for (std::size_t r = 0; r < rings.size(); ++r) {
    if (r > 0) out += ',';
    append_ring(out, rings[r]);
  }
  out += ']';
}

void append_keypoints(TextBuffer& out, const std::vector<Keypoint>& keypoints, double shift) {
  out += ",\"keypoints\":[";
  std::string_view separator = "";
  for (const Keypoint& k : keypoints) {
    const double moved = k.visibility == Visibility::kAbsent ? 0 : shift;
    char* to = put(out.room(2 * json::kMaxNumberLength + 4), separator);
    to = json::write_number(to, k.point.x - moved);
    *to++ = ',';
    to = json::write_number(to, k.point.y - moved);
    *to++ = ',';
    *to++ = static_cast<char>('0' + static_cast<int>(k.visibility));
    out.end(to);
    separator = ",";
  }
  out += "],\"num_keypoints\":";
  out.append_integer(labelled_count(keypoints));
}

void append_extra(TextBuffer& out, std::string_view members) {
  if (!members.empty()) {
    out += ',';
    out += members;
  }
  out += '}';
}

void append_segmentation(TextBuffer& out, const Instance& instance, Size image) {
  if (instance.mask() != nullptr) {
    append_mask(out, *instance.mask(), instance.extra->mask_is_compressed);
  } else if (instance.rings.has_holes()) {
    append_mask(out, rasterise(instance.rings, image), true);
  } else {
    append_rings(out, instance.rings);
  }
}

}  // namespace

CocoStyle coco_style(const Dataset& dataset) {
  const bool any = std::ranges::any_of(
      dataset.categories, [](const Category& category) { return !category.keypoints.empty(); });
  return {dataset.keypoint_origin, any};
}

void KeypointNumbers::add(const Instance& instance, KeypointOrigin origin) {
  const double shift = shift_of(origin);
  const auto is_whole = [&](double v) { return v - shift == std::floor(v - shift); };
  for (const Keypoint& k : instance.keypoints) {
    if (k.visibility == Visibility::kAbsent) continue;
    any = true;
    whole = whole && is_whole(k.point.x) && is_whole(k.point.y);
  }
}

void append_coco_head(std::string& out,
                      const std::vector<std::pair<std::string, std::string>>& root_members,
                      KeypointOrigin origin,
                      const KeypointNumbers& numbers) {
  out += '{';
  for (const auto& [name, text] : root_members) {
    json::append_string(out, name);
    out += ':' + text + ",\n";
  }
  const bool continuous = origin == KeypointOrigin::kContinuous;
  if (!numbers.any || (numbers.whole && !continuous)) return;
  out += fmt::format("\"labelloom\":{{\"keypoint_origin\":\"{}\"}},\n",
                     continuous ? "continuous" : "pixel_centre");
}

void append_coco_image(TextBuffer& out, const Image& image) {
  out += "{\"id\":";
  out.append_integer(image.id);
  out += ",\"file_name\":";
  append_string(out, image.file_name);
  out += ",\"width\":";
  out.append_integer(image.size.width);
  out += ",\"height\":";
  out.append_integer(image.size.height);
  append_extra(out, image.extra);
}

void append_coco_annotation_id(TextBuffer& out, std::int64_t id) {
  out += "{\"id\":";
  out.append_integer(id);
}

void append_coco_annotation_rest(TextBuffer& out,
                                 const Instance& instance,
                                 Size image,
                                 const CocoStyle& style) {
  // More than the literals below are long, and seven numbers.
  constexpr std::size_t kRoom = 128 + std::size_t{7} * json::kMaxNumberLength;
  char* to = out.room(kRoom);
  to = put(to, ",\"image_id\":");
  to = json::write_integer(to, instance.image_id);
  to = put(to, ",\"category_id\":");
  to = json::write_integer(to, instance.category_id);
  to = put(to, ",\"bbox\":[");
  to = json::write_number(to, instance.bbox.x);
  to = put(to, ",");
  to = json::write_number(to, instance.bbox.y);
  to = put(to, ",");
  to = json::write_number(to, instance.bbox.width);
  to = put(to, ",");
  to = json::write_number(to, instance.bbox.height);
  to = put(to, "],\"area\":");
  to = json::write_number(to, instance.area);
  to = put(to, instance.iscrowd ? ",\"iscrowd\":1" : ",\"iscrowd\":0");
  to = put(to, ",\"segmentation\":");
  out.end(to);
  append_segmentation(out, instance, image);
  if (!instance.keypoints.empty()) {
    append_keypoints(out, instance.keypoints, shift_of(style.origin));
  } else if (style.any_keypoints) {
    out += ",\"num_keypoints\":0";  // COCOeval asks every annotation of a file with key points
  }
  if (instance.extra && instance.extra->score) {
    out += ",\"score\":";
    out.append_number(*instance.extra->score);
  }
  append_extra(out,
               instance.extra ? std::string_view(instance.extra->members) : std::string_view());
}

void append_coco_category(TextBuffer& out, const Category& category) {
  out += "{\"id\":";
  out.append_integer(category.id);
  out += ",\"name\":";
  append_string(out, category.name);
  if (!category.supercategory.empty()) {
    out += ",\"supercategory\":";
    append_string(out, category.supercategory);
  }
  if (!category.keypoints.empty() || !category.skeleton.empty()) {
    out += ",\"keypoints\":[";
    for (std::size_t i = 0; i < category.keypoints.size(); ++i) {
      if (i > 0) out += ',';
      append_string(out, category.keypoints[i]);
    }
    out += "],\"skeleton\":[";
    for (std::size_t i = 0; i < category.skeleton.size(); ++i) {
      out += fmt::format(
          "{}[{},{}]", i > 0 ? "," : "", category.skeleton[i].first, category.skeleton[i].second);
    }
    out += ']';
  }
  append_extra(out, category.extra);
}

}  // namespace labelloom
