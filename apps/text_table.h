#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace labelloom::apps {

/// Lines of aligned columns: the first column to the left, the others to the right. Empty cells at
/// the end of a row may be left out.
class TextTable {
 public:
  TextTable() = default;
  /// A table with a heading.
  explicit TextTable(std::vector<std::string> heading) { add(std::move(heading)); }

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A name and its numbers.
  void add(std::string name, std::initializer_list<std::uint64_t> counts);

  /// One line for each row, each beginning with `indent`.
  [[nodiscard]] std::string text(const std::string& indent = "  ") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// "1 image", "2 images".
[[nodiscard]] std::string counted(std::uint64_t count, const std::string& noun);

}  // namespace labelloom::apps
