#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <tbb/parallel_pipeline.h>

#include "formats/coco.h"
#include "formats/file_io.h"
#include "formats/json_text.h"

namespace labelloom {
namespace {

using json::append_number;
using json::append_string;

constexpr std::size_t kRecordsPerChunk = 512;

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

void append_image(std::string& out, const Image& image) {
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

/// What all instances of a file need to be written.
struct Context {
  std::unordered_map<std::int64_t, Size> image_sizes;  // only if there are rings with holes
  double keypoint_shift = 0;
  bool any_keypoints = false;
};

void append_segmentation(std::string& out, const Instance& instance, const Context& context) {
  if (instance.mask() != nullptr) {
    append_mask(out, *instance.mask(), instance.extra->mask_is_compressed);
  } else if (instance.rings.has_holes()) {
    append_mask(out, rasterise(instance.rings, context.image_sizes.at(instance.image_id)), true);
  } else {
    append_rings(out, instance.rings);
  }
}

void append_instance(std::string& out, const Instance& instance, const Context& context) {
  out += "{\"id\":";
  append_integer(out, instance.id);
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
  append_segmentation(out, instance, context);
  if (!instance.keypoints.empty()) {
    append_keypoints(out, instance.keypoints, context.keypoint_shift);
  } else if (context.any_keypoints) {
    out += ",\"num_keypoints\":0";  // COCOeval asks every annotation of a file with key points
  }
  if (instance.extra && instance.extra->score) {
    out += ",\"score\":";
    append_number(out, *instance.extra->score);
  }
  append_extra(out, instance.extra ? instance.extra->members : JsonMembers{});
}

void append_category(std::string& out, const Category& category) {
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

/// Writes `,\n`-separated records of a section: formatted by all cores, written in order.
template <typename Items, typename Append>
void write_section(OutputFile& file, const char* name, const Items& items, const Append& append) {
  file.write(fmt::format("\"{}\":[", name));
  std::size_t next = 0;
  const auto produce = [&](tbb::flow_control& control) {
    const std::size_t begin = next;
    if (begin >= items.size()) control.stop();
    next = std::min(items.size(), begin + kRecordsPerChunk);
    return begin;
  };
  const auto format = [&](std::size_t begin) {
    std::string text;
    const std::size_t end = std::min(items.size(), begin + kRecordsPerChunk);
    for (std::size_t i = begin; i < end; ++i) {
      text += i == 0 ? "\n" : ",\n";
      append(text, items[i]);
    }
    return text;
  };
  tbb::parallel_pipeline(
      4,
      tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order, produce) &
          tbb::make_filter<std::size_t, std::string>(tbb::filter_mode::parallel, format) &
          tbb::make_filter<std::string, void>(tbb::filter_mode::serial_in_order,
                                              [&](const std::string& text) { file.write(text); }));
  file.write("]");
}

Context make_context(const Dataset& dataset) {
  Context context;
  context.keypoint_shift = dataset.keypoint_origin == KeypointOrigin::kPixelCentre ? 0.5 : 0.0;
  context.any_keypoints = std::ranges::any_of(
      dataset.categories, [](const Category& category) { return !category.keypoints.empty(); });
  const bool holes = std::ranges::any_of(
      dataset.instances, [](const Instance& instance) { return instance.rings.has_holes(); });
  if (holes) {
    for (const Image& image : dataset.images) context.image_sizes.emplace(image.id, image.size);
  }
  return context;
}

/// How the key points are meant, where a reader would not find it out from the numbers: whole
/// numbers are taken for pixels.
std::string origin_member(const Dataset& dataset) {
  bool any = false;
  bool whole = true;
  const double shift = dataset.keypoint_origin == KeypointOrigin::kPixelCentre ? 0.5 : 0.0;
  const auto is_whole = [&](double v) { return v - shift == std::floor(v - shift); };
  for (const Instance& instance : dataset.instances) {
    for (const Keypoint& k : instance.keypoints) {
      if (k.visibility == Visibility::kAbsent) continue;
      any = true;
      whole = whole && is_whole(k.point.x) && is_whole(k.point.y);
    }
  }
  const bool continuous = dataset.keypoint_origin == KeypointOrigin::kContinuous;
  if (!any || (whole && !continuous)) return {};
  return fmt::format("\"labelloom\":{{\"keypoint_origin\":\"{}\"}},\n",
                     continuous ? "continuous" : "pixel_centre");
}

}  // namespace

void write_coco(const Dataset& dataset, const std::filesystem::path& path) {
  OutputFile file(path);
  std::string head = "{";
  for (const auto& [name, text] : dataset.root_members) {
    append_string(head, name);
    head += ':' + text + ",\n";
  }
  head += origin_member(dataset);
  file.write(head);
  const Context context = make_context(dataset);
  write_section(file, "images", dataset.images, append_image);
  file.write(",\n");
  write_section(
      file, "annotations", dataset.instances, [&](std::string& out, const Instance& instance) {
        append_instance(out, instance, context);
      });
  file.write(",\n");
  write_section(file, "categories", dataset.categories, append_category);
  file.write("}\n");
  file.commit();
}

}  // namespace labelloom
