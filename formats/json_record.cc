#include <string>

#include <fmt/format.h>

#include "formats/json_records.h"
#include "formats/json_text.h"

namespace labelloom::json {
namespace {

/// Drops white space between tokens.
std::string without_spaces(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\') out += json[++i];
      if (c == '"') in_string = false;
    } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
      out += c;
      in_string = c == '"';
    }
  }
  return out;
}

}  // namespace

const char* name(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBoolean:
      return "a boolean";
    case Kind::kNumber:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "?";
}

std::optional<Value> Value::find(std::string_view key) const {
  if (kind() != Kind::kObject) return std::nullopt;
  const std::uint32_t stop = end();
  for (Value k{record_, index_ + 1}; k.index_ != stop;) {
    const Value member{record_, k.index_ + 1};
    if (k.string() == key) return member;
    k.index_ = member.end();
  }
  return std::nullopt;
}

std::string Value::text() const {
  std::string out;
  switch (kind()) {
    case Kind::kNull:
      out = "null";
      break;
    case Kind::kBoolean:
      out = boolean() ? "true" : "false";
      break;
    case Kind::kNumber:
      append_number(out, number());
      break;
    case Kind::kString:
      append_string(out, string());
      break;
    case Kind::kArray:
      for_each_element([&](std::size_t index, const Value& element) {
        out += index == 0 ? '[' : ',';
        out += element.text();
      });
      out += size() == 0 ? "[]" : "]";
      break;
    case Kind::kObject:
      for_each_member([&](std::string_view key, const Value& member) {
        out += out.empty() ? '{' : ',';
        append_string(out, key);
        out += ':';
        out += member.text();
      });
      out += size() == 0 ? "{}" : "}";
      break;
  }
  return out;
}

std::string Record::member_text(std::size_t index) const {
  const auto [begin, end] = members_[index];
  return without_spaces(source_.substr(begin, end - begin));
}

std::string Record::text() const {
  return without_spaces(source_.substr(range_.first, range_.second - range_.first));
}

std::string RecordPlace::text() const {
  if (index == kWholeMember) return std::string(section);
  return fmt::format("{}[{}]", section, index);
}

void fail_expected(std::string_view place_in_record, std::string_view wanted, Value got) {
  std::string what = name(got.kind());
  if (got.is(Kind::kNumber)) what = fmt::format("{}", got.number());
  if (got.is(Kind::kString)) what = quoted(got.string(), 40);
  throw Error(Errc::kInvalidData,
              {.path = std::string(place_in_record)},
              fmt::format("expected {}, got {}", wanted, what));
}

}  // namespace labelloom::json
