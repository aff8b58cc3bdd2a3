#include "apps/convert_report.h"

#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "apps/dataset_io.h"
#include "apps/remarks.h"

namespace labelloom::apps {
namespace {

using Doubt = KeypointDecision::Doubt;
using How = KeypointDecision::How;

const char* name(Doubt doubt) {
  switch (doubt) {
    case Doubt::kNone:
      return "none";
    case Doubt::kAmbiguous:
      return "ambiguous";
    case Doubt::kOutside:
      return "outside";
    case Doubt::kNoOwner:
      return "no-owner";
    case Doubt::kTaken:
      return "taken";
  }
  return "?";
}

struct KeypointCounts {
  std::size_t given = 0;
  std::size_t assigned = 0;
  std::size_t only_instance = 0;
  std::size_t unassigned = 0;
  std::size_t doubtful = 0;
};

KeypointCounts count(const GroupingResult& grouping) {
  KeypointCounts counts;
  for (const KeypointDecision& decision : grouping.decisions) {
    if (decision.how == How::kGivenBySource) ++counts.given;
    if (decision.how == How::kAssigned) ++counts.assigned;
    if (decision.how == How::kOnlyInstance) ++counts.only_instance;
    if (decision.how == How::kUnassigned) ++counts.unassigned;
    if (decision.doubt != Doubt::kNone) ++counts.doubtful;
  }
  return counts;
}

void counts(JsonText& json,
            std::string_view name,
            const std::map<std::string, std::uint64_t>& values) {
  json.key(name);
  json().StartObject();
  for (const auto& [what, n] : values) json.member(what, std::uint64_t{n});
  json().EndObject();
}

void optional_id(JsonText& json, std::string_view name, const std::optional<std::int64_t>& id) {
  json.key(name);
  if (id) {
    json().Int64(*id);
  } else {
    json().Null();
  }
}

/// Null where there is no instance to be far from.
void distance(JsonText& json, std::string_view name, double px) {
  json.key(name);
  if (std::isfinite(px)) {
    json().Double(px);
  } else {
    json().Null();
  }
}

void write_summary(JsonText& json, const LabelStudioSummary& summary) {
  json.member("tasks", std::uint64_t{summary.tasks});
  json.member("annotations", std::uint64_t{summary.annotations});
  json.member("cancelled_annotations", std::uint64_t{summary.cancelled_annotations});
  json.member("annotations_of_others", std::uint64_t{summary.other_annotations});
  json.member("predictions_ignored", std::uint64_t{summary.predictions});
  json.member("relations", std::uint64_t{summary.relations});
  counts(json, "regions", summary.regions);
  counts(json, "left_out", summary.left_out);
}

void write_keypoints(JsonText& json, const GroupingResult& grouping) {
  const KeypointCounts n = count(grouping);
  json.key("keypoints");
  json().StartObject();
  json.member("read", std::uint64_t{grouping.keypoints.size()});
  json.member("owner_in_export", std::uint64_t{n.given});
  json.member("assigned", std::uint64_t{n.assigned});
  json.member("made_an_instance", std::uint64_t{n.only_instance});
  json.member("unassigned", std::uint64_t{n.unassigned});
  json.member("doubtful", std::uint64_t{n.doubtful});
  json.key("owners");
  json().StartObject();
  for (const auto& [label, categories] : grouping.owners) {
    json.key(label);
    json().StartArray();
    for (const std::string& category : categories) json.element(category);
    json().EndArray();
  }
  json().EndObject();
  json().EndObject();
}

void write_doubtful(JsonText& json, const GroupingResult& grouping, const Dataset& dataset) {
  std::unordered_map<std::int64_t, const Image*> images;
  for (const Image& image : dataset.images) images.emplace(image.id, &image);
  json.key("doubtful_keypoints");
  json().StartArray();
  for (const KeypointDecision& decision : grouping.decisions) {
    if (decision.doubt == Doubt::kNone) continue;
    const LooseKeypoint& keypoint = grouping.keypoints[decision.loose_index];
    json().StartObject();
    json.key("image");
    json.element(images.at(keypoint.image_id)->file_name);
    json.key("image_id");
    json().Int64(keypoint.image_id);
    json.key("label");
    json.element(keypoint.label);
    json.key("region");
    json.element(keypoint.source_id);
    json.key("x");
    json().Double(keypoint.point.x);
    json.key("y");
    json().Double(keypoint.point.y);
    json.key("doubt");
    json.element(name(decision.doubt));
    optional_id(json, "instance_id", decision.instance_id);
    optional_id(json, "other_id", decision.other_id);
    distance(json, "distance_px", decision.distance_px);
    distance(json, "other_distance_px", decision.other_distance_px);
    json().EndObject();
  }
  json().EndArray();
}

void write_remarks(JsonText& json, const Report& remarks) {
  json.key("remarks");
  json().StartArray();
  for (const Report::Kind& kind : remarks.kinds()) {
    json().StartObject();
    json.key("kind");
    json.element(kind.name);
    json.member("count", std::uint64_t{kind.count});
    json.key("meaning");
    json.element(explanation(kind.name));
    json.key("examples");
    json().StartArray();
    for (const std::string& example : kind.examples) json.element(example);
    json().EndArray();
    json().EndObject();
  }
  json().EndArray();
}

std::string list(const std::map<std::string, std::uint64_t>& values) {
  std::string out;
  for (const auto& [what, n] : values) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n, what);
  }
  return out;
}

}  // namespace

std::string to_json(const ConvertReport& report, const Dataset& dataset) {
  JsonText json;
  json().StartObject();
  json.key("input");
  json.element(report.input);
  json.key("format");
  json.element(report.format);
  if (report.summary) write_summary(json, *report.summary);
  json.member("images", std::uint64_t{dataset.images.size()});
  json.member("instances", std::uint64_t{dataset.instances.size()});
  json.member("categories", std::uint64_t{dataset.categories.size()});
  write_keypoints(json, report.grouping);
  json.key("losses");
  json().StartArray();
  for (const std::string& loss : report.losses) json.element(loss);
  json().EndArray();
  write_remarks(json, report.remarks);
  write_doubtful(json, report.grouping, dataset);
  json().EndObject();
  return json.text();
}

std::string to_text(const ConvertReport& report, const Dataset& /*dataset*/) {
  std::string out = fmt::format("{} ({})\n", report.input, report.format);
  if (report.summary) {
    const LabelStudioSummary& s = *report.summary;
    out += fmt::format("  read        {} annotations of {} tasks", s.annotations, s.tasks);
    if (s.cancelled_annotations > 0) out += fmt::format(", {} cancelled", s.cancelled_annotations);
    if (s.other_annotations > 0)
      out += fmt::format(", {} of other annotators", s.other_annotations);
    out += fmt::format("\n  regions     {}\n", s.regions.empty() ? "none" : list(s.regions));
    out += fmt::format("  became      {} instances, {} key points\n", s.instances, s.keypoints);
    if (!s.left_out.empty()) out += fmt::format("  left out    {}\n", list(s.left_out));
  }
  if (!report.grouping.keypoints.empty()) {
    const KeypointCounts n = count(report.grouping);
    out += fmt::format(
        "  key points  {} given an owner by the export, {} assigned, {} in instances "
        "of their own, {} unassigned; {} doubtful\n",
        n.given,
        n.assigned,
        n.only_instance,
        n.unassigned,
        n.doubtful);
  }
  for (const Report::Kind& kind : report.remarks.kinds()) {
    const std::string_view meaning = explanation(kind.name);
    out += fmt::format("  remark      {} {}\n", kind.count, meaning.empty() ? kind.name : meaning);
  }
  for (const std::string& loss : report.losses) out += fmt::format("  loss        {}\n", loss);
  return out;
}

}  // namespace labelloom::apps
