#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace labelloom::model {

/// What was written down during training: a table of numbers, one row a logging interval. Cells may
/// be empty: metrics, when the row's step was not validated.
struct Curves {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<double>>> rows;  ///< each as long as `columns`

  /// Index of a column. @throws Error(kArgument) when there is none of that name.
  [[nodiscard]] std::size_t column(std::string_view name) const;
};

/// Reads CSV as CurvesFile writes it. A last line without its end, which a killed run leaves, is
/// left out.
/// @throws Error(kParse) naming file and line for what is no number or a row of another length.
[[nodiscard]] Curves parse_curves(std::string_view text, const std::string& file);
[[nodiscard]] Curves read_curves(const std::filesystem::path& file);

/// `curves.csv` while it grows: every row is one write at the end of the file, so that a killed run
/// leaves whole rows and at most one cut line.
class CurvesFile {
 public:
  /// Starts a new file with a head. @throws Error(kArgument) for a name with a comma, a quote or a
  /// line break in it.
  CurvesFile(std::filesystem::path file, std::vector<std::string> columns);
  ~CurvesFile();
  CurvesFile(const CurvesFile&) = delete;
  CurvesFile& operator=(const CurvesFile&) = delete;

  /// Goes on with a file: rows whose column `step` is beyond `last_step` are removed.
  /// A file that is missing is started anew. @throws Error(kInvalidData) for other columns.
  [[nodiscard]] static CurvesFile resume(const std::filesystem::path& file,
                                         std::vector<std::string> columns,
                                         std::size_t last_step);

  /// @throws Error(kIo). As many cells as columns.
  void append(const std::vector<std::optional<double>>& row);

 private:
  CurvesFile(std::filesystem::path file, std::vector<std::string> columns, const Curves& kept);
  std::filesystem::path file_;
  std::size_t column_count_;
  int descriptor_ = -1;
};

inline constexpr std::string_view kStepColumn = "step";

}  // namespace labelloom::model
