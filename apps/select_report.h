#pragma once

// report/index.html of a batch: the chosen images with what the model found and what each term of
// BoxMask blames. The page draws over the image files, which stay where they are; nothing is
// decoded here. All names in it are hostile: the script shows them as text only.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/file_io.h"
#include "select/boxmask_combine.h"
#include "select/score_row.h"

namespace labelloom::apps {

/// What the page says of an image beside its row.
struct ReportNote {
  std::size_t rank = 1;
  double score = 0;
  std::string reason;
  std::vector<std::pair<std::string, double>> components;
  select::ImageTerms terms;
};

class SelectReport {
 public:
  struct Head {
    std::string title;
    std::string subtitle;
    std::size_t total = 0;  ///< images of the batch; the page may have fewer
    /// Folder that the images' names are relative to; without it the page has no pictures.
    std::optional<std::filesystem::path> images = {};
  };
  /// @throws Error(kIo)
  SelectReport(const std::filesystem::path& file,
               const Head& head,
               const select::ScoreHeader& header);
  void add(select::ScoreRow row, const ReportNote& note);
  void finish();

 private:
  OutputFile file_;
  select::ScoreHeader header_;
  bool first_ = true;
};

}  // namespace labelloom::apps
