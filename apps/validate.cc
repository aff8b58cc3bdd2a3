#include "convert/validate.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "apps/dataset_commands.h"
#include "apps/dataset_io.h"
#include "apps/number_checks.h"
#include "apps/text_table.h"

namespace labelloom::apps {
namespace {

struct Options {
  std::string input;
  std::string images;
  std::size_t example_count = 5;
  double tolerance_px = 1;
  bool rules = false;
  bool json = false;
};

constexpr std::array kSeverities = {Severity::kError, Severity::kWarning, Severity::kInfo};

std::uint64_t place_count(const std::vector<Finding>& found, Severity severity) {
  std::uint64_t count = 0;
  for (const Finding& finding : found) count += finding.severity == severity ? finding.count : 0;
  return count;
}

void print_rules() {
  for (const RuleText& rule : rules()) {
    fmt::print("{:<8} {:<30} {}\n", name(rule.severity), rule.name, rule.reason);
  }
}

void print_json(const std::string& file,
                const Dataset& dataset,
                const std::vector<Finding>& found) {
  JsonText json;
  json().StartObject();
  json.member("file", file);
  json.member("images", std::uint64_t{dataset.images.size()});
  json.member("annotations", std::uint64_t{dataset.instances.size()});
  json.member("categories", std::uint64_t{dataset.categories.size()});
  json.member("errors", place_count(found, Severity::kError));
  json.member("warnings", place_count(found, Severity::kWarning));
  json.key("findings");
  json().StartArray();
  for (const Finding& finding : found) {
    json().StartObject();
    json.member("rule", finding.rule);
    json.member("severity", name(finding.severity));
    json.member("count", finding.count);
    json.member("reason", finding.reason);
    json.key("examples");
    json().StartArray();
    for (const std::string& example : finding.examples) json.element(example);
    json().EndArray();
    json().EndObject();
  }
  json().EndArray();
  json().EndObject();
  json.print();
}

std::string text(const Finding& finding) {
  std::string result = fmt::format("{:<8} {} ({})\n         {}\n",
                                   name(finding.severity),
                                   finding.rule,
                                   finding.count,
                                   finding.reason);
  for (const std::string& example : finding.examples) result += "           " + example + '\n';
  const std::uint64_t left =
      finding.count - std::min<std::uint64_t>(finding.count, finding.examples.size());
  if (left > 0 && !finding.examples.empty()) {
    result += fmt::format("           and {} more\n", left);
  }
  return result;
}

void print_text(const std::string& file,
                const Dataset& dataset,
                const std::vector<Finding>& found) {
  for (const Finding& finding : found) fmt::print("{}\n", text(finding));
  std::string verdict;
  for (const Severity severity : kSeverities) {
    const auto rule_count = std::ranges::count(found, severity, &Finding::severity);
    if (rule_count == 0) continue;
    verdict += fmt::format("{}{} {} in {}",
                           verdict.empty() ? "" : ", ",
                           rule_count,
                           severity == Severity::kInfo
                               ? "info"
                               : std::string(name(severity)) + (rule_count == 1 ? "" : "s"),
                           counted(place_count(found, severity), "place"));
  }
  fmt::print("{}: {}, {}, {}: {}\n",
             file,
             counted(dataset.images.size(), "image"),
             counted(dataset.instances.size(), "annotation"),
             dataset.categories.size() == 1
                 ? "1 category"
                 : fmt::format("{} categories", dataset.categories.size()),
             verdict.empty() ? "nothing to complain about" : verdict);
}

void run_validate(const Options& options) {
  ValidateOptions validate_options;
  if (!options.images.empty()) validate_options.images = options.images;
  validate_options.example_count = options.example_count;
  validate_options.tolerance_px = options.tolerance_px;
  Report report;
  const Dataset dataset = read_coco_file(options.input, /*skip_bad=*/true, report);
  std::vector<Finding> found = findings(report);
  std::ranges::move(validate(dataset, validate_options), std::back_inserter(found));
  std::ranges::stable_sort(found, {}, &Finding::severity);
  if (options.json) {
    print_json(options.input, dataset, found);
  } else {
    print_text(options.input, dataset, found);
  }
  if (place_count(found, Severity::kError) > 0) throw CLI::RuntimeError(1);
}

}  // namespace

void add_validate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("file", options->input, "COCO file to check")->type_name("COCO.json");
  app.add_option("--images",
                 options->images,
                 "Folder of the pictures: also look for missing files and other sizes")
      ->type_name("DIR");
  app.add_option("--examples", options->example_count, "Places shown for each rule")
      ->type_name("N")
      ->check(not_negative())
      ->capture_default_str();
  app.add_option("--tolerance",
                 options->tolerance_px,
                 "How far a box may be from its polygon, or anything from the image's border")
      ->type_name("PX")
      ->check(not_negative())
      ->capture_default_str();
  app.add_flag("--json", options->json, "Print the findings as JSON");
  app.add_flag("--rules", options->rules, "List all rules with their reasons, and check nothing");
  app.footer(
      "Errors are what pycocotools, torchvision or Detectron2 stop at or misread; warnings are\n"
      "suspicious. The exit status is 1 if there are errors, else 0.\n"
      "Example:\n  labelloom validate coco.json --images photos");
  app.callback([options] {
    if (options->rules) return print_rules();
    if (options->input.empty()) throw CLI::RequiredError("file");
    run_validate(*options);
  });
}

}  // namespace labelloom::apps
