#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/parallel_reduce.h>

#include "formats/coco.h"
#include "formats/coco_text.h"
#include "formats/file_io.h"

namespace labelloom {
namespace {

using json::TextBuffer;

constexpr std::size_t kRecordsPerChunk = 512;
constexpr std::size_t kChunksAtOnce = 4;

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
  KeypointNumbers keypoints;
};

Survey survey(const Dataset& dataset) {
  const auto look = [&](const tbb::blocked_range<std::size_t>& range, Survey result) {
    for (std::size_t i = range.begin(); i < range.end(); ++i) {
      const Instance& instance = dataset.instances[i];
      result.holes = result.holes || instance.rings.has_holes();
      result.keypoints.add(instance, dataset.keypoint_origin);
    }
    return result;
  };
  const auto both = [](Survey a, const Survey& b) {
    a.holes = a.holes || b.holes;
    a.keypoints.add(b.keypoints);
    return a;
  };
  return tbb::parallel_reduce(
      tbb::blocked_range<std::size_t>(0, dataset.instances.size(), 4096), Survey{}, look, both);
}

}  // namespace

void write_coco(const Dataset& dataset, const std::filesystem::path& path) {
  OutputFile file(path);
  const Survey known = survey(dataset);
  std::string head;
  append_coco_head(head, dataset.root_members, dataset.keypoint_origin, known.keypoints);
  file.write(head);
  const CocoStyle style = coco_style(dataset);
  std::unordered_map<std::int64_t, Size> sizes;  // only if there are rings with holes
  if (known.holes) {
    for (const Image& image : dataset.images) sizes.emplace(image.id, image.size);
  }
  write_section(file, "images", dataset.images, append_coco_image);
  file.write(",\n");
  write_section(
      file, "annotations", dataset.instances, [&](TextBuffer& out, const Instance& instance) {
        append_coco_annotation_id(out, instance.id);
        const Size image = instance.rings.has_holes() ? sizes.at(instance.image_id) : Size{};
        append_coco_annotation_rest(out, instance, image, style);
      });
  file.write(",\n");
  write_section(file, "categories", dataset.categories, append_coco_category);
  file.write("}\n");
  file.commit();
}

}  // namespace labelloom
