#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "augment/job.h"

namespace labelloom::augment {

[[nodiscard]] SkippedImage skipped_image(const Dataset& dataset,
                                         std::size_t image,
                                         std::uint32_t variant,
                                         const Error& error);

/// The parts' counts and remarks together; an image that is skipped in several parts counts once.
[[nodiscard]] JobSummary summed(std::vector<PartHead> heads);

/// The text of report.json.
[[nodiscard]] std::string report_text(const JobSummary& summary);

/// The summary of a report.json that says that nothing was skipped; nothing for others.
[[nodiscard]] std::optional<JobSummary> read_finished(const std::filesystem::path& report);

}  // namespace labelloom::augment
