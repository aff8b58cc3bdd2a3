#include <algorithm>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <tbb/parallel_pipeline.h>

#include "formats/coco.h"
#include "formats/coco_text.h"
#include "formats/file_io.h"

namespace labelloom {
namespace {

constexpr std::size_t kRecordsPerChunk = 512;

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

/// Sizes of the images, only if there are rings with holes.
std::unordered_map<std::int64_t, Size> sizes_for_holes(const Dataset& dataset) {
  std::unordered_map<std::int64_t, Size> sizes;
  const bool holes = std::ranges::any_of(
      dataset.instances, [](const Instance& instance) { return instance.rings.has_holes(); });
  if (holes) {
    for (const Image& image : dataset.images) sizes.emplace(image.id, image.size);
  }
  return sizes;
}

}  // namespace

void write_coco(const Dataset& dataset, const std::filesystem::path& path) {
  OutputFile file(path);
  KeypointNumbers numbers;
  for (const Instance& instance : dataset.instances) {
    numbers.add(instance, dataset.keypoint_origin);
  }
  std::string head;
  append_coco_head(head, dataset.root_members, dataset.keypoint_origin, numbers);
  file.write(head);
  const CocoStyle style = coco_style(dataset);
  const auto sizes = sizes_for_holes(dataset);
  write_section(file, "images", dataset.images, append_coco_image);
  file.write(",\n");
  write_section(
      file, "annotations", dataset.instances, [&](std::string& out, const Instance& instance) {
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
