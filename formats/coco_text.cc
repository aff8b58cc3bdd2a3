#include "formats/coco_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "formats/json_text.h"

namespace labelloom {
namespace {

using json::append_number;
using json::append_string;

double shift_of(KeypointOrigin origin) {
  return origin == KeypointOrigin::kPixelCentre ? 0.5 : 0.0;
}

void append_integer(std::string& out, std::int64_t value) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

void append_mask(std::string& out, const Rle& mask, bool compressed) {
  out += "{\"size\":[";
  append_integer(out, mask.size.height);
  out += ',';
  append_integer(out, mask.size.width);
  out += "],\"counts\":";
  if (compressed) {
    append_string(out, compress(mask));
  } else {
    char separator = '[';
    for (const std::uint32_t run : mask.counts) {
      out += separator;
      append_integer(out, run);
      separator = ',';
    }
    if (mask.counts.empty()) out += '[';
    out += ']';
  }
  out += '}';
}

/// "[x1,y1,x2,y2,...]", some points at a time: nearly all of a file's bytes come from here.
void append_ring(std::string& out, std::span<const Point2d> ring) {
  constexpr std::size_t kPoints = 32;
  std::array<char, 2 * kPoints*(json::kMaxNumberLength + 1)> buffer;  // NOLINT: written below
  char separator = '[';
  while (!ring.empty()) {
    char* to = buffer.data();
    for (const Point2d& p : ring.first(std::min(kPoints, ring.size()))) {
      *to++ = separator;
      separator = ',';
      to = json::write_number(to, p.x);
      *to++ = ',';
      to = json::write_number(to, p.y);
    }
    out.append(buffer.data(), static_cast<std::size_t>(to - buffer.data()));
    ring = ring.subspan(std::min(kPoints, ring.size()));
  }
  out += ']';
}

void append_rings(std::string& out, const Rings& rings) {
  out += '[';
  for (std::size_t r = 0; r < rings.size(); ++r) {
    if (r > 0) out += ',';
    append_ring(out, rings[r]);
  }
  out += ']';
}

void append_keypoints(std::string& out, const std::vector<Keypoint>& keypoints, double shift) {
  out += ",\"keypoints\":[";
  bool first = true;
  for (const Keypoint& k : keypoints) {
    if (!first) out += ',';
    first = false;
    const bool absent = k.visibility == Visibility::kAbsent;
    append_number(out, absent ? k.point.x : k.point.x - shift);
    out += ',';
    append_number(out, absent ? k.point.y : k.point.y - shift);
    out += ',';
    out += static_cast<char>('0' + static_cast<int>(k.visibility));
  }
  out += "],\"num_keypoints\":";
  append_integer(out, labelled_count(keypoints));
}

void append_extra(std::string& out, const JsonMembers& members) {
  if (!members.empty()) out += ',' + members;
  out += '}';
}

void append_segmentation(std::string& out, const Instance& instance, Size image) {
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
    append_string(out, name);
    out += ':' + text + ",\n";
  }
  const bool continuous = origin == KeypointOrigin::kContinuous;
  if (!numbers.any || (numbers.whole && !continuous)) return;
  out += fmt::format("\"labelloom\":{{\"keypoint_origin\":\"{}\"}},\n",
                     continuous ? "continuous" : "pixel_centre");
}

void append_coco_image(std::string& out, const Image& image) {
  out += "{\"id\":";
  append_integer(out, image.id);
  out += ",\"file_name\":";
  append_string(out, image.file_name);
  out += ",\"width\":";
  append_integer(out, image.size.width);
  out += ",\"height\":";
  append_integer(out, image.size.height);
  append_extra(out, image.extra);
}

void append_coco_annotation_id(std::string& out, std::int64_t id) {
  out += "{\"id\":";
  append_integer(out, id);
}

void append_coco_annotation_rest(std::string& out,
                                 const Instance& instance,
                                 Size image,
                                 const CocoStyle& style) {
  out += ",\"image_id\":";
  append_integer(out, instance.image_id);
  out += ",\"category_id\":";
  append_integer(out, instance.category_id);
  out += ",\"bbox\":[";
  append_number(out, instance.bbox.x);
  out += ',';
  append_number(out, instance.bbox.y);
  out += ',';
  append_number(out, instance.bbox.width);
  out += ',';
  append_number(out, instance.bbox.height);
  out += "],\"area\":";
  append_number(out, instance.area);
  out += instance.iscrowd ? ",\"iscrowd\":1,\"segmentation\":" : ",\"iscrowd\":0,\"segmentation\":";
  append_segmentation(out, instance, image);
  if (!instance.keypoints.empty()) {
    append_keypoints(out, instance.keypoints, shift_of(style.origin));
  } else if (style.any_keypoints) {
    out += ",\"num_keypoints\":0";  // COCOeval asks every annotation of a file with key points
  }
  if (instance.extra && instance.extra->score) {
    out += ",\"score\":";
    append_number(out, *instance.extra->score);
  }
  append_extra(out, instance.extra ? instance.extra->members : JsonMembers{});
}

void append_coco_category(std::string& out, const Category& category) {
  out += "{\"id\":";
  append_integer(out, category.id);
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
