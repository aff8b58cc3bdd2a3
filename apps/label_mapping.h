#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/dataset.h"

namespace labelloom::apps {

/// What the values of a data set's label maps (PNG files) mean.
struct LabelMapping {
  static constexpr int kOutside = -1;   ///< a value that the mapping does not name
  static constexpr int kIgnored = 255;  ///< a value that says nothing

  std::string source;                ///< the file it is from, for messages
  std::vector<std::string> classes;  ///< at most 255
  /// Of each value: an index in `classes`, kIgnored or kOutside.
  std::array<int, 256> class_of_value{};
};

/// Reads a mapping:
///
///     {"classes": ["Sky", "Road"], "ignore": [11, 255], "map": {"0": "Sky", "3": "Road"}}
///
/// Without `map` value i is class i; without `ignore`, 255 is ignored.
/// @throws Error naming the file and the member that is wrong.
[[nodiscard]] LabelMapping read_label_mapping(const std::filesystem::path& file);
[[nodiscard]] LabelMapping parse_label_mapping(std::string_view json, const std::string& file);

/// The same text for mappings that mean the same.
[[nodiscard]] std::string canonical_text(const LabelMapping& mapping);

/// What label maps mean when nobody says so: 0 is "background", a category's id is that category,
/// 255 is ignored. Ids beyond 254 have no value.
[[nodiscard]] LabelMapping category_mapping(std::span<const Category> categories);

/// Of each class the least value that means it. Classes without a value of their own get free
/// ones; no two are alike.
[[nodiscard]] std::vector<int> values_of_classes(const LabelMapping& mapping);

/// The first class's name where label maps are made of shapes; differs from all `names`.
[[nodiscard]] std::string background_name(std::span<const std::string> names);

}  // namespace labelloom::apps
