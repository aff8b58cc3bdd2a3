#include "convert/measure.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "apps/dataset_commands.h"
#include "apps/dataset_io.h"
#include "apps/measure_table.h"
#include "apps/terminal.h"
#include "apps/text_table.h"

namespace labelloom::apps {
namespace {

struct Options {
  std::filesystem::path input;
  std::filesystem::path output;
  std::filesystem::path depth_folder;
  double depth_scale = 0.001;
  std::string head;
  std::string tail;
  std::string outer;
  std::string expected;
  std::vector<std::string> categories;
  bool skip_bad = false;
  bool json = false;
};

constexpr const char* kFooter =
    "Every object with a mask or polygon gets the ellipse that has its second-order moments. The "
    "axis\n"
    "is the ellipse's long one; it points to the key point --head, away from --tail. Stand on it "
    "and look\n"
    "along it: the outer side is where the key point --outer lies, left or right as seen in the "
    "picture.\n"
    "With --expect left, objects whose outer side is the left one are placed correctly, others "
    "wrongly.\n"
    "\n"
    "One line an object; empty where something is not known:\n"
    "  image, image_id, annotation_id, category, score\n"
    "  shape             mask, polygon or box (a box has no axis)\n"
    "  area_px, centroid_x, centroid_y\n"
    "  length_px, width_px, elongation     of the ellipse, end to end, and their ratio\n"
    "  axis_deg          0 to the right, 90 down; -180 to 180 if directed, else -90 to 90; empty "
    "for\n"
    "                    round shapes (elongation below 1.02)\n"
    "  directed          yes if key points say which way the axis points, else no\n"
    "  outer_side        left or right\n"
    "  outer_offset_px   how far the outer key point lies to the right of the axis; negative: "
    "left. From\n"
    "                    midway between head and tail, or from the centroid if one of them is "
    "missing\n"
    "  placement         with --expect: correct, wrong, or unknown without key points or axis\n"
    "and with --depth, in metres (0 in a depth image is no measurement):\n"
    "  depth_pixels, depth_valid           the object's pixels, and those measured\n"
    "  depth_mean_m, depth_median_m, depth_sd_m\n"
    "  depth_m_NAME, depth_minus_mean_m_NAME   at each key point in sight, and how much farther "
    "than\n"
    "                    the mean\n"
    "\n"
    "Example:\n"
    "  labelloom measure predictions --depth depth --head pad --tail adjuster --outer pivot \\\n"
    "      --expect left -o table.csv";

MeasureOptions measure_options(const Options& options) {
  const auto name = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  MeasureOptions result;
  result.rule = {.head = name(options.head),
                 .tail = name(options.tail),
                 .outer = name(options.outer),
                 .expected = {}};
  if (!options.expected.empty()) {
    result.rule.expected = options.expected == "left" ? AxisSide::kLeft : AxisSide::kRight;
  }
  result.categories = options.categories;
  if (!options.depth_folder.empty()) {
    result.depth = {.folder = options.depth_folder, .scale = options.depth_scale};
  }
  result.skip_bad = options.skip_bad;
  return result;
}

/// A folder of predictions stands for the COCO file in it.
std::filesystem::path coco_file(const std::filesystem::path& input) {
  std::error_code missing;
  return std::filesystem::is_directory(input, missing) ? input / "coco.json" : input;
}

struct Counts {
  std::uint64_t objects = 0;
  std::uint64_t axes = 0;
  std::uint64_t directed = 0;
  std::uint64_t left = 0;
  std::uint64_t right = 0;
  std::uint64_t correct = 0;
  std::uint64_t wrong = 0;
};

void print_summary(const Dataset& dataset, const std::vector<ObjectMeasure>& objects) {
  using Placement = ObjectMeasure::Placement;
  std::vector<Counts> counts(dataset.categories.size());
  for (const ObjectMeasure& object : objects) {
    Counts& c = counts[object.category];
    c.objects += 1;
    c.axes += object.axis_rad ? 1U : 0U;
    c.directed += object.directed ? 1U : 0U;
    c.left += object.outer_side == AxisSide::kLeft ? 1U : 0U;
    c.right += object.outer_side == AxisSide::kRight ? 1U : 0U;
    c.correct += object.placement == Placement::kCorrect ? 1U : 0U;
    c.wrong += object.placement == Placement::kWrong ? 1U : 0U;
  }
  TextTable table({"class", "objects", "axis", "directed", "left", "right", "correct", "wrong"});
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const Counts& c = counts[i];
    if (c.objects == 0) continue;
    table.add(dataset.categories[i].name,
              {c.objects, c.axes, c.directed, c.left, c.right, c.correct, c.wrong});
  }
  fmt::print("{}", table.text());
}

void run_measure(const Options& options) {
  const std::filesystem::path input = coco_file(options.input);
  refuse_same_file(input, options.output);
  Report report;
  const Dataset dataset = read_coco_file(input, options.skip_bad, report);
  MeasureOptions wanted = measure_options(options);
  std::vector<ObjectMeasure> objects;
  {
    Progress progress("measuring", "images");
    if (wanted.depth) wanted.progress = progress.callback();
    objects = measure(dataset, wanted, report);
  }
  log_remarks(report);
  (options.json ? write_measure_json : write_measure_csv)(
      options.output, dataset, objects, wanted.depth.has_value());
  print_summary(dataset, objects);
  log_info(fmt::format("wrote {}: {}", options.output.string(), counted(objects.size(), "object")));
}

void add_rule_options(CLI::App& app, Options& options) {
  app.add_option("--head", options.head, "Key point the axis points to; default: the first")
      ->type_name("NAME");
  app.add_option("--tail", options.tail, "Key point it points away from; default: the last")
      ->type_name("NAME");
  app.add_option("--outer",
                 options.outer,
                 "Key point on the outer side; default: the second of three or more")
      ->type_name("NAME");
  app.add_option("--expect", options.expected, "Side that is correct, left or right")
      ->check(CLI::IsMember({"left", "right"}))
      ->type_name("SIDE");
  app.add_option("--category", options.categories, "Measure this one only; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

}  // namespace

void add_measure(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("input", options->input, "COCO file, or folder of predictions with a coco.json")
      ->required()
      ->type_name("COCO.json|DIR");
  app.add_option("-o,--output", options->output, "Table to write")
      ->required()
      ->type_name("TABLE.csv");
  add_rule_options(app, *options);
  app.add_option("--depth", options->depth_folder, "Folder of 16-bit PNGs: a.jpg has a.png")
      ->type_name("DIR");
  app.add_option("--depth-scale", options->depth_scale, "Metres that one count stands for")
      ->type_name("M")
      ->capture_default_str();
  app.add_flag("--skip-bad",
               options->skip_bad,
               "Leave wrong records and depth images out instead of stopping");
  app.add_flag("--json", options->json, "Write JSON records instead of CSV");
  app.footer(kFooter);
  app.callback([options] { run_measure(*options); });
}

}  // namespace labelloom::apps
