#include "apps/label_mapping.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include "formats/error.h"
#include "formats/file_io.h"

namespace labelloom::apps {
namespace {

using rapidjson::Value;

constexpr std::size_t kMostClasses = 255;

std::string text_of(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

/// Reads the members one after the other, so that each may refer to those before it.
class MappingReader {
 public:
  MappingReader(const Value& root, const std::string& file) : root_(root), file_(file) {
    mapping_.source = file;
    mapping_.class_of_value.fill(LabelMapping::kOutside);
  }

  LabelMapping run() {
    check_members();
    read_classes();
    read_map();
    read_ignored();
    return std::move(mapping_);
  }

 private:
  [[noreturn]] void fail(const std::string& path, const std::string& message) const {
    throw Error(Errc::kInvalidData, {.file = file_, .path = path}, message);
  }

  const Value* member(const char* name) const {
    const auto found = root_.FindMember(name);
    return found == root_.MemberEnd() ? nullptr : &found->value;
  }

  void check_members() const {
    for (const auto& entry : root_.GetObject()) {
      const std::string name = text_of(entry.name);
      if (name != "classes" && name != "ignore" && name != "map") {
        fail(name, "unknown member; known: classes, ignore, map");
      }
    }
  }

  void read_classes() {
    const Value* list = member("classes");
    if (list == nullptr || !list->IsArray() || list->Empty() || list->Size() > kMostClasses) {
      fail("classes", fmt::format("expected a list of 1 to {} names", kMostClasses));
    }
    for (const Value& name : list->GetArray()) {
      const std::string path = fmt::format("classes[{}]", mapping_.classes.size());
      if (!name.IsString() || name.GetStringLength() == 0) fail(path, "expected a name");
      if (index_of(text_of(name))) fail(path, labelloom::quoted(text_of(name)) + " is there twice");
      mapping_.classes.push_back(text_of(name));
    }
  }

  void read_map() {
    const Value* map = member("map");
    if (map == nullptr) {
      for (std::size_t i = 0; i < mapping_.classes.size(); ++i) {
        mapping_.class_of_value[i] = static_cast<int>(i);
      }
      return;
    }
    if (!map->IsObject()) fail("map", R"(expected an object such as {"0": "Sky"})");
    for (const auto& entry : map->GetObject()) {
      const std::string key = text_of(entry.name);
      const std::string path = fmt::format("map.{}", key);
      unsigned value = 0;
      const auto [stop, error] = std::from_chars(key.data(), key.data() + key.size(), value);
      if (error != std::errc{} || stop != key.data() + key.size() || value > 255) {
        fail(path, "label maps have values from 0 to 255");
      }
      mapping_.class_of_value[value] = class_index(entry.value, path);
    }
  }

  void read_ignored() {
    const Value* ignored = member("ignore");
    if (ignored == nullptr) {
      ignore(LabelMapping::kIgnored);
    } else if (ignored->IsArray()) {
      for (const Value& value : ignored->GetArray()) ignore(ignored_value(value));
    } else {
      ignore(ignored_value(*ignored));
    }
  }

  int ignored_value(const Value& value) const {
    if (!value.IsInt() || value.GetInt() < 0 || value.GetInt() > 255) {
      fail("ignore", "expected a value from 0 to 255 or a list of them");
    }
    return value.GetInt();
  }

  void ignore(int value) {
    mapping_.class_of_value[static_cast<std::size_t>(value)] = LabelMapping::kIgnored;
  }

  int class_index(const Value& value, const std::string& path) const {
    if (value.IsString()) {
      if (const auto found = index_of(text_of(value))) return *found;
      fail(path, labelloom::quoted(text_of(value)) + " is not one of the classes");
    }
    const auto count = static_cast<int>(mapping_.classes.size());
    if (value.IsInt() && value.GetInt() >= 0 && value.GetInt() < count) return value.GetInt();
    fail(path, fmt::format("expected a class's name or its index, 0 to {}", count - 1));
  }

  std::optional<int> index_of(const std::string& name) const {
    const auto found = std::ranges::find(mapping_.classes, name);
    if (found == mapping_.classes.end()) return std::nullopt;
    return static_cast<int>(found - mapping_.classes.begin());
  }

  const Value& root_;
  const std::string& file_;
  LabelMapping mapping_;
};

}  // namespace

LabelMapping parse_label_mapping(std::string_view json, const std::string& file) {
  rapidjson::Document document;
  // Iterative, so that a deeply nested file cannot exhaust the stack.
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError()) {
    throw Error(Errc::kParse,
                {.file = file, .offset = document.GetErrorOffset()},
                rapidjson::GetParseError_En(document.GetParseError()));
  }
  if (!document.IsObject()) {
    throw Error(
        Errc::kInvalidData, {.file = file}, R"(expected an object such as {"classes": ["Sky"]})");
  }
  return MappingReader(document, file).run();
}

LabelMapping read_label_mapping(const std::filesystem::path& file) {
  return parse_label_mapping(InputFile(file).text(), file.string());
}

std::string canonical_text(const LabelMapping& mapping) {
  std::string text;
  for (std::size_t value = 0; value < mapping.class_of_value.size(); ++value) {
    const int index = mapping.class_of_value[value];
    if (index == LabelMapping::kOutside) continue;
    const std::string name =
        index == LabelMapping::kIgnored
            ? "ignored"
            : labelloom::quoted(mapping.classes[static_cast<std::size_t>(index)],
                                std::string::npos);
    text += fmt::format("{}: {}\n", value, name);
  }
  return text;
}

LabelMapping category_mapping(std::span<const Category> categories) {
  LabelMapping mapping;
  mapping.source = "the categories' ids";
  mapping.class_of_value.fill(LabelMapping::kOutside);
  std::vector<std::string> names;
  for (const Category& category : categories) names.push_back(category.name);
  mapping.classes.push_back(background_name(names));
  mapping.class_of_value[0] = 0;
  for (const Category& category : categories) {
    if (category.id < 1 || category.id >= LabelMapping::kIgnored) continue;
    mapping.class_of_value[static_cast<std::size_t>(category.id)] =
        static_cast<int>(mapping.classes.size());
    mapping.classes.push_back(category.name);
  }
  mapping.class_of_value[LabelMapping::kIgnored] = LabelMapping::kIgnored;
  return mapping;
}

std::vector<int> values_of_classes(const LabelMapping& mapping) {
  constexpr int kNone = -1;
  std::vector<int> values(mapping.classes.size(), kNone);
  std::vector<int> free;      // nothing stands for a class there
  std::vector<int> repeated;  // a class has a smaller value, too, or it is ignored
  for (int value = 0; value < static_cast<int>(mapping.class_of_value.size()); ++value) {
    const int index = mapping.class_of_value[static_cast<std::size_t>(value)];
    if (index == LabelMapping::kOutside) {
      if (value != LabelMapping::kIgnored) free.push_back(value);
    } else if (index == LabelMapping::kIgnored ||
               values[static_cast<std::size_t>(index)] != kNone) {
      repeated.push_back(value);
    } else {
      values[static_cast<std::size_t>(index)] = value;
    }
  }
  free.insert(free.end(), repeated.begin(), repeated.end());
  auto next = free.begin();  // as classes are fewer than values, there are enough
  for (int& value : values) {
    if (value == kNone) value = *next++;
  }
  return values;
}

std::string background_name(std::span<const std::string> names) {
  std::string name = "background";
  while (std::ranges::find(names, name) != names.end()) name.append(1, ')').insert(0, 1, '(');
  return name;
}

}  // namespace labelloom::apps
