#include "augment/job_report.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "formats/error.h"
#include "formats/file_io.h"
#include "formats/json_text.h"

namespace labelloom::augment {
namespace {

/// Text of a file that may not be UTF-8, for JSON.
std::string printable(std::string text) {
  if (json::is_utf8(text)) return text;
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

}  // namespace

SkippedImage skipped_image(const Dataset& dataset,
                           std::size_t image,
                           std::uint32_t variant,
                           const Error& error) {
  return {image, variant, dataset.images[image].file_name, printable(error.message())};
}

JobSummary summed(std::vector<PartHead> heads) {
  JobSummary summary;
  for (PartHead& head : heads) {
    summary.images += head.images;
    summary.annotations += head.annotations;
    for (SkippedImage& skipped : head.skipped) {
      const bool again = !summary.skipped.empty() && summary.skipped.back() == skipped;
      if (!again) summary.skipped.push_back(std::move(skipped));
    }
  }
  return summary;
}

std::string report_text(const JobSummary& summary) {
  std::string text = fmt::format("{{\n\"images\": {},\n\"annotations\": {},\n\"skipped\": [",
                                 summary.images,
                                 summary.annotations);
  for (const SkippedImage& skipped : summary.skipped) {
    text += text.back() == '[' ? "\n{\"file_name\": " : ",\n{\"file_name\": ";
    json::append_string(text, skipped.file_name);
    if (skipped.variant > 0) text += fmt::format(", \"variant\": {}", skipped.variant);
    text += ", \"reason\": ";
    json::append_string(text, skipped.reason);
    text += '}';
  }
  return text + "]\n}\n";
}

std::optional<JobSummary> read_finished(const std::filesystem::path& report) {
  std::error_code code;
  if (!std::filesystem::exists(report, code)) return std::nullopt;
  const InputFile file(report);
  rapidjson::Document document;
  document.Parse(file.text().data(), file.text().size());
  const rapidjson::Value& members = document;
  if (!members.IsObject()) return std::nullopt;
  const auto images = members.FindMember("images");
  const auto annotations = members.FindMember("annotations");
  const auto skipped = members.FindMember("skipped");
  const auto end = members.MemberEnd();
  if (images == end || annotations == end || skipped == end || !images->value.IsUint64() ||
      !annotations->value.IsUint64() || !skipped->value.IsArray() || !skipped->value.Empty()) {
    return std::nullopt;
  }
  JobSummary summary;
  summary.images = images->value.GetUint64();
  summary.annotations = annotations->value.GetUint64();
  summary.resumed = summary.images;
  return summary;
}

}  // namespace labelloom::augment
