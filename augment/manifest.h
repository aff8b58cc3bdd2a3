#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace labelloom::augment {

/// What the bytes of an output folder depend on: names and JSON values, in order.
class Manifest {
 public:
  void set(std::string_view name, std::string_view json);
  void set(std::string_view name, double value);
  void set_text(std::string_view name, std::string_view value);

  /// A JSON file, one member a line.
  [[nodiscard]] std::string text() const;
  /// @throws Error(kArgument) naming the first member that is another in the file at `path`, and
  /// how to go on; Error(kParse) when it is no manifest.
  void check_same(const std::filesystem::path& path) const;

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

}  // namespace labelloom::augment
