#pragma once

// Internal: the lines of one finished file of rows.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "formats/file_io.h"
#include "select/score_row.h"

namespace labelloom::select {

/// The footer's line.
[[nodiscard]] std::string footer_text(std::size_t count, std::uint32_t crc);

/// Whether two files are of one pool, scored alike; the shard and the model's name may differ.
/// @throws Error(kInvalidData) saying what differs. `file`: the place of `found`.
void refuse_other_scores(const ScoreHeader& found,
                         const ScoreHeader& wanted,
                         const std::string& file);

/// The key of a row without reading the rest. @throws Error(kInvalidData)
[[nodiscard]] std::string key_of_line(std::string_view line);

class ScoreLines {
 public:
  /// Checks header, footer, the number of rows and their CRC.
  /// @throws Error(kInvalidData) for a file that is cut off or damaged.
  explicit ScoreLines(const std::filesystem::path& path);
  [[nodiscard]] const ScoreHeader& header() const { return header_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::string_view text() const { return file_.text(); }
  /// `visit(line, offset)`, in the file's order.
  void for_each_row(const std::function<void(std::string_view, std::size_t)>& visit) const;
  /// Reads a row; errors name file and byte.
  [[nodiscard]] ScoreRow row(std::size_t offset, std::size_t length) const;

 private:
  std::filesystem::path path_;
  InputFile file_;
  ScoreHeader header_;
  std::size_t first_row_ = 0;
  std::size_t footer_ = 0;
  std::size_t count_ = 0;
};

}  // namespace labelloom::select
