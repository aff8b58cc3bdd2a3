#include "model/curves.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::model {
namespace {

// Far more than any run writes; a damaged file must not take the memory.
constexpr std::size_t kMostColumns = 1000;

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t comma = line.find(',');
    cells.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

std::optional<double> number(std::string_view cell, const std::string& file, std::size_t line) {
  if (cell.empty()) return std::nullopt;
  double value = 0;
  const auto [end, failure] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (failure != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) {
    throw Error(Errc::kParse,
                {.file = file, .line = line},
                labelloom::quoted(cell) + ": expected a number");
  }
  return value;
}

std::string text_of(const std::vector<std::optional<double>>& row) {
  std::string text;
  for (const std::optional<double>& cell : row) {
    if (!text.empty() || &cell != row.data()) text += ',';
    if (cell && std::isfinite(*cell)) fmt::format_to(std::back_inserter(text), "{:.8g}", *cell);
  }
  return text + '\n';
}

std::string head_of(const std::vector<std::string>& columns) {
  for (const std::string& name : columns) {
    if (name.empty() || name.find_first_of(",\"\r\n") != std::string::npos) {
      throw Error(
          Errc::kArgument,
          {},
          labelloom::quoted(name) + ": the name of a column has no comma, quote or line break");
    }
  }
  return fmt::format("{}\n", fmt::join(columns, ","));
}

[[noreturn]] void fail(const std::filesystem::path& file, const char* what) {
  throw Error(
      Errc::kIo, {.file = file.string()}, fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace

std::size_t Curves::column(std::string_view name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end())
    throw Error(Errc::kArgument, {}, "no column " + labelloom::quoted(name));
  return static_cast<std::size_t>(found - columns.begin());
}

Curves parse_curves(std::string_view text, const std::string& file) {
  Curves curves;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    const std::vector<std::string_view> cells = split(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (line == 1) {
      if (cells.size() > kMostColumns) {
        throw Error(Errc::kLimit, {.file = file, .line = line}, "too many columns");
      }
      curves.columns.assign(cells.begin(), cells.end());
      continue;
    }
    if (cells.size() != curves.columns.size()) {
      throw Error(
          Errc::kParse,
          {.file = file, .line = line},
          fmt::format("{} cells, expected {} as in the head", cells.size(), curves.columns.size()));
    }
    std::vector<std::optional<double>>& row = curves.rows.emplace_back();
    row.reserve(cells.size());
    for (const std::string_view cell : cells) row.push_back(number(cell, file, line));
  }
  return curves;
}

Curves read_curves(const std::filesystem::path& file) {
  return parse_curves(InputFile(file).text(), file.string());
}

CurvesFile::CurvesFile(std::filesystem::path file, std::vector<std::string> columns)
    : CurvesFile(std::move(file), std::move(columns), Curves{}) {}

CurvesFile::CurvesFile(std::filesystem::path file,
                       std::vector<std::string> columns,
                       const Curves& kept)
    : file_(std::move(file)), column_count_(columns.size()) {
  std::string text = head_of(columns);
  for (const auto& row : kept.rows) text += text_of(row);
  write_file(file_, text);
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) fail(file_, "cannot open");
}

CurvesFile::~CurvesFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

CurvesFile CurvesFile::resume(const std::filesystem::path& file,
                              std::vector<std::string> columns,
                              std::size_t last_step) {
  if (!std::filesystem::exists(file)) return {file, std::move(columns)};
  Curves kept = read_curves(file);
  if (kept.columns != columns && !kept.columns.empty()) {
    throw Error(Errc::kInvalidData,
                {.file = file.string(), .line = 1},
                fmt::format("the columns are {}, expected {}: is it of another run?",
                            fmt::join(kept.columns, ","),
                            fmt::join(columns, ",")));
  }
  if (!kept.rows.empty()) {
    const std::size_t step = kept.column(kStepColumn);
    std::erase_if(kept.rows, [&](const auto& row) {
      return !row[step] || *row[step] > static_cast<double>(last_step);
    });
  }
  return {file, std::move(columns), kept};
}

void CurvesFile::append(const std::vector<std::optional<double>>& row) {
  if (row.size() != column_count_) {
    throw Error(Errc::kArgument,
                {.file = file_.string()},
                fmt::format("a row of {} cells, expected {}", row.size(), column_count_));
  }
  const std::string text = text_of(row);
  const ssize_t written = ::write(descriptor_, text.data(), text.size());
  if (written < 0) fail(file_, "cannot write a row");
  if (static_cast<std::size_t>(written) < text.size()) {  // of which errno says nothing
    throw Error(
        Errc::kIo,
        {.file = file_.string()},
        fmt::format(
            "only {} of a row's {} bytes were written; is the disk full?", written, text.size()));
  }
}

}  // namespace labelloom::model
