#include "formats/json_members.h"

#include <cstddef>
#include <string>

namespace labelloom {
namespace {

/// Index one past the string literal that begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at < text.size() ? at + 1 : text.size();
}

/// Index of the comma or the end after the value that begins at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size() && !(depth == 0 && text[at] == ',')) {
    if (text[at] == '"') {
      at = end_of_string(text, at);
      continue;
    }
    if (text[at] == '{' || text[at] == '[') ++depth;
    if (text[at] == '}' || text[at] == ']') --depth;
    ++at;
  }
  return at;
}

}  // namespace

std::optional<std::string_view> find_member(const JsonMembers& members, std::string_view name) {
  const std::string_view text = members;
  std::size_t at = 0;
  while (at < text.size() && text[at] == '"') {
    const std::size_t key_end = end_of_string(text, at);
    const std::string_view key = text.substr(at + 1, key_end - at - 2);
    if (key_end >= text.size()) break;
    const std::size_t value = key_end + 1;  // past the colon
    const std::size_t value_end = end_of_value(text, value);
    if (key == name) return text.substr(value, value_end - value);
    at = value_end + 1;
  }
  return std::nullopt;
}

std::string find_plain_string(const JsonMembers& members, std::string_view name) {
  const auto json = find_member(members, name);
  if (!json || json->size() < 2 || json->front() != '"' ||
      json->find('\\') != std::string_view::npos) {
    return {};
  }
  return std::string(json->substr(1, json->size() - 2));
}

JsonMembers replace_member(const JsonMembers& members,
                           std::string_view name,
                           std::string_view value) {
  const auto found = find_member(members, name);
  if (!found) return members;
  JsonMembers result = members;
  const auto at = static_cast<std::size_t>(found->data() - members.data());
  result.replace(at, found->size(), value);
  return result;
}

JsonMembers remove_member(const JsonMembers& members, std::string_view name) {
  const auto found = find_member(members, name);
  if (!found) return members;
  JsonMembers result = members;
  const auto value = static_cast<std::size_t>(found->data() - members.data());
  const std::size_t key = value - name.size() - 3;  // two quotes and a colon
  const std::size_t end = value + found->size();
  if (end < members.size()) return result.erase(key, end + 1 - key);
  return result.erase(key == 0 ? 0 : key - 1);
}

}  // namespace labelloom
