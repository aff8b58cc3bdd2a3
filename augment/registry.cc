#include "augment/registry.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "augment/transform_table.h"

namespace labelloom::augment {
namespace {

std::vector<TransformEntry> make_table() {
  std::vector<TransformEntry> table;
#define LABELLOOM_ADD(function) table.push_back(function());
  LABELLOOM_TRANSFORMS(LABELLOOM_ADD)
#undef LABELLOOM_ADD
  std::ranges::sort(table, {}, &TransformEntry::name);
  return table;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j + 1] + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::span<const TransformEntry> transforms() {
  static const std::vector<TransformEntry> table = make_table();
  return table;
}

const TransformEntry* find_transform(std::string_view name) {
  const auto table = transforms();
  const auto found = std::ranges::lower_bound(table, name, {}, &TransformEntry::name);
  return found != table.end() && found->name == name ? &*found : nullptr;
}

std::string_view nearest_transform(std::string_view name) {
  constexpr std::size_t kLongestName = 64;  // what is longer is no misspelt name
  const auto table = transforms();
  const std::string_view shortened = name.substr(0, kLongestName);
  return std::ranges::min_element(table,
                                  {},
                                  [shortened](const TransformEntry& entry) {
                                    return edit_distance(entry.name, shortened);
                                  })
      ->name;
}

}  // namespace labelloom::augment
