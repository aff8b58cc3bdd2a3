#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>

#include "formats/coco.h"
#include "formats/file_io.h"
#include "formats/format.h"
#include "formats/json_records.h"
#include "formats/sniff.h"

namespace labelloom {
namespace {

ReadResult read_label_studio_format(const std::filesystem::path& path,
                                    const ReadRequest& request,
                                    Report& report) {
  LabelStudioExport got = read_label_studio(path,
                                            {.images = request.images,
                                             .config = request.config,
                                             .annotator = request.annotator,
                                             .image_key = request.image_key,
                                             .skip_bad = request.skip_bad,
                                             .progress = request.progress},
                                            report);
  return {std::move(got.dataset), std::move(got.keypoint_labels), std::move(got.summary)};
}

ReadResult read_coco_format(const std::filesystem::path& path,
                            const ReadRequest& request,
                            Report& report) {
  return {read_coco(path,
                    {.keypoint_origin = request.keypoint_origin,
                     .images = request.images,
                     .skip_bad = request.skip_bad,
                     .progress = request.progress},
                    report)};
}

constexpr std::array kFormats = {
    Format{
        .name = "label-studio",
        .description = "Label Studio, JSON-min or full JSON",
        .holds =
            {.boxes = true, .polygons = true, .masks = true, .keypoints = true, .scores = true},
        .sniff = [](std::string_view head) { return look_at_json(head) == JsonLook::kLabelStudio; },
        .read = read_label_studio_format,
        .write = nullptr},
    Format{.name = "coco",
           .description = "COCO instances and key points",
           .holds = {.boxes = true,
                     .polygons = true,
                     .masks = true,
                     .keypoints = true,
                     .crowds = true,
                     .scores = true},
           .sniff = [](std::string_view head) { return look_at_json(head) == JsonLook::kCoco; },
           .read = read_coco_format,
           .write = write_coco},
};

std::string known_names() {
  std::string names;
  for (const Format& format : kFormats)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", format.name);
  return names;
}

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format& format_named(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &Format::name);
  if (found == kFormats.end()) {
    throw Error(
        Errc::kArgument,
        {},
        fmt::format("unknown format {}; known: {}", labelloom::quoted(name), known_names()));
  }
  return *found;
}

const Format& format_of(const std::filesystem::path& path) {
  const InputFile file(path);
  const std::string_view head = file.text().substr(0, kSniffBytes);
  const auto found = std::ranges::find_if(kFormats, [&](const Format& f) { return f.sniff(head); });
  if (found != kFormats.end()) return *found;
  if (look_at_json(head) == JsonLook::kCocoResults) {
    throw Error(Errc::kUnexpectedFormat,
                {.file = path.string()},
                "is a list of COCO results without images and categories; expected a data set");
  }
  // Not recognised: if it is no JSON at all, that is the more useful thing to say.
  struct Nothing final : json::RecordHandler {
    void record(const json::Record&, const json::RecordPlace&) override {}
  } nothing;
  json::read_records(file, path.string(), {}, nothing);
  throw Error(Errc::kUnexpectedFormat,
              {.file = path.string()},
              "is JSON of no known kind; known: " + known_names());
}

std::vector<std::string> losses(const Dataset& dataset, const Format& format) {
  struct Rule {
    bool held;
    const char* what;
    bool (*applies)(const Instance&);
  };
  const std::array rules = {
      Rule{format.holds.polygons, "polygons", [](const Instance& i) { return !i.rings.empty(); }},
      Rule{format.holds.holes,
           "polygons with holes, written as masks",
           [](const Instance& i) { return i.rings.has_holes(); }},
      Rule{format.holds.masks, "masks", [](const Instance& i) { return i.mask() != nullptr; }},
      Rule{format.holds.keypoints,
           "key points",
           [](const Instance& i) { return labelled_count(i.keypoints) > 0; }},
      Rule{format.holds.crowds, "crowd regions", [](const Instance& i) { return i.iscrowd; }},
      Rule{format.holds.scores, "scores", [](const Instance& i) {
             return i.extra && i.extra->score;
           }}};
  std::vector<std::string> out;
  for (const Rule& rule : rules) {
    if (rule.held) continue;
    using Range = tbb::blocked_range<std::size_t>;
    const std::size_t count = tbb::parallel_reduce(
        Range(0, dataset.instances.size(), 4096),
        std::size_t{0},
        [&](const Range& range, std::size_t sum) {
          for (std::size_t i = range.begin(); i < range.end(); ++i) {
            if (rule.applies(dataset.instances[i])) ++sum;
          }
          return sum;
        },
        std::plus<>());
    if (count > 0)
      out.push_back(fmt::format("{} cannot hold {} ({} instances)", format.name, rule.what, count));
  }
  return out;
}

}  // namespace labelloom
