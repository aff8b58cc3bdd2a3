#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/error.h"

namespace labelloom {

/// Remarks that a job collects instead of throwing: what was skipped, repaired or decided. Remarks
/// of one kind are counted; the first few of each keep their text.
class Report {
 public:
  static constexpr std::size_t kKeptPerKind = 20;

  struct Kind {
    std::string name;  ///< stable, e.g. "polygon-outside-image"
    std::uint64_t count = 0;
    std::vector<std::string> examples;  ///< place and message, at most kKeptPerKind
  };

  /// Counts a remark; `count` for several alike.
  void add(std::string_view kind,
           const Where& where,
           std::string_view message,
           std::uint64_t count = 1);
  void merge(const Report& other);

  [[nodiscard]] bool empty() const { return kinds_.empty(); }
  /// In order of first appearance.
  [[nodiscard]] const std::vector<Kind>& kinds() const { return kinds_; }
  [[nodiscard]] std::uint64_t count(std::string_view kind) const;

 private:
  std::vector<Kind> kinds_;
};

}  // namespace labelloom
