#include "apps/convert_report.h"

#include <cmath>
#include <unordered_map>

#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "apps/remarks.h"

namespace labelloom::apps {
namespace {

using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;
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

void text(Writer& writer, std::string_view value) {
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void key(Writer& writer, std::string_view name) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void number(Writer& writer, std::string_view name, std::uint64_t value) {
  key(writer, name);
  writer.Uint64(value);
}

void counts(Writer& writer,
            std::string_view name,
            const std::map<std::string, std::uint64_t>& values) {
  key(writer, name);
  writer.StartObject();
  for (const auto& [what, n] : values) number(writer, what, n);
  writer.EndObject();
}

void optional_id(Writer& writer, std::string_view name, const std::optional<std::int64_t>& id) {
  key(writer, name);
  if (id) {
    writer.Int64(*id);
  } else {
    writer.Null();
  }
}

/// Null where there is no instance to be far from.
void distance(Writer& writer, std::string_view name, double px) {
  key(writer, name);
  if (std::isfinite(px)) {
    writer.Double(px);
  } else {
    writer.Null();
  }
}

void write_summary(Writer& writer, const LabelStudioSummary& summary) {
  number(writer, "tasks", summary.tasks);
  number(writer, "annotations", summary.annotations);
  number(writer, "cancelled_annotations", summary.cancelled_annotations);
  number(writer, "annotations_of_others", summary.other_annotations);
  number(writer, "predictions_ignored", summary.predictions);
  number(writer, "relations", summary.relations);
  counts(writer, "regions", summary.regions);
  counts(writer, "left_out", summary.left_out);
}

void write_keypoints(Writer& writer, const GroupingResult& grouping) {
  const KeypointCounts n = count(grouping);
  key(writer, "keypoints");
  writer.StartObject();
  number(writer, "read", grouping.keypoints.size());
  number(writer, "owner_in_export", n.given);
  number(writer, "assigned", n.assigned);
  number(writer, "made_an_instance", n.only_instance);
  number(writer, "unassigned", n.unassigned);
  number(writer, "doubtful", n.doubtful);
  key(writer, "owners");
  writer.StartObject();
  for (const auto& [label, categories] : grouping.owners) {
    key(writer, label);
    writer.StartArray();
    for (const std::string& category : categories) text(writer, category);
    writer.EndArray();
  }
  writer.EndObject();
  writer.EndObject();
}

void write_doubtful(Writer& writer, const GroupingResult& grouping, const Dataset& dataset) {
  std::unordered_map<std::int64_t, const Image*> images;
  for (const Image& image : dataset.images) images.emplace(image.id, &image);
  key(writer, "doubtful_keypoints");
  writer.StartArray();
  for (const KeypointDecision& decision : grouping.decisions) {
    if (decision.doubt == Doubt::kNone) continue;
    const LooseKeypoint& keypoint = grouping.keypoints[decision.loose_index];
    writer.StartObject();
    key(writer, "image");
    text(writer, images.at(keypoint.image_id)->file_name);
    key(writer, "image_id");
    writer.Int64(keypoint.image_id);
    key(writer, "label");
    text(writer, keypoint.label);
    key(writer, "region");
    text(writer, keypoint.source_id);
    key(writer, "x");
    writer.Double(keypoint.point.x);
    key(writer, "y");
    writer.Double(keypoint.point.y);
    key(writer, "doubt");
    text(writer, name(decision.doubt));
    optional_id(writer, "instance_id", decision.instance_id);
    optional_id(writer, "other_id", decision.other_id);
    distance(writer, "distance_px", decision.distance_px);
    distance(writer, "other_distance_px", decision.other_distance_px);
    writer.EndObject();
  }
  writer.EndArray();
}

void write_remarks(Writer& writer, const Report& remarks) {
  key(writer, "remarks");
  writer.StartArray();
  for (const Report::Kind& kind : remarks.kinds()) {
    writer.StartObject();
    key(writer, "kind");
    text(writer, kind.name);
    number(writer, "count", kind.count);
    key(writer, "meaning");
    text(writer, explanation(kind.name));
    key(writer, "examples");
    writer.StartArray();
    for (const std::string& example : kind.examples) text(writer, example);
    writer.EndArray();
    writer.EndObject();
  }
  writer.EndArray();
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
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.SetIndent(' ', 2);
  writer.StartObject();
  key(writer, "input");
  text(writer, report.input);
  key(writer, "format");
  text(writer, report.format);
  if (report.summary) write_summary(writer, *report.summary);
  number(writer, "images", dataset.images.size());
  number(writer, "instances", dataset.instances.size());
  number(writer, "categories", dataset.categories.size());
  write_keypoints(writer, report.grouping);
  key(writer, "losses");
  writer.StartArray();
  for (const std::string& loss : report.losses) text(writer, loss);
  writer.EndArray();
  write_remarks(writer, report.remarks);
  write_doubtful(writer, report.grouping, dataset);
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
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
