// What `labelloom evaluate` prints, and reads again as a reference.

#include <algorithm>

#include <fmt/format.h>

#include "apps/dataset_io.h"
#include "apps/evaluate.h"
#include "apps/text_table.h"
#include "evaluate/coco_summary.h"
#include "evaluate/learning_curve.h"
#include "formats/file_io.h"
#include "formats/json_records.h"

namespace labelloom::apps {
namespace {

using evaluate::CocoScores;
using evaluate::SegmentationScores;
using evaluate::SummaryLine;
using evaluate::Task;
using evaluate::TaskScore;

constexpr std::string_view kSegmentation = "segmentation";

/// The numbers mDSQ is made of: section and member of the JSON.
struct Part {
  std::string_view section;
  std::string_view member;
};
constexpr Part kParts[] = {{"bbox", "AP"}, {kSegmentation, "mIoU"}, {"keypoints", "AP"}};

std::optional<double> score_of(const Evaluation& evaluation, const Part& part) {
  if (part.section == kSegmentation) {
    if (!evaluation.segmentation) return std::nullopt;
    return evaluation.segmentation->mean_iou.value_or(-1);
  }
  for (const CocoScores& scores : evaluation.coco) {
    if (name(scores.task) == part.section) return scores.average_precision();
  }
  return std::nullopt;
}

/// The same numbers of a file.
class Reference final : public json::RecordHandler {
 public:
  std::optional<double> scores[std::size(kParts)];

  void record(const json::Record& record, const json::RecordPlace& /*place*/) override {
    const json::Value root = json::expect_object(record.value(), [] { return std::string(); });
    for (std::size_t i = 0; i < std::size(kParts); ++i) {
      const auto section = root.find(kParts[i].section);
      if (!section) continue;
      const auto path = [&] { return fmt::format("{}.{}", kParts[i].section, kParts[i].member); };
      const auto member = section->find(kParts[i].member);
      if (!member) throw Error(Errc::kInvalidData, {.path = path()}, "is missing");
      scores[i] = member->is(json::Kind::kNull) ? -1 : json::expect_number(*member, path);
    }
  }
};

void add_classes(const CocoScores& scores, std::string& out) {
  const bool keypoints = scores.task == Task::kKeypoints;
  const std::string recall = keypoints ? "AR" : fmt::format("AR@{}", scores.max_detections.back());
  TextTable table({"class", "AP", "AP50", "AP75", recall});
  for (std::size_t k = 0; k < scores.categories.size(); ++k) {
    const std::vector<SummaryLine> lines = summarise(scores, k);
    std::vector<std::string> cells = {scores.categories[k].name};
    for (const std::string& column :
         {std::string("AP"), std::string("AP50"), std::string("AP75"), recall}) {
      const auto line = std::ranges::find(lines, column, &SummaryLine::name);
      cells.push_back(line->value < 0 ? "-" : fmt::format("{:.3f}", line->value));
    }
    table.add(std::move(cells));
  }
  out += table.text();
}

void add_maps(const SegmentationScores& scores, bool per_class, std::string& out) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.3f}", *value) : std::string("-");
  };
  out += fmt::format("segmentation: {}\n Mean IoU       = {}\n Pixel accuracy = {}\n",
                     counted(scores.images, "image"),
                     number(scores.mean_iou),
                     number(scores.pixel_accuracy));
  if (!per_class) return;
  TextTable table({"label", "IoU", "pixels", "predicted"});
  for (const evaluate::ClassIou& row : scores.classes) {
    table.add({std::to_string(row.label),
               row.truth == 0 ? "-" : fmt::format("{:.3f}", row.iou),
               std::to_string(row.truth),
               std::to_string(row.predicted)});
  }
  out += table.text();
}

void add_numbers(JsonText& json, const std::vector<SummaryLine>& lines) {
  for (const SummaryLine& line : lines) json.member(line.name, line.value);
}

void add_scores(JsonText& json, const CocoScores& scores, bool per_class) {
  json.key(name(scores.task));
  json().StartObject();
  add_numbers(json, summarise(scores));
  if (per_class) {
    json.key("classes");
    json().StartArray();
    for (std::size_t k = 0; k < scores.categories.size(); ++k) {
      json().StartObject();
      json.member("category_id", scores.categories[k].id);
      json.member("name", scores.categories[k].name);
      add_numbers(json, summarise(scores, k));
      json().EndObject();
    }
    json().EndArray();
  }
  json().EndObject();
}

void add_number_or_null(JsonText& json, std::string_view key, const std::optional<double>& value) {
  if (value) return json.member(key, *value);
  json.key(key);
  json().Null();
}

void add_maps(JsonText& json, const SegmentationScores& scores, bool per_class) {
  json.key(kSegmentation);
  json().StartObject();
  json.member("images", std::uint64_t{scores.images});
  add_number_or_null(json, "mIoU", scores.mean_iou);
  add_number_or_null(json, "pixel_accuracy", scores.pixel_accuracy);
  if (per_class) {
    json.key("classes");
    json().StartArray();
    for (const evaluate::ClassIou& row : scores.classes) {
      json().StartObject();
      json.member("label", std::uint64_t{row.label});
      json.member("IoU", row.iou);
      json.member("pixels", row.truth);
      json.member("predicted", row.predicted);
      json().EndObject();
    }
    json().EndArray();
  }
  json().EndObject();
}

}  // namespace

double mdsq_against(const std::string& file, const Evaluation& evaluation) {
  Reference reference;
  const InputFile input(file);
  json::ReadOptions json_options;
  json_options.whole_root_object = true;
  json::read_records(input, file, json_options, reference);
  std::vector<TaskScore> tasks;
  for (std::size_t i = 0; i < std::size(kParts); ++i) {
    const std::optional<double> score = score_of(evaluation, kParts[i]);
    const std::string what = fmt::format("{}.{}", kParts[i].section, kParts[i].member);
    if (score.has_value() != reference.scores[i].has_value()) {
      throw Error(Errc::kInvalidData,
                  {.file = file},
                  fmt::format("{} is {}, and this evaluation {}; mDSQ needs both of the same tasks",
                              what,
                              score ? "missing" : "there",
                              score ? "has it" : "has none"));
    }
    if (!score) continue;
    if (*score < 0) {  // no fault of the reference
      throw Error(
          Errc::kInvalidData, {}, fmt::format("mDSQ: there is no ground truth for {}", what));
    }
    tasks.push_back({what, *score, *reference.scores[i]});
  }
  try {
    return evaluate::mean_dsq(tasks);
  } catch (const Error& error) {
    throw Error(error.code(), {.file = file}, error.message());
  }
}

void print_evaluation(const Evaluation& evaluation, bool per_class) {
  std::string out;
  for (const CocoScores& scores : evaluation.coco) {
    out += fmt::format("{}: {}\n", name(scores.task), counted(scores.images, "image"));
    for (const SummaryLine& line : summarise(scores)) {
      out += pycocotools_line(line, scores) + '\n';
    }
    if (per_class) add_classes(scores, out);
  }
  if (evaluation.segmentation) add_maps(*evaluation.segmentation, per_class, out);
  if (evaluation.mdsq) out += fmt::format("mDSQ x 100: {:.2f}\n", 100 * *evaluation.mdsq);
  fmt::print("{}", out);
}

void print_evaluation_json(const Evaluation& evaluation, bool per_class) {
  JsonText json;
  json().StartObject();
  for (const CocoScores& scores : evaluation.coco) add_scores(json, scores, per_class);
  if (evaluation.segmentation) add_maps(json, *evaluation.segmentation, per_class);
  if (evaluation.mdsq) json.member("mDSQ", *evaluation.mdsq);
  json().EndObject();
  json.print();
}

}  // namespace labelloom::apps
