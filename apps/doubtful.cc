#include "apps/doubtful.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::apps {
namespace {

using rapidjson::Value;

/// One record of the report and where it is, for messages.
class Record {
 public:
  Record(const Value& value, std::string file, std::size_t index)
      : value_(value),
        where_{.file = std::move(file), .path = fmt::format("{}[{}]", kList, index)} {
    if (!value_.IsObject()) fail("", "expected an object");
  }

  static constexpr const char* kList = "doubtful_keypoints";

  [[nodiscard]] std::string text(const char* name) const {
    const Value* member = find(name);
    if (member == nullptr || !member->IsString()) fail(name, "expected a string");
    return {member->GetString(), member->GetStringLength()};
  }
  [[nodiscard]] double number(const char* name) const {
    const Value* member = find(name);
    if (member == nullptr || !member->IsNumber()) fail(name, "expected a number");
    return member->GetDouble();
  }
  [[nodiscard]] std::int64_t integer(const char* name) const {
    const Value* member = find(name);
    if (member == nullptr || !member->IsInt64()) fail(name, "expected an integer");
    return member->GetInt64();
  }
  [[nodiscard]] bool has(const char* name) const {
    const Value* member = find(name);
    return member != nullptr && !member->IsNull();
  }

  [[noreturn]] void fail(const char* name, const std::string& message) const {
    Where where = where_;
    if (*name != '\0') where.path += fmt::format(".{}", name);
    throw Error(Errc::kInvalidData, where, message);
  }

 private:
  [[nodiscard]] const Value* find(const char* name) const {
    const auto member = value_.FindMember(name);
    return member == value_.MemberEnd() ? nullptr : &member->value;
  }

  const Value& value_;
  Where where_;
};

DoubtfulKeypoint read_record(const Record& record) {
  static constexpr std::array<std::string_view, 4> kDoubts{
      "ambiguous", "outside", "no-owner", "taken"};
  DoubtfulKeypoint keypoint;
  keypoint.image = record.text("image");
  keypoint.image_id = record.integer("image_id");
  keypoint.label = record.text("label");
  keypoint.point = {record.number("x"), record.number("y")};
  keypoint.doubt = record.text("doubt");
  if (std::ranges::find(kDoubts, keypoint.doubt) == kDoubts.end()) {
    record.fail("doubt",
                fmt::format("unknown doubt {}; known: {}",
                            labelloom::quoted(keypoint.doubt),
                            fmt::join(kDoubts, ", ")));
  }
  if (record.has("instance_id")) keypoint.instance_id = record.integer("instance_id");
  if (record.has("other_id")) keypoint.other_id = record.integer("other_id");
  if (record.has("distance_px")) keypoint.distance_px = record.number("distance_px");
  if (record.has("other_distance_px")) {
    keypoint.other_distance_px = record.number("other_distance_px");
  }
  return keypoint;
}

std::string place(std::optional<double> distance_px, const std::string& name) {
  if (!distance_px) return fmt::format("near {}", name);
  if (std::abs(*distance_px) < 0.05) return fmt::format("on the border of {}", name);
  return fmt::format(
      "{:.1f} px {} {}", std::abs(*distance_px), *distance_px < 0 ? "inside" : "outside", name);
}

}  // namespace

std::vector<DoubtfulKeypoint> read_doubtful(const std::filesystem::path& report) {
  const InputFile file(report);
  rapidjson::Document document;
  const std::string_view text = file.text();
  // Iterative, so that a deeply nested file cannot exhaust the stack.
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError()) {
    throw Error(Errc::kParse,
                {.file = report.string(), .offset = document.GetErrorOffset()},
                rapidjson::GetParseError_En(document.GetParseError()));
  }
  if (!document.IsObject()) {
    throw Error(Errc::kInvalidData,
                {.file = report.string()},
                "expected an object, as `labelloom convert --report` writes it");
  }
  if (!document.HasMember(Record::kList)) return {};
  const Value& list = document[Record::kList];
  if (!list.IsArray()) {
    throw Error(
        Errc::kInvalidData, {.file = report.string(), .path = Record::kList}, "expected an array");
  }
  std::vector<DoubtfulKeypoint> keypoints;
  for (const Value& value : list.GetArray()) {
    keypoints.push_back(read_record(Record(value, report.string(), keypoints.size())));
  }
  return keypoints;
}

std::string explain(const DoubtfulKeypoint& keypoint,
                    const std::string& owner,
                    const std::string& other) {
  const std::string here = place(keypoint.distance_px, owner);
  if (keypoint.doubt == "ambiguous") {
    if (!keypoint.other_id) {
      return fmt::format("Lies {}; another instance is about as likely.", here);
    }
    return fmt::format("Given to {} ({}); it might also belong to {} ({}).",
                       owner,
                       place(keypoint.distance_px, "it"),
                       other,
                       place(keypoint.other_distance_px, "that"));
  }
  if (keypoint.doubt == "outside") {
    return fmt::format("Given to {}, the most likely one, although it lies {}.",
                       owner,
                       place(keypoint.distance_px, "it"));
  }
  if (keypoint.doubt == "taken") {
    if (!keypoint.instance_id) {
      return "The instance it lies in has a key point of this name already. Not in the output.";
    }
    return fmt::format("Lies {}, which has a key point of this name already. Not in the output.",
                       here);
  }
  if (!keypoint.instance_id) return "No instance takes it. Not in the output.";
  return fmt::format(
      "No instance takes it; the nearest that could, {}, is too far ({}). "
      "Not in the output.",
      owner,
      place(keypoint.distance_px, "it"));
}

}  // namespace labelloom::apps
