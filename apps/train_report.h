#pragma once

// The page that says how a training went: report.html with plots, numbers and pictures. It needs no
// script and no other file than the pictures its caller names.

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/curves.h"

namespace labelloom::apps {

/// A picture with what the network said about it.
struct ReportExample {
  std::string caption;
  std::string picture;  ///< a data URL, or a file's path from the page's folder
};

struct TrainReport {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;    ///< what was trained, and how
  std::vector<std::pair<std::string, std::string>> results;  ///< final numbers
  model::Curves curves;
  std::vector<std::string> metrics;  ///< columns of `curves` that validation measured
  std::vector<ReportExample> examples;
};

[[nodiscard]] std::string train_report_html(const TrainReport& report);
/// @throws Error(kIo)
void write_train_report(const TrainReport& report, const std::filesystem::path& file);

/// The bytes of a JPEG file as a URL.
[[nodiscard]] std::string jpeg_url(std::span<const unsigned char> jpeg);

}  // namespace labelloom::apps
