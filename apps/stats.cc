#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "apps/dataset_commands.h"
#include "apps/dataset_io.h"
#include "apps/text_table.h"
#include "convert/statistics.h"

namespace labelloom::apps {
namespace {

struct Options {
  std::string input;
  bool skip_bad = false;
  bool json = false;
};

/// All classes and, when there are several, their total.
std::vector<ClassStatistics> rows(const Statistics& counts) {
  std::vector<ClassStatistics> result = counts.classes;
  if (result.size() != 1) {
    result.push_back(counts.total);
    result.back().name = "all";
  }
  return result;
}

std::string types_table(const Statistics& counts) {
  TextTable table({"class",
                   "instances",
                   "images",
                   "box only",
                   "polygon",
                   "multi-part",
                   "holes",
                   "mask",
                   "crowd",
                   "key points"});
  for (const ClassStatistics& row : rows(counts)) {
    table.add(row.name,
              {row.instances,
               row.images,
               row.box_only,
               row.polygons,
               row.multi_part,
               row.with_holes,
               row.masks,
               row.crowds,
               row.with_keypoints});
  }
  return table.text();
}

std::string sizes_table(const Statistics& counts) {
  TextTable table({"class",
                   "small",
                   "medium",
                   "large",
                   "smallest",
                   "5 %",
                   "25 %",
                   "median",
                   "75 %",
                   "95 %",
                   "largest"});
  for (const ClassStatistics& row : rows(counts)) {
    std::vector<std::string> cells = {
        row.name, std::to_string(row.small), std::to_string(row.medium), std::to_string(row.large)};
    const Quantiles& side = row.side;
    for (const double value :
         {side.minimum, side.q05, side.q25, side.median, side.q75, side.q95, side.maximum}) {
      cells.push_back(row.instances == 0 ? "-" : fmt::format("{:.1f}", value));
    }
    table.add(std::move(cells));
  }
  return table.text();
}

std::string keypoints_table(const Statistics& counts) {
  TextTable table({"class: key point", "visible", "hidden", "absent", "labelled"});
  for (const KeypointStatistics& row : counts.keypoints) {
    const std::uint64_t labelled = row.visible + row.hidden;
    const std::uint64_t all = labelled + row.absent;
    table.add({row.category + ": " + row.name,
               std::to_string(row.visible),
               std::to_string(row.hidden),
               std::to_string(row.absent),
               all == 0
                   ? "-"
                   : fmt::format("{:.0f} %",
                                 100 * static_cast<double>(labelled) / static_cast<double>(all))});
  }
  return table.text();
}

/// Images by their number of instances, in ranges that double.
std::string histogram(const Statistics& counts) {
  TextTable table({"instances on an image", "images"});
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  auto next = counts.instances_per_image.begin();
  while (next != counts.instances_per_image.end()) {
    std::uint64_t images = 0;
    for (; next != counts.instances_per_image.end() && next->first <= high; ++next) {
      images += next->second;
    }
    if (images > 0) {
      table.add(low == high ? std::to_string(low) : fmt::format("{}-{}", low, high), {images});
    }
    low = high + 1;
    high = 2 * high + 1;
  }
  return table.text();
}

std::string image_sizes(const Statistics& counts) {
  constexpr std::size_t kShown = 10;
  TextTable table({"image size", "images"});
  const auto& sizes = counts.image_sizes;
  for (std::size_t i = 0; i < std::min(sizes.size(), kShown); ++i) {
    table.add(fmt::format("{} x {}", sizes[i].first.width, sizes[i].first.height),
              {sizes[i].second});
  }
  if (sizes.size() > kShown) table.add({fmt::format("and {} more", sizes.size() - kShown)});
  return table.text();
}

void print_text(const std::string& file, const Statistics& counts) {
  fmt::print(
      "{}: {} ({} without annotations), {}, {}\n\n",
      file,
      counted(counts.images, "image"),
      counts.images_without_instances,
      counted(counts.total.instances, "instance"),
      counts.classes.size() == 1 ? "1 class" : fmt::format("{} classes", counts.classes.size()));
  fmt::print("Annotation types\n{}\n", types_table(counts));
  fmt::print("Sizes: COCO's buckets by area, and sqrt(width * height) of the box in pixels\n{}\n",
             sizes_table(counts));
  if (!counts.keypoints.empty()) {
    fmt::print("Key points of the instances that carry them\n{}\n", keypoints_table(counts));
  }
  fmt::print("Images\n{}\n{}", histogram(counts), image_sizes(counts));
}

void add_quantiles(JsonText& json, std::string_view key, const Quantiles& q) {
  json.key(key);
  json().StartObject();
  json.member("min", q.minimum);
  json.member("q05", q.q05);
  json.member("q25", q.q25);
  json.member("median", q.median);
  json.member("q75", q.q75);
  json.member("q95", q.q95);
  json.member("max", q.maximum);
  json().EndObject();
}

void add_class(JsonText& json, const ClassStatistics& row) {
  json.member("instances", row.instances);
  json.member("images", row.images);
  json.member("box_only", row.box_only);
  json.member("polygons", row.polygons);
  json.member("multi_part", row.multi_part);
  json.member("with_holes", row.with_holes);
  json.member("masks", row.masks);
  json.member("crowds", row.crowds);
  json.member("with_keypoints", row.with_keypoints);
  json.member("small", row.small);
  json.member("medium", row.medium);
  json.member("large", row.large);
  add_quantiles(json, "area", row.area);
  add_quantiles(json, "side", row.side);
}

void add_keypoints(JsonText& json, const Statistics& counts) {
  json.key("keypoints");
  json().StartArray();
  for (const KeypointStatistics& row : counts.keypoints) {
    json().StartObject();
    json.member("category_id", row.category_id);
    json.member("category", row.category);
    json.member("name", row.name);
    json.member("visible", row.visible);
    json.member("hidden", row.hidden);
    json.member("absent", row.absent);
    json().EndObject();
  }
  json().EndArray();
}

void add_image_counts(JsonText& json, const Statistics& counts) {
  json.key("instances_per_image");
  json().StartObject();
  for (const auto& [instances, images] : counts.instances_per_image) {
    json.member(std::to_string(instances), images);
  }
  json().EndObject();
  json.key("image_sizes");
  json().StartArray();
  for (const auto& [size, images] : counts.image_sizes) {
    json().StartObject();
    json.member("width", std::int64_t{size.width});
    json.member("height", std::int64_t{size.height});
    json.member("images", images);
    json().EndObject();
  }
  json().EndArray();
}

void print_json(const std::string& file, const Statistics& counts) {
  JsonText json;
  json().StartObject();
  json.member("file", file);
  json.member("images", counts.images);
  json.member("images_without_instances", counts.images_without_instances);
  json.key("total");
  json().StartObject();
  add_class(json, counts.total);
  json().EndObject();
  json.key("classes");
  json().StartArray();
  for (const ClassStatistics& row : counts.classes) {
    json().StartObject();
    json.member("category_id", row.category_id);
    json.member("name", row.name);
    add_class(json, row);
    json().EndObject();
  }
  json().EndArray();
  add_keypoints(json, counts);
  add_image_counts(json, counts);
  json().EndObject();
  json.print();
}

void run_stats(const Options& options) {
  Report report;
  const Dataset dataset = read_coco_file(options.input, options.skip_bad, report);
  log_remarks(report);
  const Statistics counts = statistics(dataset);
  if (options.json) {
    print_json(options.input, counts);
  } else {
    print_text(options.input, counts);
  }
}

}  // namespace

void add_stats(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("file", options->input, "COCO file to count")->required()->type_name("COCO.json");
  app.add_flag("--skip-bad", options->skip_bad, "Leave wrong records out instead of stopping");
  app.add_flag("--json", options->json, "Print the counts as JSON, areas in full");
  app.footer("Example:\n  labelloom stats coco.json");
  app.callback([options] { run_stats(*options); });
}

}  // namespace labelloom::apps
