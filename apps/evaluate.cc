#include "apps/evaluate.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/dataset_io.h"
#include "apps/terminal.h"
#include "formats/coco_results.h"

namespace labelloom::apps {
namespace {

using evaluate::Task;

struct Options {
  std::string truth;
  std::string results;
  std::vector<std::string> types;
  std::string seg_truth;
  std::string seg_results;
  int ignore_label = evaluate::ConfusionMatrix::kIgnore;
  std::vector<int> excluded_labels;
  std::string mdsq_reference;
  std::vector<std::string> sigmas;
  bool id_zero_unmatched = false;
  bool per_class = false;
  bool json = false;
};

[[noreturn]] void fail(const std::string& message) { throw Error(Errc::kArgument, {}, message); }

/// "bolt=0.05,0.1": a category's name and a number for each of its key points.
void add_sigmas(const std::string& text, const Dataset& truth, evaluate::CocoOptions& options) {
  const std::size_t equals = text.rfind('=');
  std::vector<double> values;
  bool fine = equals != std::string::npos && equals > 0;
  for (const char* at = text.data() + equals + 1; fine;) {
    const char* const end = text.data() + text.size();
    double value = 0;
    const auto [next, code] = std::from_chars(at, end, value);
    fine = code == std::errc() && (next == end || *next == ',');
    values.push_back(value);
    if (next == end) break;
    at = next + 1;
  }
  if (!fine) {
    fail(fmt::format("--sigmas {}: expected CATEGORY=NUMBER,NUMBER,...", labelloom::quoted(text)));
  }
  const std::string category = text.substr(0, equals);
  if (std::ranges::find(truth.categories, category, &Category::name) == truth.categories.end()) {
    fail(fmt::format("--sigmas: the ground truth has no category {}", labelloom::quoted(category)));
  }
  if (!options.sigmas.emplace(category, std::move(values)).second) {
    fail(fmt::format("--sigmas: category {} is there twice", labelloom::quoted(category)));
  }
}

bool has_region(const Instance& instance) {
  return instance.mask() != nullptr || !instance.rings.empty();
}

bool is_asked_for(Task task, const Options& options) {
  return std::ranges::find(options.types, name(task)) != options.types.end();
}

/// What is compared if nobody says so: what the results have, and what the truth has if there are
/// no results.
std::vector<Task> tasks_of(const Options& options,
                           const CocoResults& results,
                           const Dataset& truth) {
  const bool none = results.detections.empty();
  const auto in_truth = [&](const auto& has) {
    return none && std::ranges::any_of(truth.instances, has);
  };
  std::vector<Task> tasks;
  const auto add = [&](Task task, bool there) {
    if (options.types.empty() ? there : is_asked_for(task, options)) tasks.push_back(task);
  };
  add(Task::kBoxes, results.has_boxes || none);
  add(Task::kMasks, results.has_masks || in_truth(has_region));
  add(Task::kKeypoints, results.has_keypoints || in_truth([](const Instance& instance) {
                          return labelled_count(instance.keypoints) > 0;
                        }));
  return tasks;
}

/// Masks cannot be compared with a truth that lacks some: they are left out, unless asked for.
void require_regions(const Options& options,
                     const CocoResults& results,
                     const Dataset& truth,
                     std::vector<Task>& tasks) {
  if (std::ranges::find(tasks, Task::kMasks) == tasks.end()) return;
  const auto lacking = std::ranges::find_if_not(truth.instances, has_region);
  if (lacking == truth.instances.end()) return;
  const std::string fault = fmt::format(
      "annotation {} has neither polygons nor a mask, which comparing masks needs", lacking->id);
  if (tasks.size() == 1 || is_asked_for(Task::kMasks, options)) {
    throw Error(Errc::kInvalidData,
                {.file = options.truth},
                fmt::format("{}; --types bbox{} compares the rest",
                            fault,
                            results.has_keypoints ? ",keypoints" : ""));
  }
  log_warning(fmt::format("{}: {}: segm is left out", options.truth, fault));
  std::erase(tasks, Task::kMasks);
}

void warn_about(const Dataset& truth, const Options& options) {
  const bool zero = std::ranges::any_of(truth.instances, [](const auto& i) { return i.id == 0; });
  if (zero && !options.id_zero_unmatched) {
    log_warning(
        "an annotation has the id 0; pycocotools would count whatever is matched with it as wrong "
        "(so does --id-zero-unmatched)");
  }
}

std::vector<evaluate::CocoScores> evaluate_results(const Options& options) {
  Report report;
  const Dataset truth = read_coco_file(options.truth, false, report);
  log_remarks(report);
  warn_about(truth, options);
  CocoResults results;
  {
    Progress progress("reading", "MB", 1e6);
    results = read_coco_results(
        options.results,
        {.keypoint_origin = truth.keypoint_origin, .progress = progress.callback()});
  }
  if (results.detections.empty()) log_warning(options.results + ": there are no detections in it");
  evaluate::CocoOptions coco;
  coco.zero_id_never_matches = options.id_zero_unmatched;
  coco.place = [&](std::size_t i) {
    return Where{
        .file = options.results, .offset = results.offsets[i], .path = fmt::format("[{}]", i)};
  };
  for (const std::string& sigmas : options.sigmas) add_sigmas(sigmas, truth, coco);
  std::vector<evaluate::CocoScores> all;
  std::vector<Task> tasks = tasks_of(options, results, truth);
  require_regions(options, results, truth, tasks);
  for (const Task task : tasks) {
    coco.task = task;
    all.push_back(evaluate::evaluate_coco(truth, results.detections, coco));
  }
  if (!all.empty() && all.front().unknown_category > 0) {
    log_warning(
        fmt::format("{} detections are of categories that the ground truth does not have; "
                    "they play no part",
                    all.front().unknown_category));
  }
  return all;
}

/// Maps that count their classes in different ways look like bad predictions.
void warn_about(const evaluate::SegmentationScores& scores) {
  std::vector<int> unknown;
  for (const evaluate::ClassIou& row : scores.classes) {
    if (row.truth == 0) unknown.push_back(row.label);
  }
  if (unknown.empty()) return;
  constexpr std::size_t kMost = 8;
  const std::size_t shown = std::min(kMost, unknown.size());
  log_warning(
      fmt::format("predicted labels that no map of the ground truth has: {}{}; do both mean "
                  "the same classes?",
                  fmt::join(unknown.begin(), unknown.begin() + static_cast<int>(shown), ", "),
                  unknown.size() > shown ? ", ..." : ""));
}

evaluate::SegmentationScores evaluate_maps(const Options& options) {
  evaluate::SegmentationOptions maps;
  maps.ignore.reset();
  if (options.ignore_label >= 0) maps.ignore = static_cast<std::uint8_t>(options.ignore_label);
  for (const int label : options.excluded_labels) {
    maps.excluded.push_back(static_cast<std::uint8_t>(label));
  }
  evaluate::SegmentationScores scores;
  {
    Progress progress("comparing", "images");
    maps.progress = progress.callback();
    scores = evaluate::evaluate_folders(options.seg_truth, options.seg_results, maps);
  }
  warn_about(scores);
  return scores;
}

void run_evaluate(const Options& options) {
  if (options.truth.empty() && options.seg_truth.empty()) {
    throw CLI::RequiredError("--gt and --dt, or --seg-gt and --seg-dt");
  }
  Evaluation evaluation;
  if (!options.truth.empty()) evaluation.coco = evaluate_results(options);
  if (!options.seg_truth.empty()) evaluation.segmentation = evaluate_maps(options);
  if (!options.mdsq_reference.empty()) {
    evaluation.mdsq = mdsq_against(options.mdsq_reference, evaluation);
  }
  if (options.json) {
    print_evaluation_json(evaluation, options.per_class);
  } else {
    print_evaluation(evaluation, options.per_class);
  }
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* truth = app.add_option("--gt", options->truth, "COCO file with the ground truth")
                    ->type_name("COCO.json");
  auto* results = app.add_option("--dt", options->results, "COCO results: boxes, masks, key points")
                      ->type_name("RESULTS.json");
  truth->needs(results);
  results->needs(truth);
  app.add_option("--types",
                 options->types,
                 "What is compared: bbox, segm, keypoints (what the results have; with none, what "
                 "the truth has)")
      ->check(CLI::IsMember({"bbox", "segm", "keypoints"}))
      ->delimiter(',')
      ->needs(results);
  app.add_option("--sigmas",
                 options->sigmas,
                 "Spread of each key point of a category, for OKS (COCO's if there are 17, else "
                 "0.05)")
      ->type_name("CATEGORY=S,S,...")
      ->needs(results);
  app.add_flag("--id-zero-unmatched",
               options->id_zero_unmatched,
               "Never match the annotation with id 0, as pycocotools does")
      ->needs(results);
  auto* seg_truth = app.add_option("--seg-gt", options->seg_truth, "Folder of label maps (PNG)")
                        ->type_name("DIR");
  auto* seg_results =
      app.add_option("--seg-dt", options->seg_results, "Predicted label maps of the same names")
          ->type_name("DIR");
  seg_truth->needs(seg_results);
  seg_results->needs(seg_truth);
  app.add_option(
         "--ignore-label", options->ignore_label, "Pixels of this label are left out; -1: none")
      ->check(CLI::Range(-1, 255))
      ->capture_default_str()
      ->needs(seg_truth);
  app.add_option("--exclude-label",
                 options->excluded_labels,
                 "Labels that do not count in the mean IoU, e.g. the background's")
      ->check(CLI::Range(0, 255))
      ->delimiter(',')
      ->needs(seg_truth);
  app.add_option("--mdsq-reference",
                 options->mdsq_reference,
                 "What --json printed for the model that was trained with all labels")
      ->type_name("FULL.json");
  app.add_flag("--per-class", options->per_class, "Say it for every class, too");
  app.add_flag("--json", options->json, "Print the numbers as JSON");
  app.footer(
      "The numbers are pycocotools'; -1 says that there is no ground truth of that kind. Mean IoU "
      "is\n"
      "over the labels that the ground truth has: one that is only predicted has no part of its "
      "own.\n"
      "mDSQ is the mean over box AP, mean IoU and key point AP (those there are) of score / "
      "reference.\n"
      "Example:\n  labelloom evaluate --gt coco.json --dt results.json --per-class\n"
      "  labelloom evaluate --gt coco.json --dt results.json --seg-gt masks --seg-dt predicted "
      "--json > full.json");
  app.callback([options] { run_evaluate(*options); });
}

}  // namespace labelloom::apps
