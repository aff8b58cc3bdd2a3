#pragma once

#include <string>

#include "convert/group_keypoints.h"
#include "formats/format.h"

namespace labelloom::apps {

/// Everything `labelloom convert` decided.
struct ConvertReport {
  std::string input = {};
  std::string format = {};
  std::optional<LabelStudioSummary> summary = {};
  GroupingResult grouping = {};
  Report remarks = {};
  std::vector<std::string> losses = {};
};

/// The report as JSON, pretty-printed. Doubtful key points come with the image's file name, the
/// position in the COCO file's frame, and the instances in question.
[[nodiscard]] std::string to_json(const ConvertReport& report, const Dataset& dataset);

/// The report for people: a few aligned lines.
[[nodiscard]] std::string to_text(const ConvertReport& report, const Dataset& dataset);

}  // namespace labelloom::apps
