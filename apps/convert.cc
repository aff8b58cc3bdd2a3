#include "apps/convert.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "apps/convert_report.h"
#include "apps/dataset_io.h"
#include "apps/number_checks.h"
#include "apps/terminal.h"
#include "convert/unite_images.h"
#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_records.h"

namespace labelloom::apps {
namespace {

struct Options {
  std::string input;
  std::string output;
  std::string images;
  std::string config;
  std::string annotator = "latest";
  std::string image_key;
  std::string keypoint_labels;
  std::optional<double> keypoint_tolerance;
  std::string keypoint_origin;
  std::string report;
  std::string from;
  bool skip_bad = false;
  bool dry_run = false;
};

/// {"label": "category"} or {"label": ["category", ...]}.
class OwnerMap final : public json::RecordHandler {
 public:
  std::map<std::string, std::vector<std::string>> owners;

  void record(const json::Record& record, const json::RecordPlace& /*place*/) override {
    const json::Value value = record.value();
    json::expect_object(value, [] {
      return std::string();
    }).for_each_member([&](std::string_view label, const json::Value& owner) {
      const auto place = [&] { return std::string(label); };
      std::vector<std::string>& names = owners[std::string(label)];
      if (!owner.is(json::Kind::kArray)) {
        names.emplace_back(json::expect_string(owner, place));
        return;
      }
      owner.for_each_element([&](std::size_t, const json::Value& name) {
        names.emplace_back(json::expect_string(name, place));
      });
    });
  }
};

std::map<std::string, std::vector<std::string>> read_owner_map(const std::string& path) {
  const InputFile file(path);
  OwnerMap map;
  json::read_records(file, path, {.whole_root_object = true}, map);
  return map.owners;
}

std::optional<KeypointOrigin> parse_origin(const std::string& text) {
  if (text == "continuous") return KeypointOrigin::kContinuous;
  if (text == "pixel-centre") return KeypointOrigin::kPixelCentre;
  return std::nullopt;
}

ReadResult read_input(const Options& options,
                      const Format& format,
                      const ImageFolder* images,
                      const LabelConfig* config,
                      Report& report) {
  Progress progress("reading", "MB", 1e6);
  return format.read(options.input,
                     {.images = images,
                      .config = config,
                      .annotator = options.annotator,
                      .image_key = options.image_key,
                      .keypoint_origin = parse_origin(options.keypoint_origin),
                      .skip_bad = options.skip_bad,
                      .progress = progress.callback()},
                     report);
}

/// A report in the place of what was read or written would be the end of that.
void refuse_report(const Options& options) {
  for (const std::string& other :
       {options.input, options.config, options.keypoint_labels, options.output}) {
    if (other.empty()) continue;
    refuse_same_file(other, options.report);
    if (other != options.report) continue;
    throw Error(
        Errc::kArgument, {.file = options.report}, "is the name of the report and of another file");
  }
}

/// Only Label Studio's exports have tasks and annotators.
void warn_of_unused(const Options& options, const Format& format) {
  if (format.name == "label-studio") return;
  const auto warn = [&](const char* option, bool is_given) {
    if (is_given) log_warning(fmt::format("{} has no effect on {} files", option, format.name));
  };
  warn("--config", !options.config.empty());
  warn("--annotator", options.annotator != "latest");
  warn("--image-key", !options.image_key.empty());
}

void run_convert(const Options& options) {
  if (!options.output.empty()) refuse_same_file(options.input, options.output);
  if (!options.report.empty()) refuse_report(options);
  const Format& format =
      options.from.empty() ? format_of(options.input) : format_named(options.from);
  warn_of_unused(options, format);
  std::optional<ImageFolder> images;
  if (!options.images.empty()) images.emplace(options.images);
  std::optional<LabelConfig> config;
  if (!options.config.empty()) config = read_label_config(options.config);
  GroupingOptions grouping;
  if (!options.keypoint_labels.empty()) grouping.owners = read_owner_map(options.keypoint_labels);
  grouping.tolerance_px = options.keypoint_tolerance;

  // These live until the process ends: to take them to pieces is a twentieth of the whole job.
  static ReadResult& read = *new ReadResult;
  static ConvertReport& report = *new ConvertReport;
  report = {.input = options.input, .format = std::string(format.name)};
  read = read_input(
      options, format, images ? &*images : nullptr, config ? &*config : nullptr, report.remarks);
  report.summary = read.summary;
  grouping.label_order = read.keypoint_labels;
  report.grouping = group_keypoints(read.dataset, grouping);
  if (options.annotator == "all") unite_images(read.dataset, report.grouping.keypoints);
  for (const auto& mapped : grouping.owners) {
    const auto found =
        std::ranges::find(report.grouping.keypoints, mapped.first, &LooseKeypoint::label);
    if (found != report.grouping.keypoints.end()) continue;
    report.remarks.add("mapped-label-unused", {}, labelloom::quoted(mapped.first));
  }
  const Format& target = format_named("coco");
  report.losses = losses(read.dataset, target);

  if (!options.dry_run) target.write(read.dataset, options.output);
  if (!options.report.empty()) write_file(options.report, to_json(report, read.dataset));
  if (is_quiet()) return;
  fmt::print("{}", to_text(report, read.dataset));
  fmt::print("{} {}: {} images, {} instances, {} categories\n",
             options.dry_run ? "would write" : "wrote",
             options.output.empty() ? "a COCO file" : options.output,
             read.dataset.images.size(),
             read.dataset.instances.size(),
             read.dataset.categories.size());
}

}  // namespace

void add_convert(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option(
         "export", options->input, "Label Studio export (JSON-min or full JSON) or a COCO file")
      ->required()
      ->type_name("EXPORT.json");
  CLI::Option* output =
      app.add_option("-o,--output", options->output, "COCO file to write")->type_name("COCO.json");
  app.add_option(
         "--images", options->images, "Folder of the photographs: gives file names and sizes")
      ->type_name("DIR");
  app.add_option("--config",
                 options->config,
                 "Labelling interface of the project: gives the order of classes and key points")
      ->type_name("CONFIG.xml");
  app.add_option("--annotator",
                 options->annotator,
                 "Whose annotation of a task counts: latest, first, all, or an id or e-mail")
      ->type_name("WHO")
      ->capture_default_str();
  app.add_option("--image-key",
                 options->image_key,
                 "Member of a task's data that names the image; found by its look without this")
      ->type_name("KEY");
  app.add_option("--keypoint-labels",
                 options->keypoint_labels,
                 "JSON file saying which category owns a key point label: {\"head\": \"Bolt\"}; "
                 "found by statistics without this")
      ->type_name("MAP.json");
  app.add_option("--keypoint-tolerance",
                 options->keypoint_tolerance,
                 "How far outside an instance its key points may lie")
      ->type_name("PX")
      ->check(not_negative());
  app.add_option("--keypoint-origin",
                 options->keypoint_origin,
                 "How a COCO file counts key points; found from the numbers without this")
      ->check(CLI::IsMember({"continuous", "pixel-centre"}));
  app.add_option("--report", options->report, "Write every decision to a JSON file")
      ->type_name("REPORT.json");
  app.add_option(
         "--from", options->from, "Format of the input; found from its content without this")
      ->type_name("FORMAT");
  app.add_flag("--skip-bad",
               options->skip_bad,
               "Leave wrong records out, counted in the report, instead of stopping");
  CLI::Option* dry_run =
      app.add_flag("--dry-run", options->dry_run, "Read and report, but write no COCO file");
  app.footer(
      "Example:\n  labelloom convert project-3-at-2026-01-01.json --images photos "
      "--config label_config.xml -o coco.json --report report.json");
  app.callback([options, output, dry_run] {
    if (output->count() == 0 && dry_run->count() == 0) throw CLI::RequiredError("--output");
    run_convert(*options);
  });
}

}  // namespace labelloom::apps
