#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/parallel_reduce.h>

#include "formats/coco.h"
#include "formats/file_io.h"
#include "formats/json_text.h"
#include "formats/text_buffer.h"

namespace labelloom {
namespace {

using json::append_string;
using json::TextBuffer;

constexpr std::size_t kRecordsPerChunk = 512;
constexpr std::size_t kChunksAtOnce = 4;

void append_string(TextBuffer& out, std::string_view text) {
  std::string literal;
  append_string(literal, text);
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
  bool first = true;
  for (const Keypoint& k : keypoints) {
    if (!first) out += ',';
    first = false;
    const bool absent = k.visibility == Visibility::kAbsent;
    out.append_number(absent ? k.point.x : k.point.x - shift);
    out += ',';
    out.append_number(absent ? k.point.y : k.point.y - shift);
    out += ',';
    out += static_cast<char>('0' + static_cast<int>(k.visibility));
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

void append_image(TextBuffer& out, const Image& image) {
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

/// What all instances of a file need to be written.
struct Context {
  std::unordered_map<std::int64_t, Size> image_sizes;  // only if there are rings with holes
  double keypoint_shift = 0;
  bool any_keypoints = false;
};

void append_segmentation(TextBuffer& out, const Instance& instance, const Context& context) {
  if (instance.mask() != nullptr) {
    append_mask(out, *instance.mask(), instance.extra->mask_is_compressed);
  } else if (instance.rings.has_holes()) {
    append_mask(out, rasterise(instance.rings, context.image_sizes.at(instance.image_id)), true);
  } else {
    append_rings(out, instance.rings);
  }
}

void append_instance(TextBuffer& out, const Instance& instance, const Context& context) {
  out += "{\"id\":";
  out.append_integer(instance.id);
  out += ",\"image_id\":";
  out.append_integer(instance.image_id);
  out += ",\"category_id\":";
  out.append_integer(instance.category_id);
  out += ",\"bbox\":[";
  out.append_number(instance.bbox.x);
  out += ',';
  out.append_number(instance.bbox.y);
  out += ',';
  out.append_number(instance.bbox.width);
  out += ',';
  out.append_number(instance.bbox.height);
  out += "],\"area\":";
  out.append_number(instance.area);
  out += instance.iscrowd ? ",\"iscrowd\":1,\"segmentation\":" : ",\"iscrowd\":0,\"segmentation\":";
  append_segmentation(out, instance, context);
  if (!instance.keypoints.empty()) {
    append_keypoints(out, instance.keypoints, context.keypoint_shift);
  } else if (context.any_keypoints) {
    out += ",\"num_keypoints\":0";  // COCOeval asks every annotation of a file with key points
  }
  if (instance.extra && instance.extra->score) {
    out += ",\"score\":";
    out.append_number(*instance.extra->score);
  }
  append_extra(out,
               instance.extra ? std::string_view(instance.extra->members) : std::string_view());
}

void append_category(TextBuffer& out, const Category& category) {
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

/// Writes `,\n`-separated records of a section: formatted by all cores, written in order.
template <typename Items, typename Append>
void write_section(OutputFile& file, const char* name, const Items& items, const Append& append) {
  file.write(fmt::format("\"{}\":[", name));
  // A chunk's buffer serves again when the chunk is written: as chunks leave the pipeline in order
  // and no more than so many are in it, the buffers can be taken in turn.
  std::array<TextBuffer, kChunksAtOnce> buffers;
  std::size_t next = 0;
  const auto produce = [&](tbb::flow_control& control) {
    const std::size_t begin = next;
    if (begin >= items.size()) control.stop();
    next = std::min(items.size(), begin + kRecordsPerChunk);
    return begin;
  };
  const auto format = [&](std::size_t begin) {
    TextBuffer& text = buffers[begin / kRecordsPerChunk % kChunksAtOnce];
    text.clear();
    const std::size_t end = std::min(items.size(), begin + kRecordsPerChunk);
    for (std::size_t i = begin; i < end; ++i) {
      text += std::string_view(i == 0 ? "\n" : ",\n");
      append(text, items[i]);
    }
    return &text;
  };
  tbb::parallel_pipeline(
      kChunksAtOnce,
      tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order, produce) &
          tbb::make_filter<std::size_t, TextBuffer*>(tbb::filter_mode::parallel, format) &
          tbb::make_filter<TextBuffer*, void>(
              tbb::filter_mode::serial_in_order,
              [&](const TextBuffer* text) { file.write(text->text()); }));
  file.write("]");
}

/// What has to be known of all instances before the first is written.
struct Survey {
  bool holes = false;
  bool keypoints = false;  // that are not absent
  bool whole = true;       // and lie on whole numbers, as the file counts
  Survey& operator+=(const Survey& other) {
    holes |= other.holes;
    keypoints |= other.keypoints;
    whole &= other.whole;
    return *this;
  }
};

double keypoint_shift(const Dataset& dataset) {
  return dataset.keypoint_origin == KeypointOrigin::kPixelCentre ? 0.5 : 0.0;
}

Survey survey(const Dataset& dataset) {
  const double shift = keypoint_shift(dataset);
  const auto is_whole = [&](double v) { return v - shift == std::floor(v - shift); };
  const auto look = [&](const tbb::blocked_range<std::size_t>& range, Survey result) {
    for (std::size_t i = range.begin(); i < range.end(); ++i) {
      const Instance& instance = dataset.instances[i];
      result.holes = result.holes || instance.rings.has_holes();
      for (const Keypoint& k : instance.keypoints) {
        if (k.visibility == Visibility::kAbsent) continue;
        result.keypoints = true;
        result.whole = result.whole && is_whole(k.point.x) && is_whole(k.point.y);
      }
    }
    return result;
  };
  return tbb::parallel_reduce(tbb::blocked_range<std::size_t>(0, dataset.instances.size(), 4096),
                              Survey{},
                              look,
                              [](Survey a, const Survey& b) { return a += b; });
}

Context make_context(const Dataset& dataset, const Survey& survey) {
  Context context;
  context.keypoint_shift = keypoint_shift(dataset);
  context.any_keypoints = std::ranges::any_of(
      dataset.categories, [](const Category& category) { return !category.keypoints.empty(); });
  if (survey.holes) {
    for (const Image& image : dataset.images) context.image_sizes.emplace(image.id, image.size);
  }
  return context;
}

/// How the key points are meant, where a reader would not find it out from the numbers: whole
/// numbers are taken for pixels.
std::string origin_member(const Dataset& dataset, const Survey& survey) {
  const bool continuous = dataset.keypoint_origin == KeypointOrigin::kContinuous;
  if (!survey.keypoints || (survey.whole && !continuous)) return {};
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
  const Survey known = survey(dataset);
  head += origin_member(dataset, known);
  file.write(head);
  const Context context = make_context(dataset, known);
  write_section(file, "images", dataset.images, append_image);
  file.write(",\n");
  write_section(
      file, "annotations", dataset.instances, [&](TextBuffer& out, const Instance& instance) {
        append_instance(out, instance, context);
      });
  file.write(",\n");
  write_section(file, "categories", dataset.categories, append_category);
  file.write("}\n");
  file.commit();
}

}  // namespace labelloom
