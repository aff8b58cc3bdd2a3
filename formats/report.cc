#include "formats/report.h"

#include <algorithm>

namespace labelloom {
namespace {

Report::Kind& find_or_add(std::vector<Report::Kind>& kinds, std::string_view name) {
  const auto found = std::ranges::find(kinds, name, &Report::Kind::name);
  if (found != kinds.end()) return *found;
  return kinds.emplace_back(Report::Kind{.name = std::string(name), .count = 0, .examples = {}});
}

}  // namespace

void Report::add(std::string_view kind,
                 const Where& where,
                 std::string_view message,
                 std::uint64_t count) {
  Kind& entry = find_or_add(kinds_, kind);
  entry.count += count;
  if (entry.examples.size() < kKeptPerKind) {
    const std::string place = where.text();
    entry.examples.push_back(place.empty() ? std::string(message)
                                           : place + ": " + std::string(message));
  }
}

void Report::merge(const Report& other) {
  for (const Kind& kind : other.kinds_) {
    Kind& entry = find_or_add(kinds_, kind.name);
    entry.count += kind.count;
    for (const std::string& example : kind.examples) {
      if (entry.examples.size() < kKeptPerKind) entry.examples.push_back(example);
    }
  }
}

std::uint64_t Report::count(std::string_view kind) const {
  const auto found = std::ranges::find(kinds_, kind, &Kind::name);
  return found == kinds_.end() ? 0 : found->count;
}

}  // namespace labelloom
